package sinktest

import (
	"net/http"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
)

func failure(t *testing.T, sink Sink) {
	h := Open(t)
	receiver := h.Receive(sink, FailFirst(1, http.StatusInternalServerError))
	h.Start(sink, 1100*time.Millisecond)
	about := h.Tell(sink, receiver.URL)
	first, second := receiver.Next(t), receiver.Next(t)
	if first.ID != second.ID || string(first.Body) != string(second.Body) {
		t.Errorf("came as %s and again as %s, want the same id and body:\n%s\n%s", first.ID, second.ID, first.Body, second.Body)
	}
	if gap := second.At.Sub(first.At); gap < 1100*time.Millisecond {
		t.Errorf("repeated after %s, want 1.1s or more", gap)
	}
	for _, name := range []string{events.HeaderTimestamp, events.HeaderSignature} {
		if was, is := first.Header.Get(name), second.Header.Get(name); was != "" && was == is {
			t.Errorf("%s is %q again, want a fresh one for each attempt", name, is)
		}
	}
	entry := h.Logs(events.TypeDeliveryScheduled, about)
	if entry.Attempt != 1 || entry.Status != http.StatusInternalServerError || entry.NextAt == nil {
		t.Errorf("log has %+v, want attempt 1 with status 500 and the time of the next", entry)
	}
	if entry := h.Logs(events.TypeDeliveryDelivered, about); entry.Attempt != 2 || entry.ID != first.ID {
		t.Errorf("log has %+v, want attempt 2 of %s", entry, first.ID)
	}
}

// silence gives an endpoint more than it may have in progress, and looks at a healthy one in the same lane.
func silence(t *testing.T, sink Sink) {
	h := Open(t)
	silent := h.Receive(sink, NeverAnswer)
	healthy := h.Receive(sink, Accept)
	for lane(healthy) != lane(silent) {
		healthy = h.Receive(sink, Accept)
	}
	h.Start(sink, time.Minute)
	for range 20 {
		h.Tell(sink, silent.URL)
	}
	silent.Next(t)
	about := h.Tell(sink, healthy.URL)
	begun := time.Now()
	if a := healthy.Next(t); sink.About(a) != about {
		t.Errorf("%s came, want %s", sink.About(a), about)
	}
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("the healthy endpoint waited %s behind the silent one", took)
	}
}

func lane(r *Receiver) string { return laneOf(delivery.Endpoint(Application, r.URL)) }

func laneOf(endpoint string) string { return bus.HookLane(endpoint) }

// outlives kills the house while a retry is a timer of the broker.
func outlives(t *testing.T, sink Sink) {
	h := Open(t)
	receiver := h.Receive(sink, FailFirst(1, http.StatusBadGateway))
	h.Start(sink, 3*time.Second)
	about := h.Tell(sink, receiver.URL)
	first := receiver.Next(t)
	h.Logs(events.TypeDeliveryScheduled, about)
	h.Rebuild()
	h.Start(sink, 3*time.Second)
	if second := receiver.Next(t); second.ID != first.ID || string(second.Body) != string(first.Body) {
		t.Errorf("came as %s before and as %s after the restart, want the same id and body", first.ID, second.ID)
	}
}

