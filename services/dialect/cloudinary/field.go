package cloudinary

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/services/internal/asset"
)

// Bounds on what one parameter may hold.
const (
	maxTags           = 1000
	maxFormats        = 100
	maxText           = 1024
	maxURL            = 8 << 10
	maxTransformation = 16 << 10
	maxEager          = 100
	maxPairs          = 1000
	maxBoxes          = 200
	maxPixel          = 1 << 20
)

// fields reads parameters one after another and keeps the first error, so that a call reads as a list of what it has.
type fields struct {
	params Params
	err    error
}

func (f *fields) check(err error) {
	if f.err == nil && err != nil {
		f.err = err
	}
}

func (f *fields) text(name string) string { return f.params.Get(name) }

func (f *fields) truth(name string, without bool) bool {
	truth, err := f.params.Bool(name, without)
	f.check(err)
	return truth
}

func (f *fields) number(name string, without, least, most int64) int64 {
	n, err := f.params.Int(name, without, least, most)
	f.check(err)
	return n
}

// short reads a text of one line.
func (f *fields) short(name string) string { return f.bounded(name, maxText) }

func (f *fields) bounded(name string, most int) string {
	text := f.text(name)
	if len(text) > most {
		f.check(invalid(name, text, "at most "+strconv.Itoa(most)+" bytes"))
	}
	if strings.ContainsFunc(text, isControl) {
		f.check(invalid(name, text, "a text without control characters"))
	}
	return text
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

func (f *fields) required(name string) string {
	text := f.short(name)
	if text == "" {
		f.check(MissingParameter(name))
	}
	return text
}

// choice reads one of the values; the first is what stands for nothing.
func (f *fields) choice(name string, values ...string) string {
	text := f.text(name)
	if text == "" {
		return values[0]
	}
	f.oneOf(name, text, values...)
	return text
}

func (f *fields) oneOf(name, text string, values ...string) {
	if !slices.Contains(values, text) {
		f.check(invalid(name, text, "one of "+strings.Join(values, ", ")))
	}
}

// transformation reads a transformation, which is opaque here.
func (f *fields) transformation(name string) string {
	return strings.Trim(f.bounded(name, maxTransformation), "/ ")
}

func (f *fields) format(name string) string {
	text := strings.ToLower(f.text(name))
	f.checkFormat(text)
	return text
}

func (f *fields) checkFormat(text string) {
	if text != "" && !validFormat(text) {
		f.check(refuse("Invalid extension in transformation: %s", brief(text)))
	}
}

// validFormat tells whether a text could be a file's extension.
func validFormat(text string) bool {
	return text != "" && len(text) <= 10 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// address reads an http or https URL.
func (f *fields) address(name string) string {
	text := f.text(name)
	if text != "" && !validURL(text) {
		f.check(invalid(name, text, "an http or https URL"))
	}
	return text
}

func validURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && len(text) <= maxURL && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// list reads values with commas between them, each once.
func (f *fields) list(name string, most int) []string {
	var list []string
	seen := map[string]bool{}
	for text := range strings.SplitSeq(f.text(name), ",") {
		text = strings.TrimSpace(text)
		if text == "" || seen[text] {
			continue
		}
		if len(text) > maxText || strings.ContainsFunc(text, isControl) || len(list) == most {
			f.check(invalid(name, text, "at most "+strconv.Itoa(most)+" values of at most "+strconv.Itoa(maxText)+" bytes"))
			return list
		}
		seen[text] = true
		list = append(list, text)
	}
	return list
}

// publicIDs reads a list of public ids, each once. They may hold commas where they come one by one.
func (f *fields) publicIDs(name string, most int) []string {
	ids := f.params.All(name)
	if len(ids) == 1 {
		ids = strings.Split(ids[0], ",")
	}
	seen := map[string]bool{"": true}
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		again := seen[id]
		seen[id] = true
		return again
	})
	if len(ids) > most {
		f.check(refuse("Too many %s - at most %d are allowed", name, most))
	}
	for _, id := range ids {
		if utf8.RuneCountInString(id) > maxPublicID {
			f.check(badPublicID(id))
		}
	}
	return ids
}

// pairs reads key=value|key=value, with \= and \| for those characters themselves, or an object of JSON.
func (f *fields) pairs(name string) map[string]string {
	text := strings.TrimSpace(f.text(name))
	if text == "" {
		return nil
	}
	pairs := map[string]string{}
	var object map[string]json.RawMessage
	if text[0] == '{' && json.Unmarshal([]byte(text), &object) == nil {
		for key, raw := range object {
			if value, null := jsonText(raw); !null {
				pairs[key] = value
			}
		}
	} else {
		for _, pair := range splitEscaped(text, '|', -1) {
			parts := splitEscaped(pair, '=', 2)
			if len(parts) < 2 || parts[0] == "" {
				f.check(invalid(name, pair, "key=value"))
				return nil
			}
			pairs[unescape(parts[0])] = unescape(parts[1])
		}
	}
	if len(pairs) > maxPairs {
		f.check(refuse("Too many values in %s - at most %d are allowed", name, maxPairs))
	}
	return pairs
}

// splitEscaped splits at a character unless a backslash stands before it, into at most so many parts.
func splitEscaped(text string, at byte, most int) []string {
	var parts []string
	start := 0
	for i := 0; i < len(text) && len(parts) != most-1; i++ {
		switch text[i] {
		case '\\':
			i++
		case at:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// unescape takes the backslash from before = and |, where the libraries write one.
var unescape = strings.NewReplacer(`\=`, "=", `\|`, "|").Replace

// boxes reads x,y,width,height|…, or lists of JSON, as Go's library writes them.
func (f *fields) boxes(name string) []asset.Box {
	text := strings.NewReplacer("],[", "|", "[", "", "]", "", " ", "").Replace(strings.Join(f.params.All(name), "|"))
	if text == "" {
		return nil
	}
	var boxes []asset.Box
	for one := range strings.SplitSeq(text, "|") {
		parts := strings.Split(one, ",")
		var n [4]int
		fine := len(parts) == len(n) && len(boxes) < maxBoxes
		for i := 0; fine && i < len(n); i++ {
			var err error
			n[i], err = strconv.Atoi(parts[i])
			fine = err == nil && n[i] >= 0 && n[i] <= maxPixel
		}
		if !fine {
			f.check(invalid(name, one, "x,y,width,height in pixels"))
			return nil
		}
		boxes = append(boxes, asset.Box{X: n[0], Y: n[1], Width: n[2], Height: n[3]})
	}
	return boxes
}
