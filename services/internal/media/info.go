package media

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/ringback/ringback/events"
)

// Bounds of what may be said of an item, in bytes unless they count.
const (
	MaxText     = 1 << 10
	MaxMessage  = 16 << 10
	MaxTags     = 200
	MaxTag      = 100
	MaxMetadata = 16 << 10
	maxFields   = 100
	maxRotation = 359
)

// FieldError is what is wrong with one field.
type FieldError struct {
	// Field is its path, such as uploader.firstname.
	Field string
	// Value is what was found, as JSON; empty when it is too long to be repeated.
	Value string
	// Want is what would have been right, as a phrase.
	Want string
}

// Error names the field and what was expected.
func (e *FieldError) Error() string { return e.Field + ": want " + e.Want }

// FieldErrors lists every [FieldError] in an error of this package.
func FieldErrors(err error) []*FieldError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*FieldError
		for _, one := range joined.Unwrap() {
			all = append(all, FieldErrors(one)...)
		}
		return all
	}
	if one, ok := errors.AsType[*FieldError](err); ok {
		return []*FieldError{one}
	}
	return nil
}

// Validate reports every field that an item cannot have, joined; each is a [FieldError]. What passes can be written as
// the XML of the callback.
func Validate(i events.MediaInfo) error {
	c := &check{}
	c.texts(i)
	c.counts(i)
	if place := i.Place; place != nil {
		c.degrees("place.latitude", place.Latitude, 90)
		c.degrees("place.longitude", place.Longitude, 180)
	}
	if i.Rotation < 0 || i.Rotation > maxRotation {
		c.fail("rotation", fmt.Sprintf("degrees from 0 to %d", maxRotation))
	}
	if s := i.Moderation.Status; s < events.MediaUnmoderated || s > events.MediaDenied {
		c.fail("moderation.status", "0 for unmoderated, 1 for approved or 2 for denied")
	}
	if year := i.CreatedAt.UTC().Year(); !i.CreatedAt.IsZero() && (year < 1 || year > 9999) {
		c.fail("created_at", "a year of four digits")
	}
	return errors.Join(c.errs...)
}

type check struct{ errs []error }

func (c *check) fail(field, want string) {
	c.errs = append(c.errs, &FieldError{Field: field, Want: want})
}

func (c *check) text(field, text string, most int) {
	if flaw := Flaw(text, most); flaw != "" {
		c.fail(field, flaw)
	}
}

func (c *check) texts(i events.MediaInfo) {
	c.text("title", i.Title, MaxText)
	c.text("message", i.Message, MaxMessage)
	if len(i.Tags) > MaxTags {
		c.fail("tags", fmt.Sprintf("at most %d of them", MaxTags))
	}
	for _, tag := range i.Tags {
		if tag == "" || strings.ContainsFunc(tag, unicode.IsSpace) {
			c.fail("tags", "words without spaces")
			break
		}
		if flaw := Flaw(tag, MaxTag); flaw != "" {
			c.fail("tags", flaw)
			break
		}
	}
	for _, f := range []struct{ field, text string }{
		{"injector", i.Injector},
		{"sender", i.Sender},
		{"moderation.note", i.Moderation.Note},
		{"uploader.name", i.Uploader.Name},
		{"uploader.country", i.Uploader.Country},
		{"uploader.city", i.Uploader.City},
		{"uploader.state", i.Uploader.State},
		{"uploader.nickname", i.Uploader.Nickname},
		{"uploader.firstname", i.Uploader.Firstname},
		{"uploader.lastname", i.Uploader.Lastname},
		{"url", i.URL},
		{"language", i.Language},
		{"channel.shortname", i.Channel.Shortname},
		{"channel.name", i.Channel.Name},
	} {
		c.text(f.field, f.text, MaxText)
	}
	c.metadata(i.Metadata)
}

func (c *check) metadata(fields map[string]string) {
	size := 0
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		size += len(name) + len(fields[name])
		if Flaw(name+fields[name], MaxMetadata) != "" || name == "" {
			c.fail("metadata", "names and texts without control characters")
			return
		}
	}
	if len(fields) > maxFields || size > MaxMetadata {
		c.fail("metadata", fmt.Sprintf("at most %d fields of %d bytes together", maxFields, MaxMetadata))
	}
}

func (c *check) counts(i events.MediaInfo) {
	for _, f := range []struct {
		field string
		n     int64
	}{
		{"privacy", int64(i.Privacy)},
		{"autoblog", int64(i.Autoblog)},
		{"offensive", int64(i.Offensive)},
		{"hits", i.Hits},
		{"moderation.denied_id", i.Moderation.DeniedID},
		{"comments.count", i.Comments.Count},
		{"comments.approved", i.Comments.Approved},
		{"comments.not_denied", i.Comments.NotDenied},
		{"parent", i.Parent},
		{"uploader.id", i.Uploader.ID},
		{"channel.id", i.Channel.ID},
	} {
		if f.n < 0 {
			c.fail(f.field, "a number that is not negative")
		}
	}
}

func (c *check) degrees(field string, degrees, most float64) {
	if math.IsNaN(degrees) || math.Abs(degrees) > most {
		c.fail(field, fmt.Sprintf("degrees from -%g to %g", most, most))
	}
}