func retryAfter(t *testing.T, sink Sink) {
	h := Open(t)
	receiver := h.Receive(sink, func(w http.ResponseWriter, a Arrival, _ <-chan struct{}) {
		if a.Try == 1 {
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	h.Start(sink, 50*time.Millisecond)
	h.Tell(sink, receiver.URL)
	first, second := receiver.Next(t), receiver.Next(t)
	if gap := second.At.Sub(first.At); gap < 2*time.Second {
		t.Errorf("repeated after %s, want the two seconds that were asked for", gap)
	}
}

func gone(t *testing.T, sink Sink) {
	h := Open(t)
	receiver := h.Receive(sink, Refuse(http.StatusGone))
	h.Start(sink, 50*time.Millisecond, 50*time.Millisecond)
	about := h.Tell(sink, receiver.URL)
	a := receiver.Next(t)
	end := events.TypeDeliveryExhausted
	if sink.GoneHolds {
		end = events.TypeDeliveryHeld
	}
	if entry := h.Logs(end, about); entry.Status != http.StatusGone || entry.ID != a.ID {
		t.Errorf("log has %+v, want status 410 of %s", entry, a.ID)
	}
	if !sink.GoneHolds {
		h.Buried(sink.DeliveryKind, 1)
	}
	if n := len(receiver.Arrivals()); n != 1 {
		t.Errorf("came %d times, want once", n)
	}
}

func exhausted(t *testing.T, sink Sink) {
	h := Open(t)
	receiver := h.Receive(sink, Refuse(http.StatusInternalServerError))
	h.Start(sink, 50*time.Millisecond, 50*time.Millisecond)
	about := h.Tell(sink, receiver.URL)
	entry := h.Logs(events.TypeDeliveryExhausted, about)
	if entry.Attempt != 3 || entry.NextAt != nil {
		t.Errorf("log has %+v, want attempt 3 and no next", entry)
	}
	dead := h.Buried(sink.DeliveryKind, 1)
	if reason := dead[0].Header.Get("Ringback-Reason"); reason == "" {
		t.Error("buried without a reason")
	}
	if n := len(receiver.Arrivals()); n != 3 {
		t.Errorf("came %d times, want 3", n)
	}
}

func endsWell(t *testing.T, sink Sink) {
	h := Open(t)
	release := make(chan struct{})
	receiver := h.Receive(sink, func(_ http.ResponseWriter, _ Arrival, done <-chan struct{}) {
		select {
		case <-release:
		case <-done:
		}
	})
	first := h.Start(sink)
	about := h.Tell(sink, receiver.URL)
	receiver.Next(t)
	stopped := make(chan struct{})
	go func() { first.Stop(); close(stopped) }()
	close(release)
	<-stopped
	h.Logs(events.TypeDeliveryDelivered, about)
	h.Start(sink)
	next := h.Tell(sink, receiver.URL)
	if a := receiver.Next(t); sink.About(a) != next {
		t.Errorf("%s came again as %s after it was delivered", sink.About(a), a.ID)
	}
}

func cut(t *testing.T, sink Sink) {
	h := Open(t)
	receiver := h.Receive(sink, func(_ http.ResponseWriter, a Arrival, done <-chan struct{}) {
		if a.Try == 1 {
			<-done
		}
	})
	first := h.Start(sink)
	h.Tell(sink, receiver.URL)
	before := receiver.Next(t)
	first.Stop()
	h.Start(sink)
	if after := receiver.Next(t); after.ID != before.ID || string(after.Body) != string(before.Body) {
		t.Errorf("came as %s before and as %s after the stop, want the same id and body", before.ID, after.ID)
	}
}

// slowly takes everything after a while.
func slowly(d time.Duration) Answer {
	return func(w http.ResponseWriter, _ Arrival, done <-chan struct{}) {
		select {
		case <-time.After(d):
			w.WriteHeader(http.StatusOK)
		case <-done:
		}
	}
}

// publishNonsense stores a result that is none, of a job that wants to be told.
func (h *House) publishNonsense(sink Sink) {
	h.tb.Helper()
	id := events.NewID(time.Now(), Application, h.Key.Derive("id"))
	sealed, err := sink.Record("http://127.0.0.1/").Seal(h.Key, Application, id)
	if err != nil {
		h.tb.Fatal(err)
	}
	record := bus.Out{Subject: bus.RecordSubject(Application, id.String()), Data: sealed, Last: bus.MustBeNew()}
	result := bus.Out{
		Subject: events.ResultSubject(Application, id.String()), Data: []byte("<not json>"), Last: bus.MustBeNew(),
		Header: bus.Header{"ce-id": {"1"}, "ce-type": {events.TypeJobCompleted}},
	}
	if _, err := h.Bus.PublishAtomic(h.tb.Context(), []bus.Out{record, result}); err != nil {
		h.tb.Fatal(err)
	}
}
