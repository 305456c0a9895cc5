package pixta

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// Media is the content type of all bodies.
const Media = "application/json"

// success is the message of everything that went well.
const success = "Success"

// Details is what the dialect keeps of a request to tell of its result.
type Details struct {
	// SourceID is the source's, as the client named it.
	SourceID string `json:"source_id"`
}

// Encode writes the details for a job's record.
func (d Details) Encode() json.RawMessage {
	raw, _ := json.Marshal(d) // a text
	return raw
}

// ParseDetails reads what [Details.Encode] wrote.
func ParseDetails(raw json.RawMessage) (Details, error) {
	var d Details
	if err := json.Unmarshal(raw, &d); err != nil {
		return d, fmt.Errorf("read pixta details: %w", err)
	}
	return d, nil
}

// envelope is every body. The order of the fields is that of the provider's example.
type envelope struct {
	StatusCode int       `json:"status_code"`
	Message    string    `json:"message"`
	Response   *response `json:"response"`
}

type response struct {
	SourceID   string `json:"source_id,omitempty"`
	JobID      string `json:"job_id,omitempty"`
	ObjectPuts []put  `json:"object_puts,omitzero"`
	MIME       string `json:"mime,omitempty"`
	Size       string `json:"size,omitempty"` // bytes, as a text
}

type put struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
}

// AcceptedReply answers a request that was taken, with the id that the webhook is going to have.
func AcceptedReply(id events.ID, d Details) []byte {
	return encode(envelope{http.StatusOK, success, &response{SourceID: d.SourceID, JobID: id.Pixta()}})
}

// ErrorReply answers a request that was not taken.
func ErrorReply(e *Error) []byte { return encode(envelope{e.Status, e.Message, nil}) }

// QueuedReply answers who asks for a process that is not done.
func QueuedReply(id events.ID) []byte {
	return encode(envelope{http.StatusAccepted, "Processing", &response{JobID: id.Pixta()}})
}

// Webhook is the body that tells of a result, and what a poll answers: 200 when the picture is in every destination, 207
// when it is in some, and else the status that says best why it is in none. It fails when the result has no id.
func Webhook(result events.Result, d Details) ([]byte, error) {
	id, err := events.ParseID(result.ID)
	if err != nil {
		return nil, fmt.Errorf("write webhook: %w", err)
	}
	body := envelope{http.StatusOK, success, &response{SourceID: d.SourceID, JobID: id.Pixta(), ObjectPuts: []put{}}}
	if len(result.Errors) > 0 {
		body.StatusCode, body.Message = status(result), messages(result.Errors)
	}
	for _, output := range result.Outputs {
		for _, stored := range output.Stored {
			if stored.Error == nil {
				body.Response.ObjectPuts = append(body.Response.ObjectPuts, put{stored.Bucket, stored.Key})
			}
		}
		body.Response.MIME = recipe.Format(output.Format).ContentType()
		body.Response.Size = strconv.FormatInt(output.Bytes, 10)
	}
	return encode(body), nil
}

// status is the status_code of a result that did not go well.
func status(result events.Result) int {
	if len(result.Outputs) > 0 {
		return http.StatusMultiStatus
	}
	return statusOf(result.Errors[0].Code)
}

// statusOf is the status that says best what a failure is about.
func statusOf(code string) int {
	switch {
	case code == "source_not_found":
		return http.StatusNotFound
	case strings.HasPrefix(code, "destination_"):
		return http.StatusBadGateway
	case code == "internal" || code == string(recipe.RendererCrashed):
		return http.StatusInternalServerError
	default:
		return http.StatusUnprocessableEntity
	}
}

// messages puts the reasons into one line.
func messages(failures []events.Failure) string {
	texts := make([]string, len(failures))
	for i, failure := range failures {
		texts[i] = failure.Message
	}
	return strings.Join(texts, "; ")
}

// encode leaves <, > and & as they are: keys and addresses are full of them.
func encode(e envelope) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(e) // texts and numbers only
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Refusal is a picture that could not be made, as an answer to whoever asked for it.
func Refusal(f events.Failure) *Error { return &Error{Status: statusOf(f.Code), Message: f.Message} }
