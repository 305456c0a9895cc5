package cloudinary

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Dialect is the name of the format.
const Dialect = "cloudinary"

// maxFields bounds how many fields a call may have.
const maxFields = 2000

// Limits bound what is read of a call, in bytes.
type Limits struct {
	// Fields bounds everything but the file.
	Fields int64
	// File bounds the file.
	File int64
}

// Request is a call as it came in.
type Request struct {
	Params Params
	// File is the uploaded file, nil when there is none.
	File *File
}

// File is a file that came as a part of a form.
type File struct {
	Name string
	Data []byte
}

// Params are the parameters of a call, by their names as they were sent: arrays keep their brackets there.
type Params map[string][]string

// Error is what goes wrong with a call, in the format's shape.
type Error struct {
	// Status is 400, 401, 404, 420, 429 or 500: the clients of the format lose the message with any other.
	Status int
	// Message is for the client.
	Message string
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

func badRequest(message string) *Error {
	return &Error{Status: http.StatusBadRequest, Message: message}
}

// ErrorReply is the body of a refusal.
func ErrorReply(message string) []byte {
	return encode(map[string]any{"error": map[string]string{"message": message}})
}

// ReadRequest reads a call: a form of parts, an encoded form with or without its Content-Type, or JSON, and what the query
// has besides. It fails with an [Error].
func ReadRequest(contentType string, query url.Values, body io.Reader, limits Limits) (Request, error) {
	r := Request{Params: Params{}}
	maps.Copy(r.Params, query)
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		media = ""
	}
	switch {
	case media == "multipart/form-data" && params["boundary"] != "":
		err = r.readParts(multipart.NewReader(body, params["boundary"]), limits)
	case media == "application/json":
		err = r.readJSON(body, limits)
	default: // an encoded form; some clients send it without saying so
		err = r.readForm(body, limits)
	}
	if err == nil && len(r.Params) > maxFields {
		err = badRequest("Too many parameters")
	}
	return r, err
}

func readAll(from io.Reader, most int64, what string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, most+1))
	if err != nil {
		return nil, badRequest("The request could not be read: it is cut short")
	}
	if int64(len(data)) > most {
		return nil, badRequest(what + " size too large. Maximum is " + strconv.FormatInt(most, 10))
	}
	return data, nil
}

func (r *Request) readParts(form *multipart.Reader, limits Limits) error {
	left := limits.Fields
	for n := 0; ; n++ {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return badRequest("The request could not be read: it is cut short, or no form")
		}
		if n > maxFields {
			return badRequest("Too many parameters")
		}
		name := part.FormName()
		if name == "file" && part.FileName() != "" {
			data, err := readAll(part, limits.File, "File")
			if err != nil {
				return err
			}
			r.File = &File{Name: part.FileName(), Data: data}
			continue
		}
		value, err := readAll(part, left, "Request")
		if err != nil {
			return err
		}
		left -= int64(len(value))
		r.Params[name] = append(r.Params[name], string(value))
	}
}

func (r *Request) readForm(body io.Reader, limits Limits) error {
	data, err := readAll(body, limits.Fields, "Request")
	if err != nil {
		return err
	}
	if strings.Count(string(data), "&") > maxFields {
		return badRequest("Too many parameters")
	}
	values, err := url.ParseQuery(string(data))
	if err != nil {
		return badRequest("The request is not an encoded form")
	}
	for name, all := range values {
		r.Params[name] = append(r.Params[name], all...)
	}
	return nil
}

func (r *Request) readJSON(body io.Reader, limits Limits) error {
	data, err := readAll(body, limits.Fields, "Request")
	if err != nil {
		return err
	}
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&object); err != nil {
		return badRequest("The request is no JSON object")
	}
	for name, value := range object {
		if list, ok := value.([]any); ok {
			for _, one := range list {
				r.Params[name+"[]"] = append(r.Params[name+"[]"], text(one))
			}
			continue
		}
		if value != nil {
			r.Params[name] = append(r.Params[name], text(value))
		}
	}
	return nil
}

// text writes a JSON value as a parameter of a form.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case nil:
		return ""
	default:
		return string(encode(v))
	}
}

// Get is a parameter's value, empty without one; of several the last.
func (p Params) Get(name string) string {
	values := p[name]
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// All are the values of an array, however it was sent: name[], name[0], or one value with commas between.
func (p Params) All(name string) []string {
	if values := p[name+"[]"]; len(values) > 0 {
		return values
	}
	indexed := map[int]string{}
	for key, values := range p {
		inner, ok := strings.CutPrefix(key, name+"[")
		if index, err := strconv.Atoi(strings.TrimSuffix(inner, "]")); ok && err == nil && len(values) > 0 {
			indexed[index] = values[len(values)-1]
		}
	}
	if len(indexed) > 0 {
		var keys []int
		for index := range indexed {
			keys = append(keys, index)
		}
		slices.Sort(keys)
		var all []string
		for _, index := range keys {
			all = append(all, indexed[index])
		}
		return all
	}
	if values := p[name]; len(values) > 1 {
		return values
	}
	return list(p.Get(name))
}

// list splits a text at its commas.
func list(text string) []string {
	var all []string
	for one := range strings.SplitSeq(text, ",") {
		if one = strings.TrimSpace(one); one != "" {
			all = append(all, one)
		}
	}
	return all
}

// Bool is a parameter that is on or off: 1 and true, or 0 and false; otherwise what it is without.
func (p Params) Bool(name string, without bool) bool {
	switch strings.ToLower(p.Get(name)) {
	case "1", "true", "yes":
		return true
	case "0", "false", "no":
		return false
	default:
		return without
	}
}

// encode writes compact JSON as the format does: without HTML escapes, so that a receiver that writes it anew gets the same
// bytes.
func encode(value any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // nothing here cannot be encoded
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
