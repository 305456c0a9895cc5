package application

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/config"
)

// SettingError is returned for a setting that cannot be as it was given. It is an [ErrInvalidSettings].
type SettingError struct {
	// Field is the path of the setting: "bridge.bus".
	Field string
	// Value is the JSON text that was found, or what is wrong with it.
	Value string
	// Want is what would have been right, as a phrase.
	Want string
}

// Error names the field, the value and what was expected.
func (e *SettingError) Error() string {
	return fmt.Sprintf("%v: %s is %s, want %s", ErrInvalidSettings, e.Field, e.Value, e.Want)
}

// Unwrap makes it one of the errors of invalid settings.
func (e *SettingError) Unwrap() error { return ErrInvalidSettings }

// SettingErrors lists every [SettingError] in an error of [Settings.Validate] or [Settings.Patch].
func SettingErrors(err error) []*SettingError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*SettingError
		for _, one := range joined.Unwrap() {
			all = append(all, SettingErrors(one)...)
		}
		return all
	}
	if one, ok := errors.AsType[*SettingError](err); ok {
		return []*SettingError{one}
	}
	return nil
}

// Patch returns the settings with a JSON merge patch (RFC 7396) applied: what the document does not name stays as it is,
// and null makes a setting the installation's again. It fails with a [SettingError] for every field that is unknown or
// of the wrong kind, joined; whether the settings can work is for [Settings.Validate].
func (s Settings) Patch(document []byte) (Settings, error) {
	s.Schedules = maps.Clone(s.Schedules)
	bridge := Bridge{}
	if s.Bridge != nil {
		bridge = *s.Bridge
	}
	p := patcher{fields: map[string]func(field string, value json.RawMessage) error{}}
	p.value("poll_rate", "a number", &s.PollRate)
	p.value("asymmetric", "true or false", &s.Asymmetric)
	p.value("unsigned_callbacks", "true or false", &s.UnsignedCallbacks)
	p.value("cloudinary_sha256", "true or false", &s.CloudinarySHA256)
	p.fields["schedules"] = func(field string, value json.RawMessage) error { return patchSchedules(&s.Schedules, field, value) }
	inner := patcher{fields: map[string]func(field string, value json.RawMessage) error{}}
	inner.value("bus", "a text", &bridge.Bus)
	inner.value("source", "a text", &bridge.Source)
	inner.value("detail_type", "a text", &bridge.DetailType)
	inner.value("always", "true or false", &bridge.Always)
	p.fields["bridge"] = func(field string, value json.RawMessage) error {
		if isNull(value) {
			bridge = Bridge{}
			return nil
		}
		return inner.apply(field+".", value)
	}
	cloudinary := s.Cloudinary.clone()
	p.fields["cloudinary"] = cloudinary.patch
	media, pixta := s.Media.clone(), s.Pixta.clone()
	p.fields["media"], p.fields["pixta"] = media.patch, pixta.patch
	if err := p.apply("", document); err != nil {
		return Settings{}, err
	}
	s.Cloudinary, s.Media, s.Pixta = cloudinary.orNil(), media.orNil(), pixta.orNil()
	s.Bridge = nil
	if bridge != (Bridge{}) {
		s.Bridge = &bridge
	}
	return s, nil
}

// patcher applies the fields of an object, each by its own function.
type patcher struct {
	fields map[string]func(field string, value json.RawMessage) error
}

// value adds a field that is set as a whole.
func (p patcher) value(name, want string, target any) {
	p.fields[name] = func(field string, value json.RawMessage) error {
		// First, and not for null alone: a number is read into what a pointer points at, which is somebody else's.
		switch t := target.(type) {
		case **float64:
			*t = nil
		case *bool:
			*t = false
		case *string:
			*t = ""
		}
		if err := json.Unmarshal(value, target); err != nil {
			return &SettingError{Field: field, Value: shown(value), Want: want}
		}
		return nil
	}
}

func (p patcher) apply(prefix string, document []byte) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(document, &object); err != nil || object == nil {
		return &SettingError{Field: strings.TrimSuffix(prefix, "."), Value: shown(document), Want: "a JSON object"}
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(object)) {
		set, ok := p.fields[name]
		if !ok {
			errs = append(errs, &SettingError{
				Field: prefix + name, Value: shown(object[name]), Want: "one of " + strings.Join(slices.Sorted(maps.Keys(p.fields)), ", "),
			})
			continue
		}
		errs = append(errs, set(prefix+name, object[name]))
	}
	return errors.Join(errs...)
}

func patchSchedules(schedules *map[string]config.Durations, field string, value json.RawMessage) error {
	if isNull(value) {
		*schedules = nil
		return nil
	}
	var object map[string]*string
	if err := json.Unmarshal(value, &object); err != nil {
		return &SettingError{Field: field, Value: shown(value), Want: `an object of lists by dialect, such as {"native": "5s,30s,2m"}`}
	}
	if *schedules == nil {
		*schedules = map[string]config.Durations{}
	}
	var errs []error
	for _, dialect := range slices.Sorted(maps.Keys(object)) {
		if object[dialect] == nil {
			delete(*schedules, dialect)
			continue
		}
		var pauses config.Durations
		if err := pauses.UnmarshalText([]byte(*object[dialect])); err != nil {
			errs = append(errs, &SettingError{
				Field: field + "." + dialect, Value: fmt.Sprintf("%q", *object[dialect]), Want: "pauses such as 5s,30s,2m",
			})
			continue
		}
		(*schedules)[dialect] = pauses
	}
	if len(*schedules) == 0 {
		*schedules = nil
	}
	return errors.Join(errs...)
}

func isNull(value json.RawMessage) bool { return string(bytes.TrimSpace(value)) == "null" }

// shown shortens what was found.
func shown(value []byte) string {
	const most = 60
	text := strings.ToValidUTF8(string(bytes.TrimSpace(value)), "�")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
