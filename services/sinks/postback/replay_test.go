package postback_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/collection"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// exhaustedOnes makes n deliveries that have no attempt left, to an endpoint that fails until it is well.
func exhaustedOnes(t *testing.T, h *sinktest.House, sink sinktest.Sink, n int) (*sinktest.Receiver, *ailing, map[string]bool) {
	t.Helper()
	illness := &ailing{}
	illness.status.Store(http.StatusBadRequest)
	receiver := h.Receive(sink, illness.answer)
	h.Start(sink, 10*time.Millisecond)
	told := tellMany(h, sink, n, receiver.URL)
	for about := range told {
		h.Logs(events.TypeDeliveryExhausted, about)
	}
	return receiver, illness, told
}

// replayed waits until a replay has ended.
func replayed(t *testing.T, h *sinktest.House, r *delivery.Replays, id string) delivery.Replay {
	t.Helper()
	var p delivery.Replay
	h.Await("the replay ended", func() bool {
		var err error
		if p, err = r.Get(t.Context(), sinktest.Application, id); err != nil {
			t.Fatal(err)
		}
		return p.State != delivery.ReplayRunning
	})
	return p
}

// TestReplay makes exhausted deliveries again after their endpoint was mended, with the secret of then.
func TestReplay(t *testing.T) {
	t.Parallel()
	const n = 12
	h := sinktest.Open(t)
	sink := nativeSink()
	receiver, illness, told := exhaustedOnes(t, h, sink, n)
	replays, err := delivery.NewReplays(t.Context(), h.Bus)
	if err != nil {
		t.Fatal(err)
	}
	order := delivery.Order{Filter: delivery.Filter{
		Class: "status", Endpoint: delivery.Endpoint(sinktest.Application, receiver.URL), From: time.Now().Add(-time.Hour),
	}, Rate: 5}
	for _, tt := range []struct {
		name  string
		order delivery.Order
		want  int
	}{
		{"All", order, n},
		{"AnotherClass", delivery.Order{Filter: delivery.Filter{Class: "timeout"}}, 0},
		{"AnotherTime", delivery.Order{Filter: delivery.Filter{To: time.Now().Add(-time.Hour)}}, 0},
		{"Delivered", delivery.Order{Filter: delivery.Filter{State: delivery.Delivered}}, 0},
	} {
		if got, err := replays.Count(t.Context(), sinktest.Application, tt.order, 1000); err != nil || got != tt.want {
			t.Errorf("%s: %d would be made again (%v), want %d", tt.name, got, err, tt.want)
		}
	}
	illness.status.Store(0)
	h.Rotate()
	before := len(receiver.Arrivals())
	begun := time.Now()
	p, err := replays.Start(t.Context(), sinktest.Application, order)
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, sink, receiver, told, before)
	p = replayed(t, h, replays, p.ID)
	if took := time.Since(begun); p.Sent != n || p.Skipped != 0 || took < 2*time.Second {
		t.Errorf("%d sent, %d skipped in %s, want %d at five a second", p.Sent, p.Skipped, took, n)
	}
	for about := range told {
		if entry := h.Logs(events.TypeDeliveryDelivered, about); entry.Replay != p.ID {
			t.Errorf("log has %+v, want it under replay %s", entry, p.ID)
		}
	}
	if left, err := replays.Count(t.Context(), sinktest.Application, order, 1000); err != nil || left != 0 {
		t.Errorf("%d would be made again (%v), want none: all were delivered", left, err)
	}
}

// TestReplay_ByIDPassesAPause reaches an endpoint that is paused, and leaves its health alone.
func TestReplay_ByIDPassesAPause(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	sink := nativeSink()
	receiver, illness, told := exhaustedOnes(t, h, sink, 1)
	id := receiver.Arrivals()[0].ID
	endpoint := delivery.Endpoint(sinktest.Application, receiver.URL)
	if _, err := delivery.Pause(t.Context(), h.Endpoints(), sinktest.Application, endpoint, "work"); err != nil {
		t.Fatal(err)
	}
	replays, err := delivery.NewReplays(t.Context(), h.Bus)
	if err != nil {
		t.Fatal(err)
	}
	illness.status.Store(0)
	before := len(receiver.Arrivals())
	p, err := replays.Start(t.Context(), sinktest.Application, delivery.Order{IDs: []string{id, "dlv_none_0", "cb_other"}})
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, sink, receiver, told, before)
	if p = replayed(t, h, replays, p.ID); p.Sent != 1 || p.Skipped != 2 {
		t.Errorf("%d sent and %d skipped, want 1 and 2", p.Sent, p.Skipped)
	}
}

