package pixta

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Dialect is the name of this format in a job's record.
const Dialect = "pixta"

const (
	// maxKey bounds the key of an object, as S3 does, in bytes.
	maxKey = 1024
	// maxParameters bounds how many parameters one picture may have.
	maxParameters = 200
)

// Request is a background process as the client asked for it.
type Request struct {
	// SourceID names a source of the application: its 24 hexadecimal digits, or its name.
	SourceID string
	// ObjectKey is the picture's key in the source.
	ObjectKey string
	// Parameters are those of the picture, not yet checked.
	Parameters url.Values
	// DestinationKey is the key that the result gets in each destination.
	DestinationKey string
}

// Error is a request that cannot be taken. It becomes an [ErrorReply].
type Error struct {
	// Status is the status_code of the reply, which is its HTTP status, too.
	Status int
	// Message is for the client.
	Message string
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

func badRequest(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

// withoutValues is what a client is told whose library dropped the values of an object that was put into a form.
const withoutValues = `The values of "parameters" are missing: an object was sent as a form, and only its names arrived. ` +
	`Send the request as JSON (in Python: requests.post(url, headers=headers, json=payload)), ` +
	`or as a form with parameters={"w": 1600} in JSON, or with parameters[w]=1600`

// Parse reads the body of a request: a JSON object, or a form whose parameters are one JSON text or are in brackets. Fields
// that the format does not have are passed over. It fails with an [*Error].
func Parse(contentType string, body []byte) (Request, error) {
	media, _, err := mime.ParseMediaType(contentType)
	if contentType != "" && err != nil {
		return Request{}, &Error{http.StatusUnsupportedMediaType, "Content-Type cannot be read; send application/json"}
	}
	looksLikeJSON := bytes.HasPrefix(bytes.TrimSpace(body), []byte("{"))
	switch {
	case media == "application/json", strings.HasSuffix(media, "+json"), looksLikeJSON:
		// JSON is JSON, whatever a client calls it: curl -d says that it is a form.
		return parseJSON(body)
	case media == "application/x-www-form-urlencoded", media == "":
		return parseForm(body)
	default:
		return Request{}, &Error{http.StatusUnsupportedMediaType, "Content-Type is " + shortened(media) + "; send application/json"}
	}
}

func parseJSON(body []byte) (Request, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return Request{}, badRequest("The body is not a JSON object")
	}
	texts := map[string]string{}
	for _, name := range required {
		var value *string
		if raw, given := fields[name]; given {
			if err := json.Unmarshal(raw, &value); err != nil {
				return Request{}, badRequest("%s must be a text", name)
			}
		}
		if value != nil {
			texts[name] = *value
		}
	}
	parameters, err := parseParameters(fields["parameters"])
	if err != nil {
		return Request{}, err
	}
	return build(texts, parameters)
}

func parseForm(body []byte) (Request, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return Request{}, badRequest("The form cannot be read; send application/json")
	}
	texts := map[string]string{}
	for _, name := range required {
		texts[name] = form.Get(name)
	}
	parameters := url.Values{}
	for name, values := range form {
		if inner, ok := strings.CutPrefix(name, "parameters["); ok && strings.HasSuffix(inner, "]") {
			parameters[strings.TrimSuffix(inner, "]")] = values
		}
	}
	for _, value := range form["parameters"] {
		switch one, err := parseText(value); {
		case value == "":
		case err != nil:
			return Request{}, err
		default:
			maps.Copy(parameters, one)
		}
	}
	return build(texts, parameters)
}

// parseParameters reads an object of parameters, or a text with one in it.
func parseParameters(raw json.RawMessage) (url.Values, error) {
	parameters := url.Values{}
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || string(raw) == "null" {
		return parameters, nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return parseText(text)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, badRequest(`parameters must be an object such as {"w": 1600}`)
	}
	for name, raw := range fields {
		value, ok := parseValue(raw)
		if !ok {
			return nil, badRequest("parameters.%s must be a number, a text, a boolean or a list of them", shortened(name))
		}
		parameters.Set(name, value)
	}
	return parameters, nil
}

// parseText reads parameters that are one text: JSON, or as they stand in an address.
func parseText(text string) (url.Values, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		if !json.Valid([]byte(text)) {
			return nil, badRequest("parameters holds JSON that cannot be read")
		}
		return parseParameters(json.RawMessage(text))
	}
	if text == "" {
		return nil, nil
	}
	if !strings.Contains(text, "=") {
		return nil, badRequest("%s", withoutValues)
	}
	values, err := url.ParseQuery(strings.TrimPrefix(text, "?"))
	if err != nil {
		return nil, badRequest("parameters cannot be read as those of an address")
	}
	return values, nil
}

// parseValue reads a value of JSON as it would stand in an address; null is one that is not there.
func parseValue(raw json.RawMessage) (string, bool) {
	raw = bytes.TrimSpace(raw)
	var text string
	var list []json.RawMessage
	switch {
	case json.Unmarshal(raw, &text) == nil: // null, too
		return text, true
	case raw[0] == '{':
		return "", false
	case json.Unmarshal(raw, &list) == nil:
		parts := make([]string, len(list))
		for i, one := range list {
			part, ok := parseValue(one)
			if one = bytes.TrimSpace(one); !ok || one[0] == '[' {
				return "", false
			}
			parts[i] = part
		}
		return strings.Join(parts, ","), true
	}
	var number float64
	if json.Unmarshal(raw, &number) == nil && strings.ContainsAny(string(raw), "eE") || strings.HasSuffix(string(raw), ".0") {
		return strings.TrimSuffix(fmt.Sprintf("%f", number), ".000000"), true // 1.6e3 and 1600.0 are how some languages write 1600
	}
	return string(raw), true
}

// required are the fields that are texts.
var required = []string{"source_id", "object_key", "destination_object_key"}

func build(texts map[string]string, parameters url.Values) (Request, error) {
	for _, name := range required {
		switch value := texts[name]; {
		case value == "":
			return Request{}, badRequest("%s is missing", name)
		case len(value) > maxKey || !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
			return Request{}, badRequest("%s must have 1 to %d bytes of UTF-8 without control characters", name, maxKey)
		}
	}
	if len(parameters) > maxParameters {
		return Request{}, badRequest("There are %d parameters, the most is %d", len(parameters), maxParameters)
	}
	return Request{
		SourceID: texts["source_id"], ObjectKey: texts["object_key"], DestinationKey: texts["destination_object_key"], Parameters: parameters,
	}, nil
}

// shortened keeps a message readable whatever the client sent.
func shortened(value string) string {
	const most = 60
	if len(value) > most {
		return strings.ToValidUTF8(value[:most], "") + "…"
	}
	return strings.ToValidUTF8(value, "?")
}
