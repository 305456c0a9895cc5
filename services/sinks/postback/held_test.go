package postback_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/sinks/postback"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// ailing is an endpoint that answers with a status until it is well.
type ailing struct {
	status atomic.Int32
}

func (a *ailing) answer(w http.ResponseWriter, _ sinktest.Arrival, _ <-chan struct{}) {
	if status := a.status.Load(); status != 0 {
		w.WriteHeader(int(status))
	}
}

// neighbours starts an endpoint and a healthy one in the same lane, which has shown that it answers fast.
func neighbours(t *testing.T, h *sinktest.House, sink sinktest.Sink, answer sinktest.Answer) (ill, healthy *sinktest.Receiver) {
	t.Helper()
	ill, healthy = h.Receive(sink, answer), h.Receive(sink, sinktest.Accept)
	for lane(healthy) != lane(ill) {
		healthy = h.Receive(sink, sinktest.Accept)
	}
	return ill, healthy
}

// tellMany publishes n results and returns the jobs.
func tellMany(h *sinktest.House, sink sinktest.Sink, n int, url string) map[string]bool {
	told := map[string]bool{}
	for range n {
		told[h.Tell(sink, url)] = true
	}
	return told
}

// accepted waits until the jobs have come and were taken, and demands one id for each.
func accepted(t *testing.T, sink sinktest.Sink, r *sinktest.Receiver, told map[string]bool, since int) {
	t.Helper()
	list := r.Until(t, "all that was held", func(list []sinktest.Arrival) bool {
		seen := map[string]bool{}
		for _, a := range list[since:] {
			seen[sink.About(a)] = true
		}
		return len(seen) >= len(told)
	})
	ids := map[string]string{}
	for _, a := range list {
		about := sink.About(a)
		if id, known := ids[about]; known && id != a.ID {
			t.Errorf("job %s came as %s and %s", about, id, a.ID)
		}
		ids[about] = a.ID
	}
}

// parked counts what rests for all endpoints.
func parked(h *sinktest.House) int {
	return len(h.Stored(bus.Parked, bus.HookParkedFilter))
}

// TestBroken parks what is for an endpoint that fails, asks it ever more seldom, and lets go of all once it is back.
func TestBroken(t *testing.T) {
	t.Parallel()
	const n = 300
	h := sinktest.Open(t)
	sink := nativeSink()
	sink.Check = quickly(sink.Check)
	var illness ailing
	illness.status.Store(http.StatusInternalServerError)
	ill, healthy := neighbours(t, h, sink, illness.answer)
	h.Start(sink, time.Second, time.Second, time.Second)
	told := tellMany(h, sink, n, ill.URL)
	h.Await("all of it is parked or a timer", func() bool {
		return parked(h)+len(h.Stored(bus.Hooks, events.Prefix+".hook.retry.>")) >= n
	})
	well := tellMany(h, sink, 20, healthy.URL)
	accepted(t, sink, healthy, well, 0)
	h.Await("the retries are parked, too", func() bool { return parked(h) == n })
	before := len(ill.Arrivals())
	if before > 40 {
		t.Errorf("the failing endpoint was asked %d times", before)
	}
	entry := standing(t, h, ill)
	if !entry.Failing || entry.URL != ill.URL[:len(ill.URL)-len("/hook")] {
		t.Errorf("standing is %+v, want failing", entry)
	}
	operatorEvent(t, h, events.TypeEndpointFailing)
	illness.status.Store(0)
	accepted(t, sink, ill, told, before)
	operatorEvent(t, h, events.TypeEndpointRecovered)
	h.Await("nothing rests", func() bool { return parked(h) == 0 })
	taken := map[string]int{}
	for _, a := range ill.Arrivals()[before:] {
		taken[a.ID]++
	}
	for id, times := range taken {
		if times > 2 { // a probe may have been under way when it got well
			t.Errorf("%s was delivered %d times", id, times)
		}
	}
	h.Await("the endpoint is not failing any more", func() bool { return !standing(t, h, ill).Failing })
}

// TestBroken_OutlivesTheHouse kills everything while deliveries are parked; the timer is the broker's.
func TestBroken_OutlivesTheHouse(t *testing.T) {
	t.Parallel()
	const n = 60
	h := sinktest.Open(t)
	sink := nativeSink()
	var illness ailing
	illness.status.Store(http.StatusBadGateway)
	ill := h.Receive(sink, illness.answer)
	h.Start(sink, time.Second, time.Second, time.Second)
	told := tellMany(h, sink, n, ill.URL)
	h.Await("all of it is parked", func() bool { return parked(h) == n })
	h.Rebuild()
	h.Start(sink, time.Second, time.Second, time.Second)
	before := len(ill.Arrivals())
	illness.status.Store(0)
	accepted(t, sink, ill, told, before)
}

