package cloudinary

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
)

// Limits bound what [ReadRequest] takes.
type Limits struct {
	// Fields is the most bytes that all parameters have together, names and values, without the file.
	Fields int64
	// File is the most bytes of the file, sent as such or within a data: URI.
	File int64
}

// text is the most bytes of the parameter file: a data: URI in base 64, or a URL.
func (l Limits) text() int64 { return l.File + l.File/3 + 16<<10 }

// Request is a call as it was read, nothing of it checked yet.
type Request struct {
	Params Params
	// File is the file that was sent as such; nil when there is none.
	File *File
	// Authorized tells that the call came with a token, and needs no signature. Whoever checks the token sets it.
	Authorized bool
	// most is the most bytes of a file within a data: URI; 0 for no bound of its own.
	most int64
}

// File is a file as it was sent.
type File struct {
	// Name is the client's name for it: anything at all.
	Name        string
	Data        []byte
	ContentType string
}

// ReadRequest reads a call: a multipart or URL-encoded form, or JSON. A body without a Content-Type, or with
// application/octet-stream, is a URL-encoded form: Go's library sends it so. Parameters of the query are taken where the
// body does not have their name. It fails with an *Error when the body cannot be read, and beyond the limits.
func ReadRequest(contentType string, query url.Values, body io.Reader, limits Limits) (Request, error) {
	r := reader{limits: limits, left: limits.Fields}
	r.request.most = limits.File
	if err := r.body(contentType, body); err != nil {
		return Request{}, err
	}
	inBody := r.request.Params.clone()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		base, _, err := splitName(name)
		if err != nil {
			return Request{}, err
		}
		if _, known := inBody.values[base]; known {
			continue
		}
		for _, v := range query[name] {
			if err := r.add(name, v); err != nil {
				return Request{}, err
			}
		}
	}
	r.request.Params.sort()
	return r.request, nil
}

// reader gathers one call.
type reader struct {
	limits  Limits
	request Request
	// left is how many bytes the parameters may still have.
	left int64
}

func (r *reader) body(contentType string, from io.Reader) error {
	if from == nil {
		return nil
	}
	body := bufio.NewReader(from)
	if _, err := body.Peek(1); errors.Is(err, io.EOF) {
		return nil // whatever its type would be
	}
	// What comes with a malformed parameter, such as a second charset, still has its type.
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) && contentType != "" {
		return invalid("Content-Type", contentType, "multipart/form-data, application/x-www-form-urlencoded or application/json")
	}
	switch kind {
	case "multipart/form-data":
		return r.multipart(multipart.NewReader(io.LimitReader(body, r.multipartMost()), params["boundary"]))
	case "", "application/octet-stream", "application/x-www-form-urlencoded":
		return r.form(body)
	case "application/json":
		return r.json(body)
	default:
		return invalid("Content-Type", contentType, "multipart/form-data, application/x-www-form-urlencoded or application/json")
	}
}

// multipartMost bounds the whole body: the parameters, the file, and the headers of the parts.
func (r *reader) multipartMost() int64 {
	const headers = 1 << 20
	return r.limits.Fields + r.limits.text() + headers
}

func (r *reader) multipart(parts *multipart.Reader) error {
	for count := 0; ; count++ {
		part, err := parts.NextPart()
		switch {
		case err == io.EOF: //nolint:errorlint // wrapped, it tells of a body that was cut between parts
			return nil
		case err != nil:
			return refuse("Invalid multipart body")
		case count == maxValues:
			return refuse("Too many parameters - at most %d are allowed", maxValues)
		}
		switch name := part.FormName(); {
		case part.FileName() == "" && name != "":
			err = r.textPart(name, part)
		case name == "file":
			err = r.filePart(part)
		}
		if err != nil {
			return err
		}
	}
}

func (r *reader) textPart(name string, part *multipart.Part) error {
	most := max(r.left, 0)
	if name == "file" {
		most = r.limits.text()
	}
	text, err := read(part, most)
	if err != nil {
		return err
	}
	return r.add(name, string(text))
}

func (r *reader) filePart(part *multipart.Part) error {
	if r.request.File != nil {
		return refuse("Invalid file parameter - there is more than one file")
	}
	data, err := io.ReadAll(io.LimitReader(part, r.limits.File+1))
	if err != nil {
		return refuse("Invalid multipart body")
	}
	if int64(len(data)) > r.limits.File {
		return TooLarge(r.limits.File)
	}
	r.request.File = &File{Name: part.FileName(), Data: data, ContentType: part.Header.Get("Content-Type")}
	return nil
}

// form reads a URL-encoded body. Semicolons are no separators: curl's --data sends those of a data: URI as they are.
func (r *reader) form(body io.Reader) error {
	// An escaped byte is three; few bytes of base 64 have to be escaped.
	text, err := read(body, 3*r.limits.Fields+r.limits.text()+r.limits.File)
	if err != nil {
		return err
	}
	for pair := range strings.SplitSeq(strings.TrimSpace(string(text)), "&") {
		if pair == "" {
			continue
		}
		escapedName, escaped, _ := strings.Cut(pair, "=")
		name, nameErr := url.QueryUnescape(escapedName)
		value, valueErr := url.QueryUnescape(escaped)
		if nameErr != nil || valueErr != nil {
			return refuse("Invalid body - parameter %s is not URL-encoded", brief(escapedName))
		}
		if err := r.add(name, value); err != nil {
			return err
		}
	}
	return nil
}

// json reads an object. Numbers and booleans become text, null is absent, and objects and lists within lists stay JSON.
func (r *reader) json(body io.Reader) error {
	text, err := read(body, 2*r.limits.Fields+r.limits.text())
	if err != nil || len(bytes.TrimSpace(text)) == 0 {
		return err
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return refuse("Invalid body - expected a JSON object")
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		raw := members[name]
		list := []json.RawMessage{raw}
		if raw[0] == '[' {
			_ = json.Unmarshal(raw, &list) // it was read once already
			name += "[]"
		}
		for _, element := range list {
			value, null := jsonText(element)
			if null {
				continue
			}
			if err := r.add(name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// jsonText is the text that a value would have in a form.
func jsonText(raw json.RawMessage) (text string, null bool) {
	if json.Unmarshal(raw, &text) == nil {
		return text, string(raw) == "null"
	}
	var compact bytes.Buffer
	_ = json.Compact(&compact, raw) // it was read once already
	return compact.String(), false
}

// add takes a parameter, within the limits.
func (r *reader) add(name, text string) error {
	if base, _, err := splitName(name); err == nil && base == "file" {
		if int64(len(text)) > r.limits.text() {
			return TooLarge(r.limits.File)
		}
		if r.request.Params.Has("file") {
			return refuse("Invalid file parameter - there is more than one file")
		}
	} else if r.left -= int64(len(name) + len(text)); r.left < 0 {
		return refuse("Parameters too large - at most %d bytes are allowed", r.limits.Fields)
	}
	return r.request.Params.add(name, text)
}

// read reads at most so many bytes, and fails with an *Error where there are more.
func read(from io.Reader, most int64) ([]byte, error) {
	all, err := io.ReadAll(io.LimitReader(from, most+1))
	if err != nil {
		return nil, refuse("Invalid body - it could not be read")
	}
	if int64(len(all)) > most {
		return nil, refuse("Request too large")
	}
	return all, nil
}
