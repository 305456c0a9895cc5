package native

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/job"
)

// JobPath is where a job's status is read, relative to the installation's public address.
func JobPath(id events.ID) string { return "/v1/jobs/" + id.String() }

type links struct {
	Self string `json:"self"`
}

type promised struct {
	ID  string `json:"id"`
	URL string `json:"url"`
}

type accepted struct {
	ID      string       `json:"id"`
	State   events.State `json:"state"`
	Outputs []promised   `json:"outputs"`
	Links   links        `json:"links"`
}

// AcceptedReply is the body of 202: the job's id and where its outputs are going to be. publicURL is the
// installation's address, which the link starts with; empty makes the link relative.
func AcceptedReply(j job.Job, publicURL string) []byte {
	reply := accepted{
		ID: j.ID.String(), State: events.StateQueued, Outputs: []promised{},
		Links: links{Self: strings.TrimRight(publicURL, "/") + JobPath(j.ID)},
	}
	for i, save := range j.Recipe.Outputs() {
		p := promised{ID: save.ID}
		if i < len(j.Locations) {
			p.URL = j.Locations[i].URL
		}
		reply.Outputs = append(reply.Outputs, p)
	}
	body, _ := encode(reply) // strings only: it cannot fail
	return body
}

type queued struct {
	ID    string       `json:"id"`
	State events.State `json:"state"`
	Links links        `json:"links"`
}

// QueuedReply is the body of a status request for a job without a result yet.
func QueuedReply(id events.ID, publicURL string) []byte {
	self := strings.TrimRight(publicURL, "/") + JobPath(id)
	body, _ := encode(queued{ID: id.String(), State: events.StateQueued, Links: links{Self: self}}) // strings only
	return body
}

// StatusReply is the body of a status request for a job that has ended: the result itself. It fails only when the
// result's metadata is not JSON.
func StatusReply(result events.Result) ([]byte, error) { return encode(whole(result)) }

// whole gives a result without outputs the empty list that the schema promises.
func whole(result events.Result) events.Result {
	if result.Outputs == nil {
		result.Outputs = []events.Output{}
	}
	return result
}

type postback struct {
	Type      string          `json:"type"`
	Timestamp string          `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// PostbackMedia is the content type of [Postback].
const PostbackMedia = "application/json"

// postbackTime is how postbacks write times.
const postbackTime = "2006-01-02T15:04:05.000Z"

// Postback is the body of a native postback, in the shape that Standard Webhooks 1.0.0 recommends. result is the JSON of an
// [events.Result] as it was published: whoever is posted to reads what subscribers read. endedAt is when the job ended: it
// is the same on every attempt, so that the body is too. It fails only when result is not JSON.
func Postback(state events.State, result json.RawMessage, endedAt time.Time) ([]byte, error) {
	return encode(postback{Type: "job." + string(state), Timestamp: endedAt.UTC().Format(postbackTime), Data: result})
}

// TestData is what a test of an endpoint carries.
type TestData struct {
	ID          string `json:"id"`
	Application string `json:"application"`
	Message     string `json:"message"`
}

// TestPostback is the body of a test of an endpoint, in the shape of [Postback] and with a type that no result has.
func TestPostback(data TestData, at time.Time) ([]byte, error) {
	return encode(struct {
		Type      string   `json:"type"`
		Timestamp string   `json:"timestamp"`
		Data      TestData `json:"data"`
	}{"endpoint.test", at.UTC().Format(postbackTime), data})
}

// encode leaves <, > and & as they are: addresses are full of them and nobody puts these bodies into a page.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode reply: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
