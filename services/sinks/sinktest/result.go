package sinktest

import (
	"errors"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
)

// NewResult is the result of a new job with one output, about the media item of the job's own id.
func (h *House) NewResult() events.Result {
	id := events.NewID(time.Now(), Application, h.Key.Derive("id")).String()
	return events.Result{
		ID: id, State: events.StateCompleted, Media: &events.MediaRef{ID: id},
		Source: &events.Source{Width: 2000, Height: 1000, Format: "jpeg", Bytes: 1 << 20},
		Outputs: []events.Output{{
			ID: "a", URL: "http://127.0.0.1/files/demo/" + id + "/a.jpg", Width: 100, Height: 50, Format: "jpeg", Bytes: 4096,
		}},
		Timing: events.Timing{QueuedMS: 1, FetchMS: 2, RenderMS: 3, StoreMS: 4},
	}
}

// Tell publishes the result of a new job that wants to be told at the addresses, and returns the job's id.
func (h *House) Tell(sink Sink, urls ...string) string {
	h.tb.Helper()
	result := h.NewResult()
	if err := h.Publish(result, sink.Record(urls...)); err != nil {
		h.tb.Fatal(err)
	}
	return result.ID
}

// Publish stores a result and its record as the processor does: both or none, and once.
func (h *House) Publish(result events.Result, record job.Record) error {
	h.tb.Helper()
	id, err := events.ParseID(result.ID)
	if err != nil {
		h.tb.Fatal(err)
	}
	sealed, err := record.Seal(h.Key, Application, id)
	if err != nil {
		h.tb.Fatal(err)
	}
	return h.publishSealed(result, sealed)
}

func (h *House) publishSealed(result events.Result, sealed []byte) error {
	h.tb.Helper()
	out, err := bus.Event(events.ResultSubject(Application, result.ID), result.State.Type(), "/ringback/processor", result.ID, result)
	if err != nil {
		h.tb.Fatal(err)
	}
	out.Last = bus.MustBeNew()
	record := bus.Out{Subject: bus.RecordSubject(Application, result.ID), Data: sealed, Last: bus.MustBeNew()}
	_, err = h.Bus.PublishAtomic(h.tb.Context(), []bus.Out{record, out})
	return err
}

// LogEntry is an entry of RINGBACK_DELIVERIES.
type LogEntry struct {
	Type string
	events.Delivery
}

// Deliveries reads the log of attempts, and validates each entry.
func (h *House) Deliveries() []LogEntry {
	h.tb.Helper()
	var list []LogEntry
	for _, m := range h.Stored(bus.Deliveries, events.Prefix+".dlv.>") {
		e, err := m.Event()
		if err != nil {
			h.tb.Fatalf("log entry on %s: %v", m.Subject, err)
		}
		if err := ValidEvent(e.Type(), m.Data); err != nil {
			h.tb.Error(err)
		}
		entry := LogEntry{Type: e.Type()}
		if err := e.DataAs(&entry.Delivery); err != nil {
			h.tb.Fatalf("log entry on %s: %v", m.Subject, err)
		}
		list = append(list, entry)
	}
	return list
}

// Logs waits for a log entry of a type about a job.
func (h *House) Logs(kind, about string) LogEntry {
	h.tb.Helper()
	var found LogEntry
	h.Await(kind+" is logged about "+about, func() bool {
		for _, entry := range h.Deliveries() {
			if entry.Type == kind && entry.Job == about {
				found = entry
				return true
			}
		}
		return false
	})
	return found
}

// Buried waits for as many dead letters of a kind and returns them.
func (h *House) Buried(kind string, n int) []*bus.Message {
	h.tb.Helper()
	var dead []*bus.Message
	h.Await("dead letters of "+kind, func() bool {
		dead = h.Stored(bus.Dead, bus.DeadSubject(kind, Application))
		return len(dead) >= n
	})
	return dead
}

// Stored reads what is on a subject filter now.
func (h *House) Stored(stream, filter string) []*bus.Message {
	h.tb.Helper()
	var list []*bus.Message
	err := h.Bus.Scan(h.tb.Context(), stream, filter, func(m *bus.Message) error { list = append(list, m); return nil })
	if err != nil {
		h.tb.Fatalf("scan %s: %v", filter, err)
	}
	return list
}

// mustExist fails the test unless the broker said that the result was there before.
func mustExist(tb testing.TB, err error) {
	tb.Helper()
	if !errors.Is(err, bus.ErrExists) {
		tb.Errorf("the same result once more: %v, want ErrExists", err)
	}
}
