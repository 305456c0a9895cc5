package callback_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// ailing is an endpoint that answers with a status until it is well.
type ailing struct{ status atomic.Int32 }

func (a *ailing) answer(w http.ResponseWriter, _ sinktest.Arrival, _ <-chan struct{}) {
	if status := a.status.Load(); status != 0 {
		w.WriteHeader(int(status))
	}
}

// tellMany changes n items and returns the jobs.
func tellMany(h *sinktest.House, s sinktest.Sink, n int, url string) map[string]bool {
	told := map[string]bool{}
	for range n {
		told[h.Tell(s, url)] = true
	}
	return told
}

// all waits until every one of the items was told of.
func all(t *testing.T, r *sinktest.Receiver, told map[string]bool, since int) {
	t.Helper()
	r.Until(t, "all that was held", func(list []sinktest.Arrival) bool {
		seen := map[string]bool{}
		for _, a := range list[since:] {
			if id := fields(a)["id"]; told[id] {
				seen[id] = true
			}
		}
		return len(seen) == len(told)
	})
}

// held waits until n items are held for a reason, by their timers.
func held(h *sinktest.House, reason string, n int) {
	h.Await(fmt.Sprintf("%d are held: %s", n, reason), func() bool {
		found := 0
		for _, m := range h.Stored(bus.Media, bus.MediaArms(sinktest.Application)) {
			if m.Header.Get("Ringback-Held") == reason {
				found++
			}
		}
		return found >= n
	})
}

// operatorEvents waits for what operators are told, and returns how often.
func operatorEvents(t *testing.T, h *sinktest.House, kind string) int {
	t.Helper()
	times := 0
	h.Await(kind+" is told", func() bool {
		times = 0
		for _, m := range h.Stored(bus.Deliveries, events.Prefix+".opr.>") {
			e, err := m.Event()
			if err != nil {
				t.Fatal(err)
			}
			if e.Type() == kind {
				times++
				if err := sinktest.ValidEvent(kind, m.Data); err != nil {
					t.Error(err)
				}
			}
		}
		return times > 0
	})
	return times
}

// TestSilentEndpointHoldsFewPlaces has far more items at a silent endpoint than there are places for callbacks, and a
// healthy endpoint that is told all the time meanwhile.
func TestSilentEndpointHoldsFewPlaces(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	s := sink(time.Second)
	deaf, healthy := h.Receive(s, sinktest.NeverAnswer), h.Receive(s, sinktest.Accept)
	h.Start(s, time.Second)
	told := tellMany(h, s, 200, deaf.URL)
	deaf.Next(t)
	for range 5 {
		all(t, healthy, tellMany(h, s, 5, healthy.URL), 0)
	}
	operatorEvents(t, h, events.TypeEndpointFailing)
	held(h, "broken", 5) // the others know when their timers fire
	if most := deaf.Most(); most > 8 {
		t.Errorf("%d callbacks were in progress at the silent endpoint at a time", most)
	}
	if n := len(deaf.Arrivals()); n > 12 {
		t.Errorf("the silent endpoint was asked %d times", n)
	}
	for _, entry := range h.Deliveries() {
		if entry.Type == events.TypeDeliveryHeld && (entry.Reason != "broken" || entry.Sink != "callback" || !told[entry.Job]) {
			t.Errorf("log has %+v, want it held because the endpoint is broken", entry)
		}
	}
}

// TestBroken holds what is for an endpoint that fails, without an attempt for each, and lets all go once it is back.
func TestBroken(t *testing.T) {
	t.Parallel()
	const n = 60
	h := sinktest.Open(t)
	s := sink(time.Second)
	var illness ailing
	illness.status.Store(http.StatusInternalServerError)
	ill := h.Receive(s, illness.answer)
	h.Start(s, time.Second, time.Second)
	told := tellMany(h, s, n, ill.URL)
	operatorEvents(t, h, events.TypeEndpointFailing)
	held(h, "broken", n/2)
	id := delivery.Endpoint(sinktest.Application, ill.URL)
	h.Await("its standing is failing", func() bool {
		standing, err := h.Endpoints().Get(t.Context(), sinktest.Application, id)
		return err == nil && standing.Failing && standing.URL == delivery.Origin(ill.URL)
	})
	h.Await("a probe that failed is held, and no attempt of its own", func() bool {
		for _, entry := range h.Deliveries() {
			if entry.Type == events.TypeDeliveryHeld && entry.Reason == "broken" && entry.Status == http.StatusInternalServerError {
				return true
			}
		}
		return false
	})
	before := len(ill.Arrivals())
	if before > 50 {
		t.Errorf("the failing endpoint was asked %d times", before)
	}
	illness.status.Store(0)
	all(t, ill, told, before)
	operatorEvents(t, h, events.TypeEndpointRecovered)
	if dead := h.Stored(bus.Dead, bus.DeadSubject("media", sinktest.Application)); len(dead) > 0 {
		t.Errorf("%d callbacks were given up; probes are no attempts of theirs", len(dead))
	}
}

