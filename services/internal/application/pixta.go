package application

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
)

// Pixta are settings of an account there, for clients that speak its format. The webhook secret of the application signs
// webhooks.
type Pixta struct {
	// WebhookURLs are told of every background process.
	WebhookURLs []string `json:"webhook_urls,omitempty"`
	// IgnoreUnknown passes over parameters that are unknown, or cannot be had here, in place of an error.
	IgnoreUnknown bool `json:"ignore_unknown,omitempty"`
}

// validate reports what cannot work.
func (p *Pixta) validate(fail func(field string, value, want any)) {
	if p != nil {
		validateAddresses("pixta.webhook_urls", p.WebhookURLs, fail)
	}
}

// clone copies the settings, so that a patch leaves the ones alone that it begins with.
func (p *Pixta) clone() *Pixta {
	if p == nil {
		return &Pixta{}
	}
	return &Pixta{WebhookURLs: slices.Clone(p.WebhookURLs), IgnoreUnknown: p.IgnoreUnknown}
}

// orNil is nil in place of settings that say nothing.
func (p *Pixta) orNil() *Pixta {
	if len(p.WebhookURLs) == 0 && !p.IgnoreUnknown {
		return nil
	}
	return p
}

// patch applies the field "pixta" of a patch.
func (p *Pixta) patch(field string, value json.RawMessage) error {
	if isNull(value) {
		*p = Pixta{}
		return nil
	}
	inner := patcher{fields: map[string]func(field string, value json.RawMessage) error{}}
	inner.value("ignore_unknown", "true or false", &p.IgnoreUnknown)
	inner.addresses("webhook_urls", &p.WebhookURLs)
	return inner.apply(field+".", value)
}

// maxAddresses bounds a list of addresses that are told of everything.
const maxAddresses = 30

func validateAddresses(field string, addresses []string, fail func(field string, value, want any)) {
	if len(addresses) > maxAddresses {
		fail(field, fmt.Sprintf("%d long", len(addresses)), fmt.Sprintf("at most %d", maxAddresses))
	}
	for _, address := range addresses {
		if u, err := url.Parse(address); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			fail(field, address, "http or https addresses")
		}
	}
}

// addresses adds a field that is a list of addresses; null empties it.
func (p patcher) addresses(name string, target *[]string) {
	p.fields[name] = func(field string, value json.RawMessage) error {
		*target = nil
		if err := json.Unmarshal(value, target); err != nil {
			return &SettingError{Field: field, Value: shown(value), Want: "a list of addresses"}
		}
		return nil
	}
}
