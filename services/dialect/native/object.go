package native

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// valueShown is how many bytes of a wrong value a [FieldError] repeats: enough to recognise it, and no more than that
// of a picture in a data URI.
const valueShown = 80

// parser collects everything that is wrong with a document, so that a client learns it in one round.
type parser struct {
	errs []FieldError
	// destinations are those of the saves, in their order.
	destinations [][]Place
}

func (p *parser) fail(field string, value json.RawMessage, want string) {
	p.errs = append(p.errs, FieldError{Field: field, Value: Shown(string(bytes.TrimSpace(value))), Want: want})
}

// Shown is as much of a wrong value as a [FieldError] repeats.
func Shown(value string) string {
	if len(value) > valueShown {
		return strings.ToValidUTF8(value[:valueShown], "") + "…"
	}
	return value
}

// object is a JSON object whose fields are taken one by one; what nobody took is unknown and an error.
type object struct {
	p      *parser
	path   string
	fields map[string]json.RawMessage
	taken  map[string]bool
}

// open reads raw as an object. When it is none the error is noted, and the object is one without fields.
func (p *parser) open(path string, raw json.RawMessage) (*object, bool) {
	o := &object{p: p, path: path, taken: map[string]bool{}}
	if err := json.Unmarshal(raw, &o.fields); err != nil || o.fields == nil {
		p.fail(path, raw, "a JSON object")
		return o, false
	}
	return o, true
}

// parseObject reads a document, all of whose fields read takes. Every failure is a [*Problem] of type [InvalidRequest].
func parseObject(body []byte, read func(p *parser, root *object)) error {
	var syntax *json.SyntaxError
	if err := json.Unmarshal(body, new(json.RawMessage)); errors.As(err, &syntax) {
		return NewProblem(InvalidRequest, fmt.Sprintf("not JSON at byte %d: %s", syntax.Offset, syntax))
	}
	p := &parser{}
	if root, ok := p.open("", body); ok {
		read(p, root)
		root.close()
	}
	if len(p.errs) > 0 {
		return &Problem{Type: InvalidRequest, Errors: p.errs}
	}
	return nil
}

func (o *object) name(field string) string {
	if o.path == "" {
		return field
	}
	return o.path + "." + field
}

func (o *object) take(field string) (json.RawMessage, bool) {
	o.taken[field] = true
	raw, ok := o.fields[field]
	return raw, ok
}

func (o *object) fail(field, want string) { o.p.fail(o.name(field), o.fields[field], want) }

// text takes a string. An absent one is "" and no error; want words the error of any other type.
func (o *object) text(field, want string) (string, bool) {
	raw, ok := o.take(field)
	if !ok {
		return "", false
	}
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil || text == nil {
		o.fail(field, want)
		return "", false
	}
	return *text, true
}

// value takes a value of the target's type, and leaves the target alone when it is absent.
func (o *object) value(field, want string, target any) {
	raw, ok := o.take(field)
	if !ok {
		return
	}
	if err := json.Unmarshal(raw, target); err != nil || string(bytes.TrimSpace(raw)) == "null" {
		o.fail(field, want)
	}
}

func (o *object) object(field string) (*object, bool) {
	raw, ok := o.take(field)
	if !ok {
		return nil, false
	}
	return o.p.open(o.name(field), raw)
}

// list takes an array. An absent one is empty and no error.
func (o *object) list(field, want string) []json.RawMessage {
	raw, ok := o.take(field)
	if !ok {
		return nil
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil || items == nil {
		o.fail(field, want)
	}
	return items
}

// close notes every field that was not taken, in the order of the alphabet.
func (o *object) close() {
	var unknown []string
	for field := range o.fields {
		if !o.taken[field] {
			unknown = append(unknown, field)
		}
	}
	slices.Sort(unknown)
	for _, field := range unknown {
		o.fail(field, "no field of this name")
	}
}

func index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
