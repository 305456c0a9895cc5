package filemobile

import (
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Call is a request as it was read, nothing of it checked yet. Its parameters have names as PHP has them: meta[category].
type Call struct {
	Params url.Values
	// File is the file that came with it; nil when there is none.
	File *File
}

// File is a file as it was sent.
type File struct {
	// Name is the client's name for it, without folders.
	Name        string
	ContentType string
	Data        []byte
}

// Limits bound what [ReadCall] takes, in bytes: of all fields together, and of the file.
type Limits struct{ Fields, File int64 }

// ReadCall reads a request: the parameters of the query, and over them those of a URL-encoded or multipart form. It fails
// with an [*Error] when the body is neither, is cut, or is beyond the limits.
func ReadCall(contentType string, query url.Values, body io.Reader, limits Limits) (Call, error) {
	call := Call{Params: maps.Clone(query)}
	if call.Params == nil {
		call.Params = url.Values{}
	}
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil && contentType != "" {
		return call, invalid("The Content-Type of the request cannot be read")
	}
	switch kind {
	case "multipart/form-data":
		return call, call.multipart(multipart.NewReader(body, params["boundary"]), limits)
	case "", "application/x-www-form-urlencoded":
		raw, err := readUpTo(body, limits.Fields, "The request")
		if err != nil {
			return call, err
		}
		fields, err := url.ParseQuery(string(raw))
		if err != nil {
			return call, invalid("The form cannot be read: %s", err)
		}
		maps.Copy(call.Params, fields)
		return call, nil
	default:
		return call, invalid("Send a form, as multipart/form-data or application/x-www-form-urlencoded")
	}
}

func (c *Call) multipart(parts *multipart.Reader, limits Limits) error {
	fields := url.Values{}
	for left := limits.Fields; ; {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // wrapped, it tells of a body that was cut between parts
			maps.Copy(c.Params, fields)
			return nil
		}
		if err != nil {
			return invalid("The form breaks off, or has no boundary")
		}
		name := part.FormName()
		if part.FileName() == "" {
			raw, err := readUpTo(part, left, "All fields together")
			if err != nil {
				return err
			}
			fields.Add(name, string(raw))
			left -= int64(len(raw) + len(name))
			continue
		}
		if c.File != nil {
			return invalid("There are several files; upload one at a time")
		}
		data, err := readUpTo(part, limits.File, "The file")
		if err != nil {
			return err
		}
		c.File = &File{Name: path.Base(strings.ReplaceAll(part.FileName(), `\`, "/")), ContentType: part.Header.Get("Content-Type"), Data: data}
	}
}

func readUpTo(r io.Reader, most int64, what string) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, max(most, 0)+1))
	if err != nil {
		return nil, invalid("%s breaks off", what)
	}
	if int64(len(raw)) > most {
		return nil, invalid("%s may have %d bytes", what, max(most, 0))
	}
	return raw, nil
}

// Get is the first value of a parameter under one of its names; empty without any.
func (c Call) Get(names ...string) string {
	for _, name := range names {
		if c.Params.Has(name) {
			return c.Params.Get(name)
		}
	}
	return ""
}

// Number reads a whole number from least to most; preset where it is not given. It fails with an [*Error] that names it.
func (c Call) Number(name string, preset, least, most int) (int, error) {
	text := c.Get(name)
	if text == "" {
		return preset, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, invalid("%s has to be an integer between %d and %d (inclusive)", name, least, most)
	}
	return n, nil
}

// maxIDs is how many items a call may name.
const maxIDs = 500

// IDs lists the items that a call is about: id, mid, or several as id[]. It fails with an [*Error] when there is none.
func (c Call) IDs() ([]string, error) {
	var ids []string
	for _, name := range slices.Sorted(maps.Keys(c.Params)) {
		if name == "id" || name == "mid" || strings.HasPrefix(name, "id[") {
			ids = append(ids, c.Params[name]...)
		}
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	if len(ids) == 0 {
		return nil, invalid("Missing argument: id")
	}
	if len(ids) > maxIDs {
		return nil, invalid("id may name %d files at once", maxIDs)
	}
	return ids, nil
}

// Error is why a call was not done, for its sender.
type Error struct {
	Message string
	// Type is the format's name for the kind of error.
	Type string
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Types of errors.
const (
	typeOther    = "Exception"
	typeNotFound = "FileMobile_Storage_FileNotFoundException"
	typeDenied   = "FileMobile_Auth_PermissionDeniedException"
)

func invalid(format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Type: typeOther}
}

// NotFound is the error of a call about an item that there is not, or that its sender may not see.
func NotFound(id string) *Error {
	return &Error{Message: "We could not find the file with id: " + id, Type: typeNotFound}
}

// Denied is the error of a call whose key is missing, wrong, or of another vhost.
func Denied(reason string) *Error { return &Error{Message: reason, Type: typeDenied} }

// Refused is the error of a call that is not as it should be.
func Refused(reason string) *Error { return invalid("%s", reason) }