// TestBroken_ManyShareATimer holds deliveries for many failing endpoints behind the timers of their lanes, through a kill.
func TestBroken_ManyShareATimer(t *testing.T) {
	t.Parallel()
	const many = 40
	h := sinktest.Open(t)
	sink := nativeSink()
	var illness ailing
	illness.status.Store(http.StatusInternalServerError)
	ill := h.Receive(sink, illness.answer)
	told := map[string]bool{}
	for i := range many {
		url := fmt.Sprintf("http://127.0.1.%d%s", i+1, ill.URL[len("http://127.0.0.1"):])
		id := delivery.Endpoint(sinktest.Application, url)
		if _, err := h.Endpoints().Change(t.Context(), sinktest.Application, id, func(s *delivery.Standing) { s.Failing = true }); err != nil {
			t.Fatal(err)
		}
		told[h.Tell(sink, url)] = true
	}
	h.Start(sink, time.Second)
	ill.Until(t, "all are probed", func(list []sinktest.Arrival) bool {
		probed := map[string]bool{}
		for _, a := range list {
			probed[sink.About(a)] = true
		}
		return len(probed) == many
	})
	if timers := h.Stored(bus.Hooks, events.Prefix+".hook.probe.>"); len(timers) > bus.HookLanes {
		t.Errorf("%d timers are set for %d endpoints, want one for each lane", len(timers), many)
	}
	h.Rebuild()
	before := len(ill.Arrivals())
	illness.status.Store(0)
	h.Start(sink, time.Second)
	accepted(t, sink, ill, told, before)
	h.Await("nothing rests", func() bool { return parked(h) == 0 })
}

// TestPaused holds everything for an endpoint, and nothing for its neighbour.
func TestPaused(t *testing.T) {
	t.Parallel()
	const n = 50
	h := sinktest.Open(t)
	sink := nativeSink()
	resting, healthy := neighbours(t, h, sink, sinktest.Accept)
	h.Start(sink)
	tellMany(h, sink, 1, resting.URL)
	resting.Next(t)
	endpoints := h.Endpoints()
	id := delivery.Endpoint(sinktest.Application, resting.URL)
	if _, err := delivery.Pause(t.Context(), endpoints, sinktest.Application, id, "they move house"); err != nil {
		t.Fatal(err)
	}
	h.Await("the sink knows", func() bool {
		tellMany(h, sink, 1, resting.URL)
		return parked(h) > 0
	})
	came := len(resting.Arrivals())
	told := tellMany(h, sink, n, resting.URL)
	accepted(t, sink, healthy, tellMany(h, sink, 10, healthy.URL), 0)
	h.Await("it is held", func() bool { return parked(h) >= n })
	if now := len(resting.Arrivals()); now != came {
		t.Errorf("%d came although the endpoint is paused", now-came)
	}
	if s := standing(t, h, resting); s.Mode != delivery.Paused || s.Reason != "they move house" {
		t.Errorf("standing is %+v, want paused with its reason", s)
	}
	if entry := h.Logs(events.TypeDeliveryHeld, anyOf(told)); entry.Reason != "paused" {
		t.Errorf("log has %+v, want it held because the endpoint is paused", entry)
	}
	if _, err := delivery.Resume(t.Context(), h.Bus, endpoints, sinktest.Application, id); err != nil {
		t.Fatal(err)
	}
	accepted(t, sink, resting, told, came)
}

// TestGone_HoldsTheAddressAlone goes on with other addresses of the endpoint.
func TestGone_HoldsTheAddressAlone(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	sink := nativeSink()
	var illness ailing
	illness.status.Store(http.StatusGone)
	receiver := h.Receive(sink, func(w http.ResponseWriter, a sinktest.Arrival, done <-chan struct{}) {
		if a.Path == "/gone" {
			illness.answer(w, a, done)
		}
	})
	h.Start(sink, 50*time.Millisecond)
	base := receiver.URL[:len(receiver.URL)-len("/hook")]
	told := tellMany(h, sink, 1, base+"/gone?token=1")
	receiver.Next(t)
	operatorEvent(t, h, events.TypeEndpointDisabled)
	for about := range tellMany(h, sink, 3, base+"/gone?token=2") {
		told[about] = true
	}
	h.Await("it is held", func() bool { return parked(h) == len(told) })
	accepted(t, sink, receiver, tellMany(h, sink, 5, base+"/fine"), 1)
	if n := len(receiver.Arrivals()); n != 6 {
		t.Errorf("%d requests came, want one that was gone and five that were fine", n)
	}
	illness.status.Store(0)
	address := delivery.Address(sinktest.Application, base+"/gone")
	if _, err := delivery.Resume(t.Context(), h.Bus, h.Endpoints(), sinktest.Application, address); err != nil {
		t.Fatal(err)
	}
	accepted(t, sink, receiver, told, 6)
}

