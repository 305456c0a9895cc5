package native

import (
	"fmt"
	"strings"
)

// ProblemType says what kind of problem a request ran into. It is a relative URI reference, as RFC 9457 §3.1.1 allows,
// and never changes its meaning: programs should compare it and leave the sentences to people.
type ProblemType string

// The types of problems.
const (
	// InvalidRequest: the body does not say what was meant, such as a job. The problem lists every field that is wrong.
	InvalidRequest ProblemType = "/problems/invalid-request"
	// Unauthorized: the bearer token is missing or belongs to no application.
	Unauthorized ProblemType = "/problems/unauthorized"
	// Forbidden: what was signed says something else, or the signature is not of this installation.
	Forbidden ProblemType = "/problems/forbidden"
	// NotFound: there is no such job or file, or it is older than results are kept.
	NotFound ProblemType = "/problems/not-found"
	// IdempotencyConflict: the Idempotency-Key was used before, for another request.
	IdempotencyConflict ProblemType = "/problems/idempotency-conflict"
	// Gone: what was signed is not valid any more.
	Gone ProblemType = "/problems/gone"
	// TooLarge: the body or the picture in it is larger than the installation takes.
	TooLarge ProblemType = "/problems/too-large"
	// UnsupportedMediaType: the body is neither JSON nor multipart form data.
	UnsupportedMediaType ProblemType = "/problems/unsupported-media-type"
	// TooManyRequests: the application asks more often, or listens on more streams, than it may. Retry-After
	// says when to try again.
	TooManyRequests ProblemType = "/problems/too-many-requests"
	// QueueFull: the application has as many jobs waiting as it may. Retry-After says when to try again.
	QueueFull ProblemType = "/problems/queue-full"
	// Internal: the fault is Ringback's. Nothing was accepted.
	Internal ProblemType = "/problems/internal"
	// Unavailable: the broker cannot store the job now. Nothing was accepted.
	Unavailable ProblemType = "/problems/unavailable"
)

// ProblemTypes lists every type.
var ProblemTypes = []ProblemType{
	InvalidRequest, Unauthorized, Forbidden, NotFound, IdempotencyConflict, Gone, TooLarge, UnsupportedMediaType, TooManyRequests,
	QueueFull, Internal, Unavailable,
}

// Problem is an RFC 9457 problem document, and the error that carries it. Its media type is [ProblemMedia].
type Problem struct {
	Type ProblemType
	// Detail is a sentence about this occurrence.
	Detail string
	// Instance is a URI of this occurrence, such as the path of the request; may be empty.
	Instance string
	// Errors names the fields that are wrong, in the order in which they were found.
	Errors []FieldError
}

// ProblemMedia is the content type of a [Problem].
const ProblemMedia = "application/problem+json"

// FieldError says what is wrong with one field.
type FieldError struct {
	// Field is the path from the root of the document: "recipe.steps[0].save.id". Empty is the document itself.
	Field string `json:"field"`
	// Value is the JSON text that was found, shortened; empty when the field is absent or may hold a secret.
	Value string `json:"value,omitempty"`
	// Want says what would have been right, as a phrase: "a positive whole number".
	Want string `json:"expected"`
}

// NewProblem makes a problem without field errors.
func NewProblem(kind ProblemType, detail string) *Problem {
	return &Problem{Type: kind, Detail: detail}
}

// Title is the sentence that every problem of the type shares.
func (t ProblemType) Title() string {
	switch t {
	case InvalidRequest:
		return "The request is not valid"
	case Unauthorized:
		return "The request is not authorized"
	case Forbidden:
		return "The request is not allowed"
	case Gone:
		return "The address is not valid any more"
	case NotFound:
		return "There is nothing here"
	case IdempotencyConflict:
		return "The idempotency key belongs to another request"
	case TooLarge:
		return "The request is too large"
	case UnsupportedMediaType:
		return "The content type is not supported"
	case TooManyRequests:
		return "The application asks too often"
	case QueueFull:
		return "The application's queue is full"
	case Unavailable:
		return "Jobs cannot be accepted now"
	default:
		return "Something went wrong in Ringback"
	}
}

// Status is the HTTP status that the document repeats, as RFC 9457 §3.1.3 has it.
func (t ProblemType) Status() int {
	switch t {
	case InvalidRequest:
		return 400
	case Unauthorized:
		return 401
	case Forbidden:
		return 403
	case NotFound:
		return 404
	case IdempotencyConflict:
		return 409
	case Gone:
		return 410
	case TooLarge:
		return 413
	case UnsupportedMediaType:
		return 415
	case TooManyRequests, QueueFull:
		return 429
	case Unavailable:
		return 503
	default:
		return 500
	}
}

// Error names the type, the detail and every field, on one line.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(strings.TrimPrefix(string(p.Type), "/problems/"))
	if p.Detail != "" {
		b.WriteString(": " + p.Detail)
	}
	for i, e := range p.Errors {
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s%s: want %s", sep, e.Field, e.Want)
	}
	return b.String()
}

// MarshalJSON writes the document with its title and status. Call it directly for a body: package json escapes <, > and &
// in what it gets from here, and this does not.
func (p *Problem) MarshalJSON() ([]byte, error) {
	return encode(struct {
		Type     ProblemType  `json:"type"`
		Title    string       `json:"title"`
		Status   int          `json:"status"`
		Detail   string       `json:"detail,omitempty"`
		Instance string       `json:"instance,omitempty"`
		Errors   []FieldError `json:"errors,omitempty"`
	}{p.Type, p.Type.Title(), p.Type.Status(), p.Detail, p.Instance, p.Errors})
}
