package native

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/job"
)

const (
	wantURL = "an http or https URL with a host, without user information, of at most 8192 bytes"
	maxURL  = 8192
	// maxTargets bounds what one job may set off.
	maxTargets = 16
	// maxHeaders and maxHeader bound what a client may add to a postback.
	maxHeaders = 32
	maxHeader  = 4096
)

func (p *parser) targets(root *object) []job.Target {
	const want = "a list of at most 16 targets"
	items := root.list("notify", want)
	if len(items) > maxTargets {
		p.fail("notify", nil, want)
		return nil
	}
	var targets []job.Target
	for i, item := range items {
		targets = append(targets, p.target(index("notify", i), item))
	}
	return targets
}

func (p *parser) target(path string, raw json.RawMessage) job.Target {
	const want = "an object with one of postback, callback and eventbridge"
	o, ok := p.open(path, raw)
	if !ok {
		return job.Target{}
	}
	defer o.close()
	postback, _ := o.object("postback")
	callback, _ := o.object("callback")
	eventbridge, _ := o.object("eventbridge")
	switch {
	case given(postback, callback, eventbridge) != 1:
		p.fail(path, raw, want)
		return job.Target{}
	case eventbridge != nil:
		eventbridge.close() // there is nothing to say: bus and source are the operator's
		return job.Target{Sink: job.SinkEventBridge}
	case postback != nil:
		defer postback.close()
		return job.Target{Sink: job.SinkPostback, URL: address(postback), Form: form(postback), Headers: headers(postback)}
	default:
		defer callback.close()
		return job.Target{Sink: job.SinkCallback, URL: address(callback)}
	}
}

// given counts the objects that there are.
func given(objects ...*object) int {
	n := 0
	for _, o := range objects {
		if o != nil {
			n++
		}
	}
	return n
}

// form reads how a postback is to be written.
func form(postback *object) job.Form {
	const want = `"standard", "cloudevents" or "cloudevents-binary"`
	text, ok := postback.text("format", want)
	if !ok {
		return job.FormPlain
	}
	form, known := map[string]job.Form{
		"standard": job.FormPlain, "cloudevents": job.FormStructured, "cloudevents-binary": job.FormBinary,
	}[text]
	if !known {
		postback.fail("format", want)
	}
	return form
}

func address(o *object) string {
	text, ok := o.text("url", wantURL)
	if (ok || o.fields["url"] == nil) && !validURL(text) {
		o.fail("url", wantURL)
	}
	return text
}

func validURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && len(text) <= maxURL && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" &&
		u.User == nil
}

func headers(postback *object) map[string]string {
	raw, ok := postback.take("headers")
	if !ok {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil || fields == nil || len(fields) > maxHeaders {
		postback.p.fail(postback.name("headers"), nil, "an object of at most 32 strings")
		return nil
	}
	var names []string
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	all := make(map[string]string, len(fields))
	for _, name := range names {
		var value *string
		// A header's value is often a secret, so it is not repeated in the error.
		if err := json.Unmarshal(fields[name], &value); err != nil || value == nil || !validHeader(name, *value) {
			postback.p.fail(postback.name("headers")+"."+name, nil, "a header of the client's own with a printable value")
			continue
		}
		all[name] = *value
	}
	return all
}

// reserved headers are written by the transport or carry the signature.
var reserved = map[string]bool{
	"connection": true, "content-encoding": true, "content-length": true, "content-type": true, "expect": true,
	"host": true, "keep-alive": true, "proxy-authorization": true, "proxy-connection": true, "te": true,
	"trailer": true, "transfer-encoding": true, "upgrade": true,
}

func validHeader(name, value string) bool {
	lower := strings.ToLower(name)
	if name == "" || len(name)+len(value) > maxHeader || reserved[lower] || strings.HasPrefix(lower, "webhook-") ||
		strings.HasPrefix(lower, "ce-") {
		return false
	}
	// RFC 9110 §5.6.2 token, §5.5 field value.
	const tokens = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
	for i := range len(lower) {
		if !strings.Contains(tokens, lower[i:i+1]) {
			return false
		}
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
