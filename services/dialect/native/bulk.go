package native

import (
	"encoding/json"
	"fmt"

	"github.com/ringback/ringback/events"
)

// MaxBulk is how many jobs one request may ask about.
const MaxBulk = 500

// ParseBulk reads the JSON of a question about many jobs and returns their ids as they were sent, in their order; whether
// they are ids at all is not looked at. Every failure is a [*Problem] of type [InvalidRequest] that lists each field that
// is unknown, missing, of a wrong type or there twice.
func ParseBulk(body []byte) ([]string, error) {
	var ids []string
	if err := parseObject(body, func(p *parser, root *object) { ids = p.ids(root) }); err != nil {
		return nil, err
	}
	return ids, nil
}

func (p *parser) ids(root *object) []string {
	const field = "ids"
	want := fmt.Sprintf("a list of 1 to %d ids of jobs", MaxBulk)
	if _, ok := root.fields[field]; !ok {
		root.fail(field, want)
		return nil
	}
	items := root.list(field, want)
	if items == nil {
		return nil // root.list noted it
	}
	if len(items) == 0 || len(items) > MaxBulk {
		p.fail(field, json.RawMessage(fmt.Sprintf("a list of %d", len(items))), want)
		return nil
	}
	first := map[string]int{}
	ids := make([]string, 0, len(items))
	for i, raw := range items {
		var id *string
		if err := json.Unmarshal(raw, &id); err != nil || id == nil {
			p.fail(index(field, i), raw, "the id of a job as a string")
			continue
		}
		if before, twice := first[*id]; twice {
			p.fail(index(field, i), raw, "each id once; it is "+index(field, before)+", too")
			continue
		}
		first[*id] = i
		ids = append(ids, *id)
	}
	return ids
}

type unknown struct {
	ID    string `json:"id"`
	State string `json:"state"`
}

// stateUnknown is the state of an id, in an answer about many, that alone would be answered by 404.
const stateUnknown = "unknown"

// Bulk is an answer about many jobs that is being written. The zero value is ready to use.
type Bulk struct {
	jobs []json.RawMessage
}

// Ended adds a job that has ended. It fails only when the result's metadata is not JSON.
func (b *Bulk) Ended(result events.Result) error {
	body, err := StatusReply(result)
	b.jobs = append(b.jobs, body)
	return err
}

// Queued adds a job without a result yet.
func (b *Bulk) Queued(id events.ID, publicURL string) {
	b.jobs = append(b.jobs, QueuedReply(id, publicURL))
}

// Unknown adds an id that belongs to no job, as it was sent.
func (b *Bulk) Unknown(id string) {
	body, _ := encode(unknown{ID: id, State: stateUnknown}) // strings only
	b.jobs = append(b.jobs, body)
}

// Reply is the body of the answer, in the order in which the jobs were added.
func (b *Bulk) Reply() ([]byte, error) {
	return encode(struct {
		Jobs []json.RawMessage `json:"jobs"`
	}{b.jobs})
}
