package application

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// Cloudinary are settings of an account there, for clients that speak its format.
type Cloudinary struct {
	// NotificationURLs are told of everything, beside the addresses that calls name.
	NotificationURLs []string `json:"notification_urls,omitempty"`
	// Presets are parameters of uploads by the names of upload presets. One with "unsigned": "true" may be used without
	// a signature.
	Presets map[string]map[string]string `json:"presets,omitempty"`
	// Transformations are those that a name stands for (t_name).
	Transformations map[string]string `json:"transformations,omitempty"`
	// Strict makes no picture for an address that is not signed, unless its transformation has a name.
	Strict bool `json:"strict,omitempty"`
	// Classic leaves out of notifications what the format of 2013 had not.
	Classic bool `json:"classic,omitempty"`
}

// Bounds of what Cloudinary's settings may hold.
const (
	maxNamed      = 200
	maxNamedBytes = 16 << 10
)

var validName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,255}$`)

// validate reports what cannot work.
func (c *Cloudinary) validate(fail func(field string, value, want any)) {
	if c == nil {
		return
	}
	validateAddresses("cloudinary.notification_urls", c.NotificationURLs, fail)
	if len(c.Presets) > maxNamed {
		fail("cloudinary.presets", fmt.Sprintf("%d of them", len(c.Presets)), fmt.Sprintf("at most %d", maxNamed))
	}
	for name := range c.Presets {
		if !validName.MatchString(name) {
			fail("cloudinary.presets", name, "names of letters, digits, '_', '-' and '.'")
		}
	}
	if len(c.Transformations) > maxNamed {
		fail("cloudinary.transformations", fmt.Sprintf("%d of them", len(c.Transformations)), fmt.Sprintf("at most %d", maxNamed))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Transformations)) {
		text := c.Transformations[name]
		if !validName.MatchString(name) || text == "" || len(text) > maxNamedBytes {
			fail("cloudinary.transformations."+name, fmt.Sprintf("%d bytes long", len(text)), "a name of letters, digits, '_', '-' and '.', and a transformation")
		}
	}
}

// clone copies the settings, so that a patch leaves the ones alone that it begins with.
func (c *Cloudinary) clone() *Cloudinary {
	if c == nil {
		return &Cloudinary{}
	}
	copied := *c
	copied.NotificationURLs = slices.Clone(c.NotificationURLs)
	copied.Presets, copied.Transformations = maps.Clone(c.Presets), maps.Clone(c.Transformations)
	return &copied
}

// orNil is nil in place of settings that say nothing.
func (c *Cloudinary) orNil() *Cloudinary {
	if len(c.NotificationURLs) == 0 && len(c.Presets) == 0 && len(c.Transformations) == 0 && !c.Strict && !c.Classic {
		return nil
	}
	return c
}

// patch applies the field "cloudinary" of a patch.
func (c *Cloudinary) patch(field string, value json.RawMessage) error {
	if isNull(value) {
		*c = Cloudinary{}
		return nil
	}
	p := patcher{fields: map[string]func(field string, value json.RawMessage) error{}}
	p.value("strict", "true or false", &c.Strict)
	p.value("classic", "true or false", &c.Classic)
	p.addresses("notification_urls", &c.NotificationURLs)
	p.fields["presets"] = func(field string, value json.RawMessage) error {
		return patchNamed(&c.Presets, field, value, "objects of parameters, whose values are texts")
	}
	p.fields["transformations"] = func(field string, value json.RawMessage) error {
		return patchNamed(&c.Transformations, field, value, "transformations, as texts")
	}
	return p.apply(field+".", value)
}

// patchNamed applies a patch to what has names: null takes one away.
func patchNamed[T any](named *map[string]T, field string, value json.RawMessage, want string) error {
	if isNull(value) {
		*named = nil
		return nil
	}
	var changes map[string]*T
	if err := json.Unmarshal(value, &changes); err != nil {
		return &SettingError{Field: field, Value: shown(value), Want: want}
	}
	if *named == nil {
		*named = map[string]T{}
	}
	for name, change := range changes {
		if change == nil {
			delete(*named, name)
			continue
		}
		(*named)[name] = *change
	}
	return nil
}
