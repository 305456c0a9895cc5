package postback_test

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/sinks/postback"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// TestManyEvents sends two thousand results to fifty endpoints that fail at random, through a kill in the middle.
func TestManyEvents(t *testing.T) {
	t.Parallel()
	const jobs, endpoints = 2000, 50
	h := sinktest.Open(t)
	sink := nativeSink()
	sink.Check = quickly(sink.Check)
	pauses := []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond, time.Second, time.Second, time.Second, time.Second, time.Second}
	flaky := func(w http.ResponseWriter, a sinktest.Arrival, _ <-chan struct{}) {
		if a.Try < 6 && rand.IntN(5) == 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
	var receivers []*sinktest.Receiver
	for range endpoints {
		receivers = append(receivers, h.Receive(sink, flaky))
	}
	h.Start(sink, pauses...)
	wanted := map[string]int{}
	for i := range jobs {
		if i == jobs/2 {
			h.Rebuild()
			h.Start(sink, pauses...)
		}
		wanted[h.Tell(sink, receivers[i%endpoints].URL)] = i % endpoints
	}
	ids := map[string]string{}
	for at, receiver := range receivers {
		list := receiver.Until(t, "all of its results", func(list []sinktest.Arrival) bool {
			seen := map[string]bool{}
			for _, a := range list {
				seen[a.ID] = true
			}
			return len(seen) >= jobs/endpoints
		})
		for _, a := range list {
			about := sink.About(a)
			if to, known := wanted[about]; !known || to != at {
				t.Errorf("endpoint %d got %s, which is for %d", at, about, to)
			}
			if id, known := ids[about]; known && id != a.ID {
				t.Errorf("job %s came as %s and %s", about, id, a.ID)
			}
			ids[about] = a.ID
		}
	}
	if len(ids) != jobs {
		t.Errorf("%d of %d jobs arrived", len(ids), jobs)
	}
	emptied(t, h)
}

// quickly judges a sample: to compare thousands of bodies with a schema says no more.
func quickly(check func(sinktest.Arrival, application.Application) error) func(sinktest.Arrival, application.Application) error {
	return func(a sinktest.Arrival, app application.Application) error {
		if a.Nth%10 != 1 {
			return events.VerifyPostback(app.SigningSecrets(a.At), a.Header, a.Body, a.At)
		}
		return check(a, app)
	}
}

// emptied waits until nothing is left of deliveries that are done but the one position of the translator.
func emptied(t *testing.T, h *sinktest.House) {
	t.Helper()
	var left []*bus.Message
	h.Await("the stream of deliveries holds the cursor alone", func() bool {
		left = h.Stored(bus.Hooks, ">")
		return len(left) == 1 && left[0].Subject == bus.HookCursor
	})
}

// TestTrim removes what is done and leaves what is still to come: the timers rest beside it.
func TestTrim(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	sink := nativeSink()
	works, fails := h.Receive(sink, sinktest.Accept), h.Receive(sink, sinktest.FailFirst(1, 500))
	for lane(works) != lane(fails) {
		works = h.Receive(sink, sinktest.Accept)
	}
	h.Start(sink, 4*time.Second)
	about := h.Tell(sink, fails.URL)
	h.Logs(events.TypeDeliveryScheduled, about)
	for range 20 {
		h.Tell(sink, works.URL)
	}
	h.Await("only the timer and the cursor rest", func() bool {
		return len(works.Arrivals()) == 20 && len(h.Stored(bus.Hooks, ">")) == 2
	})
	if timers := h.Stored(bus.Hooks, events.Prefix+".hook.retry.>"); len(timers) != 1 {
		t.Errorf("%d timers rest, want 1", len(timers))
	}
	fails.Next(t)
	fails.Next(t)
	emptied(t, h)
}

func lane(r *sinktest.Receiver) string {
	return bus.HookLane(delivery.Endpoint(sinktest.Application, r.URL))
}

// TestInFlight gives one endpoint far more than it may have at a time.
func TestInFlight(t *testing.T) {
	t.Parallel()
	const most = 3
	h := sinktest.Open(t)
	sink := nativeSink()
	sink.New = func(deps sinktest.Deps) (sinktest.Runner, error) {
		config := postback.DefaultConfig()
		config.EndpointInFlight = most
		return postback.New(config, postback.Deps{
			Bus: deps.Bus, Applications: deps.Applications, Key: deps.Key, Poster: deps.Poster, Metrics: deps.Metrics,
			Log: deps.Log,
		})
	}
	receiver := h.Receive(sink, func(_ http.ResponseWriter, _ sinktest.Arrival, done <-chan struct{}) {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-done:
		}
	})
	h.Start(sink)
	told := map[string]bool{}
	for range 200 {
		told[h.Tell(sink, receiver.URL)] = true
	}
	list := receiver.Until(t, "all of them", func(list []sinktest.Arrival) bool { return len(list) >= len(told) })
	for _, a := range list {
		delete(told, sink.About(a))
	}
	if len(told) > 0 || len(list) != 200 {
		t.Errorf("%d arrivals, and %d results are missing", len(list), len(told))
	}
	if got := receiver.Most(); got != most {
		t.Errorf("%d requests were in progress at a time, want %d", got, most)
	}
}

// TestNew refuses what cannot work, and names it.
func TestNew(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*postback.Config)
	}{
		{"NoPlaceAtAnEndpoint", func(c *postback.Config) { c.EndpointInFlight = 0 }},
		{"NoPlaceForTheSlow", func(c *postback.Config) { c.SlowInFlight = 0 }},
		{"NoTimeToAnswer", func(c *postback.Config) { c.Timeout = 0 }},
		{"NegativeGrace", func(c *postback.Config) { c.Grace = -1 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config := postback.DefaultConfig()
			tt.change(&config)
			if _, err := postback.New(config, postback.Deps{}); err == nil {
				t.Errorf("%+v was taken", config)
			}
		})
	}
}
