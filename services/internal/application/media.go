package application

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// Media says what becomes of an application's media items.
type Media struct {
	// CallbackURL is told of every item that has no place of its own.
	CallbackURL string `json:"callback_url,omitempty"`
	// Window is the time within which changes of one item become one callback, from a second to an hour. While it is being
	// changed an item's windows may overlap.
	Window *config.Duration `json:"window,omitempty"`
	// Renditions are the standing recipe: what is made of every upload. The id of an output is the rendition's name.
	Renditions *recipe.Recipe `json:"renditions,omitempty"`
	// Dialects are the other formats whose pictures become items too: blitline, cloudinary, pixta.
	Dialects []string `json:"dialects,omitempty"`
}

// itemDialects may be in [Media.Dialects]: in Filemobile's format every upload is an item, and a native job says so.
var itemDialects = []string{"blitline", "cloudinary", "pixta"}

// Makes tells whether the pictures of a dialect become items although no client says so.
func (m *Media) Makes(dialect string) bool { return m != nil && slices.Contains(m.Dialects, dialect) }

// Bounds of [Media.Window].
const (
	MinWindow = time.Second
	MaxWindow = time.Hour
)

// validate reports what cannot work.
func (m *Media) validate(fail func(field string, value, want any)) {
	if m == nil {
		return
	}
	if u, err := url.Parse(m.CallbackURL); m.CallbackURL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		fail("media.callback_url", m.CallbackURL, "an http or https address")
	}
	if m.Window != nil {
		if w := time.Duration(*m.Window); w < MinWindow || w > MaxWindow {
			fail("media.window", w, "1s to 1h")
		}
	}
	for _, dialect := range m.Dialects {
		if !slices.Contains(itemDialects, dialect) {
			fail("media.dialects", dialect, strings.Join(itemDialects, ", "))
		}
	}
	if m.Renditions == nil {
		return
	}
	problems := recipe.Problems(m.Renditions.Validate())
	for _, problem := range problems {
		fail("media.renditions"+strings.TrimPrefix(problem.Path, "recipe"), problem.Value, problem.Want)
	}
	if len(m.Renditions.Pictures()) > 0 {
		fail("media.renditions", "of several pictures", "a recipe that needs the upload alone")
	}
	if len(problems) == 0 && len(m.Renditions.Outputs()) == 0 {
		fail("media.renditions", "without outputs", "a recipe that saves something")
	}
}

// clone copies the settings, so that a patch leaves the ones alone that it begins with.
func (m *Media) clone() *Media {
	if m == nil {
		return &Media{}
	}
	copied := *m
	return &copied
}

// orNil is nil in place of settings that say nothing.
func (m *Media) orNil() *Media {
	if m.CallbackURL == "" && m.Window == nil && m.Renditions == nil && len(m.Dialects) == 0 {
		return nil
	}
	return m
}

// patch applies the field "media" of a patch.
func (m *Media) patch(field string, value json.RawMessage) error {
	if isNull(value) {
		*m = Media{}
		return nil
	}
	p := patcher{fields: map[string]func(field string, value json.RawMessage) error{}}
	p.value("callback_url", "a text", &m.CallbackURL)
	p.fields["window"] = func(field string, value json.RawMessage) error {
		m.Window = nil
		if err := json.Unmarshal(value, &m.Window); err != nil {
			return &SettingError{Field: field, Value: shown(value), Want: `a duration such as "5m"`}
		}
		return nil
	}
	p.fields["dialects"] = func(field string, value json.RawMessage) error {
		m.Dialects = nil
		if err := json.Unmarshal(value, &m.Dialects); err != nil {
			return &SettingError{Field: field, Value: shown(value), Want: `a list such as ["cloudinary"]`}
		}
		return nil
	}
	p.fields["renditions"] = func(field string, value json.RawMessage) error {
		m.Renditions = nil
		decoder := json.NewDecoder(bytes.NewReader(value))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&m.Renditions); err != nil {
			return &SettingError{Field: field, Value: shown(value), Want: "a recipe, as in a job: " + reason(err)}
		}
		return nil
	}
	return p.apply(field+".", value)
}

// reason is what is wrong with a recipe, in words that name the field.
func reason(err error) string {
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s cannot be a %s", kind.Field, kind.Value)
	}
	return err.Error()
}
