package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/seal"
)

// recordsKept is how many records wait for their results. Records are stored first; processors at work side by side
// put others' in between.
const recordsKept = 256

// brokerPause is the wait when the broker did not answer.
const brokerPause = time.Second

// Results puts the stream of results and records together again. It belongs to one translator and is not safe for
// concurrent use.
type Results struct {
	bus    *bus.Bus
	key    seal.Key
	sealed map[string][]byte // by the subject of the record
	order  []string
}

// NewResults makes a reader that opens records with key.
func NewResults(b *bus.Bus, key seal.Key) *Results {
	return &Results{bus: b, key: key, sealed: map[string][]byte{}}
}

// Finished is a job that has ended.
type Finished struct {
	Application string
	// Job is the job's id.
	Job   string
	State events.State
	// Document is the JSON of the [events.Result], as it was published. It is only known to be what a processor wrote.
	Document json.RawMessage
	// Stored is when the broker stored the result, and Sequence its place in the stream.
	Stored   time.Time
	Sequence uint64
}

// Next reads one message of [bus.Results]. A record is kept for its result and gives nil. A message that can never be
// read is rejected.
func (r *Results) Next(m *bus.Message) (*Finished, error) {
	application, id, isRecord, err := bus.ParseResult(m.Subject)
	if err != nil {
		return nil, bus.Reject(err)
	}
	if isRecord {
		r.keep(m)
		return nil, nil
	}
	f := &Finished{Application: application, Job: id, Document: m.Data, Stored: m.Stored, Sequence: m.Sequence}
	kind := m.EventType()
	for _, state := range []events.State{events.StateCompleted, events.StatePartial, events.StateFailed} {
		if state.Type() == kind {
			f.State = state
			return f, nil
		}
	}
	return nil, bus.Reject(fmt.Errorf("result of job %s is an event of type %q", id, kind))
}

// Result reads the document. One that cannot be read, or is of another job, is rejected.
func (f *Finished) Result() (events.Result, error) {
	var result events.Result
	if err := json.Unmarshal(f.Document, &result); err != nil {
		return result, bus.Reject(fmt.Errorf("read result of job %s: %w", f.Job, err))
	}
	if result.ID != f.Job {
		return result, bus.Reject(fmt.Errorf("result of job %s says that it is of %s", f.Job, result.ID))
	}
	return result, nil
}

func (r *Results) keep(m *bus.Message) {
	if len(r.order) == recordsKept {
		delete(r.sealed, r.order[0])
		r.order = r.order[1:]
	}
	r.sealed[m.Subject] = m.Data
	r.order = append(r.order, m.Subject)
}

// Record opens the record of a finished job: nearly always it came by shortly before, else the broker is asked. A job
// without a record wants nobody told; one that cannot be opened is rejected.
func (r *Results) Record(ctx context.Context, f *Finished) (job.Record, error) {
	subject := bus.RecordSubject(f.Application, f.Job)
	sealed, ok := r.sealed[subject]
	if !ok {
		message, err := r.bus.Last(ctx, bus.Events, subject)
		if errors.Is(err, bus.ErrNotFound) {
			return job.Record{}, nil
		}
		if err != nil {
			return job.Record{}, bus.Later(err, brokerPause)
		}
		sealed = message.Data
	}
	record, err := job.OpenRecord(r.key, f.Application, f.Job, sealed)
	if err != nil {
		return job.Record{}, bus.Reject(err)
	}
	return record, nil
}
