package cloudinary

import (
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Error is a refusal as the client gets it. The libraries lose the body of any reply whose status is not 200, 400, 401,
// 404, 420, 429 or 500, so these are all there are.
type Error struct {
	Status int
	// Message is a sentence for the client, in the provider's words where they are known.
	Message string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Header returns the message for the header X-Cld-Error: without what could end a header, and at most some 1,000 characters.
func (e *Error) Header() string {
	const most = 1 << 10
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, cut(e.Message, most))
}

// ErrorReply writes the body of a refusal.
func ErrorReply(message string) []byte {
	return encode(errorDocument{errorText{message}})
}

type errorDocument struct {
	Error errorText `json:"error"`
}

type errorText struct {
	Message string `json:"message"`
}

// MissingParameter refuses a call that lacks a parameter.
func MissingParameter(name string) *Error { return refuse("Missing required parameter - %s", name) }

// NotFound refuses a call that names an asset which is not there.
func NotFound(publicID string) *Error {
	return &Error{http.StatusNotFound, "Resource not found - " + brief(publicID)}
}

// UnknownKey refuses an api_key that nobody has.
func UnknownKey(key string) *Error {
	return &Error{http.StatusUnauthorized, "Unknown API key " + brief(key)}
}

// UnknownPreset refuses an upload_preset that is not there.
func UnknownPreset() *Error { return refuse("Upload preset not found") }

// LoadError refuses an upload whose file could not be fetched. reason is a sentence for the client.
func LoadError(url, reason string) *Error {
	return refuse("Error in loading %s - %s", brief(url), reason)
}

// TooLarge refuses a file of more than most bytes.
func TooLarge(most int64) *Error { return refuse("File size too large. Maximum is %d.", most) }

// AlreadyExists refuses to put an asset in the place of another. It is no 409: Node's library would lose the message.
func AlreadyExists(publicID string) *Error {
	return refuse("Resource with this public_id already exists - %s", brief(publicID))
}

func refuse(format string, args ...any) *Error {
	return &Error{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// invalid refuses the value of a parameter.
func invalid(name, value, want string) *Error {
	return refuse("Invalid %s %s - expected %s", name, brief(value), want)
}

// brief cuts what a client sent to what an error may repeat.
func brief(text string) string { return cut(text, 255) }

// cut shortens a text to at most so many bytes, at the border of a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}
