package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/cloudevents/sdk-go/v2/types"
	"github.com/nats-io/nats.go"
)

const (
	headerPrefix    = "ce-"
	contentType     = "application/json"
	structuredMedia = "application/cloudevents"
)

// New makes a CloudEvent with data as its JSON body; data may be nil. The id is made of subject, kind and, for data that
// recurs, what tells one occurrence from the next, so that an event that is published twice carries the same id both times
// and two events never share one. It fails when data cannot be written as JSON.
func New(eventType, source, subject string, data any) (event.Event, error) {
	e := event.New(event.CloudEventsVersionV1)
	e.SetType(eventType)
	e.SetSource(source)
	e.SetSubject(subject)
	e.SetID(subject + ":" + shortType(eventType) + occurrence(data))
	if data != nil {
		encoded, err := encodeData(data)
		if err != nil {
			return e, fmt.Errorf("encode data of %s: %w", eventType, err)
		}
		e.SetDataContentType(contentType)
		e.DataEncoded = encoded
	}
	return e, nil
}

// encodeData writes JSON that leaves <, > and & as they are: addresses are full of them, and nobody puts events into a page.
func encodeData(data any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(data); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// occurrence tells apart the events of one kind about one subject; "" for what happens once.
func occurrence(data any) string {
	switch d := data.(type) {
	case Media:
		return fmt.Sprintf(":%d", d.Revision)
	case Progress:
		return fmt.Sprintf(":%s:%d", d.Stage, d.Percent)
	case Delivery:
		return fmt.Sprintf(":%s:%d", d.ID, d.Attempt)
	case Endpoint:
		return fmt.Sprintf(":%s:%d", d.ID, d.At.UnixNano())
	}
	return ""
}

// Encode writes an event in binary mode: attributes as ce- headers, percent-encoded, and the data as the body
// (CloudEvents NATS protocol binding 1.0.3). It fails with [ErrInvalidEvent] when a required attribute is missing.
func Encode(subject string, e event.Event) (*nats.Msg, error) {
	if err := e.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidEvent, err)
	}
	msg := nats.NewMsg(subject)
	set := func(name, value string) { msg.Header[headerPrefix+name] = []string{percentEncode(value)} }
	set("specversion", e.SpecVersion())
	set("id", e.ID())
	set("source", e.Source())
	set("type", e.Type())
	if e.Subject() != "" {
		set("subject", e.Subject())
	}
	if !e.Time().IsZero() {
		set("time", types.FormatTime(e.Time()))
	}
	if e.DataContentType() != "" {
		set("datacontenttype", e.DataContentType())
	}
	if e.DataSchema() != "" {
		set("dataschema", e.DataSchema())
	}
	for name, value := range e.Extensions() {
		text, err := types.Format(value)
		if err != nil {
			return nil, fmt.Errorf("%w: extension %s: %w", ErrInvalidEvent, name, err)
		}
		set(name, text)
	}
	msg.Data = e.Data()
	return msg, nil
}

// Decode reads an event in binary mode, or in structured mode when the Content-Type header says so. Anything else is
// [ErrInvalidEvent].
func Decode(header nats.Header, data []byte) (event.Event, error) {
	e := event.New(event.CloudEventsVersionV1)
	if strings.HasPrefix(strings.ToLower(headerValue(header, "content-type")), structuredMedia) {
		if err := json.Unmarshal(data, &e); err != nil {
			return e, fmt.Errorf("%w: %w", ErrInvalidEvent, err)
		}
		return e, nil
	}
	for name, values := range header {
		name = strings.ToLower(name)
		if !strings.HasPrefix(name, headerPrefix) || len(values) == 0 {
			continue
		}
		value, err := percentDecode(values[0])
		if err != nil {
			return e, fmt.Errorf("%w: header %s: %w", ErrInvalidEvent, name, err)
		}
		if err := setAttribute(&e, strings.TrimPrefix(name, headerPrefix), value); err != nil {
			return e, err
		}
	}
	if len(data) > 0 {
		e.DataEncoded = data
	}
	if err := e.Validate(); err != nil {
		return e, fmt.Errorf("%w: %w", ErrInvalidEvent, err)
	}
	return e, nil
}

// DecodeResult reads the data of a result. It fails with [ErrInvalidEvent] for an event of any other type, and for data
// that is not a [Result].
func DecodeResult(e event.Event) (Result, error) {
	var r Result
	switch e.Type() {
	case TypeJobCompleted, TypeJobPartial, TypeJobFailed:
	default:
		return r, fmt.Errorf("%w: %s is no result", ErrInvalidEvent, e.Type())
	}
	if err := json.Unmarshal(e.Data(), &r); err != nil {
		return r, fmt.Errorf("%w: data of %s: %w", ErrInvalidEvent, e.ID(), err)
	}
	return r, nil
}

func setAttribute(e *event.Event, name, value string) error {
	switch name {
	case "specversion":
		if value != event.CloudEventsVersionV1 {
			return fmt.Errorf("%w: specversion %q, want %q", ErrInvalidEvent, value, event.CloudEventsVersionV1)
		}
	case "id":
		e.SetID(value)
	case "source":
		e.SetSource(value)
	case "type":
		e.SetType(value)
	case "subject":
		e.SetSubject(value)
	case "datacontenttype":
		e.SetDataContentType(value)
	case "dataschema":
		e.SetDataSchema(value)
	case "time":
		t, err := types.ParseTime(value)
		if err != nil {
			return fmt.Errorf("%w: time %q: %w", ErrInvalidEvent, value, err)
		}
		e.SetTime(t)
	default:
		e.SetExtension(name, value)
	}
	return nil
}

func headerValue(header nats.Header, name string) string {
	for key, values := range header {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// shortType is the part of a type between the vendor and the version: "job.completed".
func shortType(eventType string) string {
	short := strings.TrimPrefix(eventType, "dev.ringback.")
	if i := strings.LastIndexByte(short, '.'); i > 0 {
		short = short[:i]
	}
	return short
}

// percentEncode escapes what a header value must not hold: space, '"', '%' and everything outside printable ASCII.
func percentEncode(value string) string {
	clean := true
	for i := 0; i < len(value); i++ {
		if c := value[i]; c <= ' ' || c > '~' || c == '"' || c == '%' {
			clean = false
			break
		}
	}
	if clean {
		return value
	}
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if c := value[i]; c <= ' ' || c > '~' || c == '"' || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

func percentDecode(value string) (string, error) {
	if !strings.Contains(value, "%") {
		return value, nil
	}
	out := make([]byte, 0, len(value))
	for i := 0; i < len(value); i++ {
		if value[i] != '%' {
			out = append(out, value[i])
			continue
		}
		if i+2 >= len(value) {
			return "", fmt.Errorf("cut escape at byte %d", i)
		}
		c, err := strconv.ParseUint(value[i+1:i+3], 16, 8)
		if err != nil {
			return "", fmt.Errorf("escape at byte %d: %w", i, err)
		}
		out = append(out, byte(c))
		i += 2
	}
	if !utf8.Valid(out) {
		return "", errors.New("not UTF-8")
	}
	return string(out), nil
}