// TestPaused holds the callbacks of an endpoint, their newest state, and lets go at once when it is resumed.
func TestPaused(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	s := sink(time.Second)
	resting, healthy := h.Receive(s, sinktest.Accept), h.Receive(s, sinktest.Accept)
	endpoints, id := h.Endpoints(), delivery.Endpoint(sinktest.Application, resting.URL)
	if _, err := delivery.Pause(t.Context(), endpoints, sinktest.Application, id, "they move house"); err != nil {
		t.Fatal(err)
	}
	h.Start(s)
	change(t, h, "changing", 1, resting.URL)
	told := tellMany(h, s, 20, resting.URL)
	held(h, "paused", 21)
	all(t, healthy, tellMany(h, s, 3, healthy.URL), 0)
	change(t, h, "changing", 2, resting.URL)
	for about := range told {
		entry := h.Logs(events.TypeDeliveryHeld, about)
		if entry.Reason != "paused" || entry.Attempt != 0 {
			t.Errorf("log has %+v, want it held before its first attempt because the endpoint is paused", entry)
		}
	}
	if n := len(resting.Arrivals()); n != 0 {
		t.Errorf("%d came although the endpoint is paused", n)
	}
	if _, err := delivery.Resume(t.Context(), h.Bus, endpoints, sinktest.Application, id); err != nil {
		t.Fatal(err)
	}
	all(t, resting, told, 0)
	resting.Until(t, "the newest state", func(list []sinktest.Arrival) bool {
		for _, a := range list {
			if fields(a)["id"] == "changing" && state(a) == 2 {
				return true
			}
		}
		return false
	})
}

// TestGone disables the address that is gone and nothing else at its endpoint, tells operators once, and sends what was
// held once it is resumed, although the house fell down in between.
func TestGone(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	s := sink(time.Second)
	var illness ailing
	illness.status.Store(http.StatusGone)
	receiver := h.Receive(s, func(w http.ResponseWriter, a sinktest.Arrival, done <-chan struct{}) {
		if a.Path == "/gone" {
			illness.answer(w, a, done)
		}
	})
	h.Start(s, 50*time.Millisecond)
	base := delivery.Origin(receiver.URL)
	told := tellMany(h, s, 1, base+"/gone?token=1")
	receiver.Next(t)
	operatorEvents(t, h, events.TypeEndpointDisabled)
	for about := range tellMany(h, s, 3, base+"/gone?token=2") {
		told[about] = true
	}
	held(h, "disabled", 4)
	all(t, receiver, tellMany(h, s, 3, base+"/fine"), 0)
	if n := len(receiver.Arrivals()); n != 4 {
		t.Errorf("%d requests came, want one that was gone and three that were fine", n)
	}
	if n := operatorEvents(t, h, events.TypeEndpointDisabled); n != 1 {
		t.Errorf("operators were told %d times", n)
	}
	h.Rebuild()
	h.Start(s, 50*time.Millisecond)
	all(t, receiver, tellMany(h, s, 1, base+"/fine"), 4) // it knows what is disabled
	illness.status.Store(0)
	address := delivery.Address(sinktest.Application, base+"/gone")
	if _, err := delivery.Resume(t.Context(), h.Bus, h.Endpoints(), sinktest.Application, address); err != nil {
		t.Fatal(err)
	}
	all(t, receiver, told, 4)
}

// TestRetryAfterIsForTheWholeEndpoint has one callback refused until later, and another that must not come before.
func TestRetryAfterIsForTheWholeEndpoint(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	s := sink(time.Second)
	receiver := h.Receive(s, func(w http.ResponseWriter, a sinktest.Arrival, _ <-chan struct{}) {
		if a.Nth == 1 {
			w.Header().Set("Retry-After", "4")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	h.Start(s, 50*time.Millisecond)
	change(t, h, "one", 1, receiver.URL)
	first := receiver.Next(t)
	h.Logs(events.TypeDeliveryScheduled, jobOf(t, h, "one"))
	change(t, h, "other", 1, receiver.URL)
	for range 2 {
		if gap := receiver.Next(t).At.Sub(first.At); gap < 4*time.Second {
			t.Errorf("another callback came %s after the endpoint asked for four seconds", gap)
		}
	}
}

// TestConnectionsAreKept changes one item several times: one connection is enough.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	s := sink(time.Second)
	receiver := h.Receive(s, sinktest.Accept)
	h.Start(s)
	for i := range 4 {
		change(t, h, "m", i+1, receiver.URL)
		if a := receiver.Next(t); state(a) != i+1 {
			t.Errorf("state %d came, want %d", state(a), i+1)
		}
		h.Logs(events.TypeDeliveryDelivered, jobOf(t, h, "m"))
	}
	if n := receiver.Connections(); n != 1 {
		t.Errorf("%d connections for four callbacks, want one", n)
	}
	all(t, receiver, tellMany(h, s, 100, receiver.URL), 0)
	if n := receiver.Connections(); n > 16 {
		t.Errorf("%d connections for a hundred callbacks, want about as many as went on at a time", n)
	}
}
