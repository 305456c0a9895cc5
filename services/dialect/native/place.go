package native

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	wantPlace       = "the name or the id of a source of the application"
	wantDestination = "the name of a destination of the application"
	wantKey         = "a path of 1 to 1024 characters, none of them a control character"
	wantPlaces      = "a list of 1 to 16 destinations, each an object with name and key"
	maxKey          = 1024
	maxPlaces       = 16
)

var placeName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$`)

// place takes the name of a place and a key, which go together; false when there is neither.
func (p *parser) place(o *object, field, want string) (Place, bool) {
	name, named := o.text(field, want)
	key, keyed := o.text("key", wantKey)
	if !named && !keyed {
		return Place{}, false
	}
	if o.fields[field] == nil || named && !placeName.MatchString(name) {
		o.fail(field, want)
	}
	if o.fields["key"] == nil || keyed && !validKey(key) {
		o.fail("key", wantKey)
	}
	return Place{Name: name, Key: key}, true
}

func validKey(key string) bool {
	return key != "" && utf8.RuneCountInString(key) <= maxKey && !strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// places reads where an output goes; none when it stays here.
func (p *parser) places(save *object) []Place {
	if _, given := save.fields["destinations"]; !given {
		return nil
	}
	items := save.list("destinations", wantPlaces)
	if n := len(items); items != nil && (n < 1 || n > maxPlaces) {
		save.fail("destinations", wantPlaces)
		return nil
	}
	var all []Place
	for i, item := range items {
		all = append(all, p.destination(index(save.name("destinations"), i), item))
	}
	return all
}

func (p *parser) destination(path string, raw json.RawMessage) Place {
	o, ok := p.open(path, raw)
	if !ok {
		return Place{}
	}
	defer o.close()
	place, given := p.place(o, "name", wantDestination)
	if !given && o.fields["name"] == nil && o.fields["key"] == nil {
		p.fail(path, raw, "an object with name and key")
	}
	return place
}