// TestQuota puts on record what is beyond what may be held.
func TestQuota(t *testing.T) {
	t.Parallel()
	const quota = 5
	h := sinktest.Open(t)
	sink := nativeSink()
	sink.New = func(deps sinktest.Deps) (sinktest.Runner, error) {
		config := postback.DefaultConfig()
		config.EndpointQuota = quota
		return postback.New(config, postback.Deps{
			Bus: deps.Bus, Applications: deps.Applications, Key: deps.Key, Poster: deps.Poster, Metrics: deps.Metrics, Log: deps.Log,
		})
	}
	receiver := h.Receive(sink, sinktest.Accept)
	id := delivery.Endpoint(sinktest.Application, receiver.URL)
	if _, err := delivery.Pause(t.Context(), h.Endpoints(), sinktest.Application, id, "full"); err != nil {
		t.Fatal(err)
	}
	h.Start(sink)
	for range quota {
		before := parked(h)
		h.Tell(sink, receiver.URL)
		h.Await("it is held", func() bool { return parked(h) == before+1 })
	}
	over := h.Tell(sink, receiver.URL)
	if entry := h.Logs(events.TypeDeliveryExhausted, over); entry.Reason != "paused" {
		t.Errorf("log has %+v, want exhausted with the reason why it was to be held", entry)
	}
	if dead := h.Buried("hook", 1); dead[0].Header.Get("Ringback-Reason") == "" {
		t.Error("buried without a reason")
	}
	if n := parked(h); n != quota {
		t.Errorf("%d are held, want the quota of %d", n, quota)
	}
}

// TestSilent gives far more endpoints than there are places for the silent ones a delivery each, none of which is
// answered; a healthy one in the same lane is not held up.
func TestSilent(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	sink := nativeSink()
	sink.New = func(deps sinktest.Deps) (sinktest.Runner, error) {
		config := postback.DefaultConfig()
		config.Timeout, config.Grace, config.SlowInFlight, config.InFlight = 30*time.Second, time.Second, 4, 4
		return postback.New(config, postback.Deps{
			Bus: deps.Bus, Applications: deps.Applications, Key: deps.Key, Poster: deps.Poster, Metrics: deps.Metrics, Log: deps.Log,
		})
	}
	silent, healthy := neighbours(t, h, sink, sinktest.NeverAnswer)
	h.Start(sink)
	h.Tell(sink, healthy.URL)
	healthy.Next(t)
	for i := range 40 {
		h.Tell(sink, fmt.Sprintf("http://127.0.1.%d%s", i+1, silent.URL[len("http://127.0.0.1"):]))
	}
	silent.Until(t, "all places for the silent are taken", func(list []sinktest.Arrival) bool { return len(list) >= 4 })
	accepted(t, sink, healthy, tellMany(h, sink, 20, healthy.URL), 1)
	if n := len(silent.Arrivals()); n >= 40 {
		t.Errorf("the healthy endpoint waited behind %d silent ones", n)
	}
	// Each silent attempt is given up early, because others wait for its place.
	silent.Until(t, "every silent endpoint was tried", func(list []sinktest.Arrival) bool { return len(list) >= 40 })
	h.Await("those that were given up rest, without timers of their own", func() bool { return parked(h) >= 36 })
}

func standing(t *testing.T, h *sinktest.House, r *sinktest.Receiver) delivery.Standing {
	t.Helper()
	s, err := h.Endpoints().Get(t.Context(), sinktest.Application, delivery.Endpoint(sinktest.Application, r.URL))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// operatorEvent waits for what operators are told.
func operatorEvent(t *testing.T, h *sinktest.House, kind string) {
	t.Helper()
	h.Await(kind+" is told", func() bool {
		for _, m := range h.Stored(bus.Deliveries, events.Prefix+".opr.>") {
			e, err := m.Event()
			if err != nil {
				t.Fatal(err)
			}
			if e.Type() == kind {
				if err := sinktest.ValidEvent(kind, m.Data); err != nil {
					t.Error(err)
				}
				return true
			}
		}
		return false
	})
}

func anyOf(set map[string]bool) string {
	for key := range set {
		return key
	}
	return ""
}