// TestReplay_LeavesHealthAlone fails far more attempts of a replay than open a breaker, by answers that speak
// against the endpoint, and then delivers at once: nothing was written down, held or told.
func TestReplay_LeavesHealthAlone(t *testing.T) {
	t.Parallel()
	const n = 12 // two attempts each: 16 failures of the last 20 would do
	h := sinktest.Open(t)
	sink := nativeSink()
	receiver, illness, told := exhaustedOnes(t, h, sink, n)
	replays, err := delivery.NewReplays(t.Context(), h.Bus)
	if err != nil {
		t.Fatal(err)
	}
	illness.status.Store(http.StatusInternalServerError) // speaks against the endpoint, as 400 does not
	before := standing(t, h, receiver)
	p, err := replays.Start(t.Context(), sinktest.Application, delivery.Order{Filter: delivery.Filter{State: delivery.Exhausted}, Rate: 1000})
	if err != nil {
		t.Fatal(err)
	}
	h.Await("every attempt of the replay failed, to its last", func() bool {
		failed := map[string]bool{}
		for _, entry := range h.Deliveries() {
			if entry.Replay == p.ID && entry.Type == events.TypeDeliveryExhausted && entry.Status == http.StatusInternalServerError {
				failed[entry.ID] = true
			}
		}
		return len(failed) == len(told)
	})
	if after := standing(t, h, receiver); after != before {
		t.Errorf("standing went from %+v to %+v", before, after)
	}
	illness.status.Store(0)
	came := len(receiver.Arrivals())
	accepted(t, sink, receiver, tellMany(h, sink, 1, receiver.URL), came)
	if held := parked(h); held != 0 {
		t.Errorf("%d are held", held)
	}
	for _, m := range h.Stored(bus.Deliveries, events.Prefix+".opr.>") {
		if e, err := m.Event(); err != nil || e.Type() == events.TypeEndpointFailing {
			t.Errorf("operators were told %s (%v)", m.Data, err)
		}
	}
}

// TestReplay_Cancel ends a replay before it is through.
func TestReplay_Cancel(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	sink := nativeSink()
	receiver, illness, _ := exhaustedOnes(t, h, sink, 6)
	replays, err := delivery.NewReplays(t.Context(), h.Bus)
	if err != nil {
		t.Fatal(err)
	}
	illness.status.Store(0)
	before := len(receiver.Arrivals())
	p, err := replays.Start(t.Context(), sinktest.Application, delivery.Order{Filter: delivery.Filter{State: delivery.Exhausted}, Rate: 1})
	if err != nil {
		t.Fatal(err)
	}
	receiver.Until(t, "the first of it", func(list []sinktest.Arrival) bool { return len(list) > before })
	if p, err = replays.Cancel(t.Context(), sinktest.Application, p.ID); err != nil || p.State != delivery.ReplayCancelled {
		t.Fatalf("cancelled: %+v, %v", p, err)
	}
	h.Await("no step is due any more", func() bool {
		return len(h.Stored("RINGBACK_HOOKS", "ringback.hook.step.>")) == 0
	})
	if came := len(receiver.Arrivals()) - before; came > 3 {
		t.Errorf("%d were made again after the replay was cancelled", came)
	}
}

func TestOrder_Validate(t *testing.T) {
	t.Parallel()
	for _, o := range []delivery.Order{
		{},
		{IDs: []string{"a"}, Filter: delivery.Filter{Class: "dns"}},
		{IDs: []string{"a"}, Rate: -1},
		{IDs: []string{"a"}, Rate: 1001},
		{Filter: delivery.Filter{State: "held"}},
		{Filter: delivery.Filter{State: "lost"}},
		{IDs: make([]string, 501)},
		{Filter: delivery.Filter{Endpoint: "a.>"}},
		{Filter: delivery.Filter{From: time.Now(), To: time.Now().Add(-time.Minute)}},
	} {
		if err := o.Validate(); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

// TestReplay_OfACallback lets the media item of a callback be told of once more, and leaves one alone whose item is gone.
func TestReplay_OfACallback(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	h.Start(nativeSink())
	items, err := collection.Open(t.Context(), h.Bus, "/ringback/test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := items.Create(t.Context(), sinktest.Application, events.Media{ID: "7", Outputs: []events.Output{}}); err != nil {
		t.Fatal(err)
	}
	for id, item := range map[string]string{"cb_1": "7", "cb_2": "gone", "cb_3": ""} {
		entry := events.Delivery{ID: id, Media: item, Sink: "callback", Endpoint: "e", Target: "http://h", Attempt: 9, Status: 500}
		out, err := bus.Event(bus.DeliverySubject(sinktest.Application, delivery.Exhausted, "e", id), events.TypeDeliveryExhausted, "/test", id, entry)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Bus.Publish(t.Context(), out); err != nil {
			t.Fatal(err)
		}
	}
	replays, err := delivery.NewReplays(t.Context(), h.Bus)
	if err != nil {
		t.Fatal(err)
	}
	order := delivery.Order{IDs: []string{"cb_1", "cb_2", "cb_3", "cb_4"}}
	begun, err := replays.Start(t.Context(), sinktest.Application, order)
	if err != nil {
		t.Fatal(err)
	}
	if p := replayed(t, h, replays, begun.ID); p.State != delivery.ReplayDone || p.Sent != 1 || p.Skipped != 3 {
		t.Errorf("got %+v, want one sent and three skipped", p)
	}
	if item, err := items.Get(t.Context(), sinktest.Application, "7"); err != nil || item.Revision != 2 {
		t.Errorf("got %+v, %v, want it to be told of once more", item, err)
	}
}
