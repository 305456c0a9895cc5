package application

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"

	"github.com/ringback/ringback/services/internal/config"
)

// Patch changes a source by a JSON merge patch (RFC 7396): what the document does not name stays. The host is not among
// what it may name: an application could take one away that others are reached at. It fails with a
// [SettingError] for every field that is unknown or of the wrong kind, joined; whether it can work is for Validate.
func (s *Source) Patch(field string, document []byte) error {
	p := patcher{fields: map[string]func(field string, value json.RawMessage) error{}}
	p.value("id", "a text", &s.ID)
	p.value("bucket", "a text", &s.Bucket)
	p.value("account", "a text", &s.Account)
	p.value("url", "a text", &s.URL)
	p.value("prefix", "a text", &s.Prefix)
	key := s.SecureKey.Reveal()
	p.value("secure_key", "a text", &key)
	err := p.apply(field+".", document)
	s.SecureKey = config.Secret(key)
	return err
}

// Patch changes a destination as [Source.Patch] does a source. Headers are set as a whole.
func (d *Destination) Patch(field string, document []byte) error {
	p := patcher{fields: map[string]func(field string, value json.RawMessage) error{}}
	p.value("bucket", "a text", &d.Bucket)
	p.value("account", "a text", &d.Account)
	p.value("prefix", "a text", &d.Prefix)
	p.value("public_url", "a text", &d.PublicURL)
	p.value("manual", "true or false", &d.Manual)
	p.fields["headers"] = func(field string, value json.RawMessage) error {
		d.Headers = nil
		if err := json.Unmarshal(value, &d.Headers); err != nil {
			return &SettingError{Field: field, Value: shown(value), Want: "an object of texts"}
		}
		return nil
	}
	return p.apply(field+".", document)
}

// newSourceID makes the id of a source.
func newSourceID() string {
	raw := make([]byte, 12)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	return hex.EncodeToString(raw)
}

// openSource is a source as it is sealed.
type openSource struct {
	Source

	SecureKey string `json:"secure_key,omitempty"`
}

func openSources(sources []Source) (open []openSource) {
	for _, s := range sources {
		open = append(open, openSource{s, s.SecureKey.Reveal()})
	}
	return open
}

func closeSources(open []openSource) (sources []Source) {
	for _, o := range open {
		s := o.Source
		s.SecureKey = config.Secret(o.SecureKey)
		s.Secured = o.SecureKey != ""
		sources = append(sources, s)
	}
	return sources
}
