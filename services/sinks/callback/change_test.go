package callback_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/sinks/callback"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// change publishes a state of an item, which is told apart by the width of its picture.
func change(t *testing.T, h *sinktest.House, item string, state int, url string) {
	t.Helper()
	result := h.NewResult()
	result.Media.ID, result.Outputs[0].Width = item, state
	if err := h.Publish(result, record(url)); err != nil {
		t.Fatal(err)
	}
}

func state(a sinktest.Arrival) int {
	width, _ := strconv.Atoi(fields(a)["width"])
	return width
}

// TestSteadyChangesAreNotStarved changes an item all the time, and goes on until five windows have had their callback: a
// sink that waited for a pause in the changes would never send one.
func TestSteadyChangesAreNotStarved(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	receiver := h.Receive(sink(time.Second), sinktest.Accept)
	h.Start(sink(time.Second))
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	last := 0
	for began := time.Now(); len(receiver.Arrivals()) < 5; <-tick.C {
		if time.Since(began) > time.Minute {
			t.Fatalf("%d callbacks in a minute of changes", len(receiver.Arrivals()))
		}
		last++
		change(t, h, "busy", last, receiver.URL)
	}
	list := receiver.Until(t, "the last state", func(list []sinktest.Arrival) bool {
		return len(list) > 0 && state(list[len(list)-1]) == last
	})
	lawful(t, "busy", time.Second, list)
}

// TestNewerStateFollowsALongAttempt has an attempt that goes on for longer than the windows of the changes that come in
// meanwhile: the newest goes out right after it, not at the end of yet another window, nor with the repeat in an hour.
func TestNewerStateFollowsALongAttempt(t *testing.T) {
	t.Parallel()
	const window = 3 * time.Second
	h := sinktest.Open(t)
	s := sink(window)
	s.New = func(deps sinktest.Deps) (sinktest.Runner, error) {
		config := callback.DefaultConfig()
		config.Window, config.Grace = window, time.Second
		return callback.New(config, callback.Deps{
			Bus: deps.Bus, Applications: deps.Applications, Key: deps.Key, Poster: deps.Poster, Metrics: deps.Metrics,
			Log: deps.Log, Schedule: deps.Schedule,
		})
	}
	release := make(chan struct{})
	receiver := h.Receive(s, func(w http.ResponseWriter, a sinktest.Arrival, done <-chan struct{}) {
		if state(a) != 1 {
			return
		}
		select {
		case <-release:
		case <-done:
		}
		w.WriteHeader(http.StatusInternalServerError)
	})
	h.Start(s, time.Hour)
	change(t, h, "m", 1, receiver.URL)
	receiver.Next(t)
	begin := callback.WindowEnd(time.Now(), window, sinktest.Application, "m")
	<-time.After(time.Until(begin)) // so that the change has the whole of its window to be stored in
	change(t, h, "m", 2, receiver.URL)
	end := begin.Add(window)
	<-time.After(time.Until(end.Add(300 * time.Millisecond))) // the window of the change has ended, and the next has just begun
	close(release)
	if a := receiver.Next(t); state(a) != 2 || a.ID != callback.ID(sinktest.Application, "m", end) {
		t.Errorf("state %d came as %s, want state 2 of its own window", state(a), a.ID)
	}
}

// TestNewerStateSupersedesAFailingOne has the next attempt an hour away: the newer state must not wait for it.
func TestNewerStateSupersedesAFailingOne(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	release := make(chan struct{})
	receiver := h.Receive(sink(time.Second), func(w http.ResponseWriter, a sinktest.Arrival, done <-chan struct{}) {
		if state(a) != 1 {
			return
		}
		select {
		case <-release:
		case <-done:
		}
		w.WriteHeader(http.StatusInternalServerError)
	})
	h.Start(sink(time.Second), time.Hour)
	change(t, h, "m", 1, receiver.URL)
	receiver.Next(t)
	// The change comes in while the attempt is under way: its timer is set before the one of the repeat.
	change(t, h, "m", 2, receiver.URL)
	armed := func() bool { return len(h.Stored(bus.Media, bus.MediaArm(sinktest.Application, "m"))) == 1 }
	h.Await("the timer of the change", armed)
	close(release)
	if a := receiver.Next(t); state(a) != 2 || a.Try != 1 {
		t.Errorf("state %d came as try %d of %s, want state 2 under an id of its own", state(a), a.Try, a.ID)
	}
}

// TestTimerThatFiresAgain puts copies of a timer's message, of its own window and of an old one, beside the real one.
func TestTimerThatFiresAgain(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	receiver := h.Receive(sink(time.Second), sinktest.Accept)
	h.Start(sink(time.Second))
	change(t, h, "m", 1, receiver.URL)
	first := receiver.Next(t)
	h.Logs(events.TypeDeliveryDelivered, jobOf(t, h, "m"))
	due := h.Stored(bus.Media, bus.MediaDue(sinktest.Application, "m"))
	if len(due) != 1 {
		t.Fatalf("%d timers fired, want 1", len(due))
	}
	for _, window := range []string{due[0].Header.Get("Ringback-Window"), "1000000000"} {
		out := bus.Out{Subject: due[0].Subject, Header: bus.Header{"Ringback-Window": {window}}}
		if _, err := h.Bus.Publish(t.Context(), out); err != nil {
			t.Fatal(err)
		}
	}
	change(t, h, "m", 2, receiver.URL)
	if a := receiver.Next(t); state(a) != 2 || a.ID == first.ID {
		t.Errorf("state %d came as %s, want state 2 under an id of its own", state(a), a.ID)
	}
	lawful(t, "m", time.Second, receiver.Arrivals())
}

func jobOf(t *testing.T, h *sinktest.House, item string) string {
	t.Helper()
	message, err := h.Bus.Last(t.Context(), bus.MediaStream, bus.MediaRecord(sinktest.Application, item))
	if err != nil {
		t.Fatal(err)
	}
	e, err := message.Event()
	if err != nil {
		t.Fatal(err)
	}
	if err := sinktest.ValidEvent(e.Type(), message.Data); err != nil {
		t.Error(err)
	}
	var media events.Media
	if err := e.DataAs(&media); err != nil {
		t.Fatal(err)
	}
	return media.Job
}

// TestAnyHistory makes random changes to a few items while their endpoint fails at random and the house falls down now
// and then, and wants the law kept for each.
func TestAnyHistory(t *testing.T) {
	t.Parallel()
	for range 3 {
		seed := rand.Uint64()
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			history(t, rand.New(rand.NewPCG(seed, 1)))
		})
	}
}

func history(t *testing.T, random *rand.Rand) {
	t.Helper()
	const items, steps = 4, 40
	h := sinktest.Open(t)
	var healed atomic.Bool
	flaky := func(w http.ResponseWriter, a sinktest.Arrival, done <-chan struct{}) {
		switch roll := rand.IntN(10); {
		case healed.Load():
		case roll < 3:
			w.WriteHeader(http.StatusServiceUnavailable)
		case roll < 5:
			select {
			case <-time.After(1200 * time.Millisecond):
			case <-done:
			}
		}
	}
	s := sink(time.Second)
	pauses := make([]time.Duration, 40)
	for i := range pauses {
		pauses[i] = 300 * time.Millisecond
	}
	receivers := make([]*sinktest.Receiver, items)
	for i := range receivers {
		receivers[i] = h.Receive(s, flaky)
	}
	h.Start(s, pauses...)
	last := make([]int, items)
	for step := range steps {
		i := random.IntN(items)
		last[i]++
		change(t, h, fmt.Sprint("item", i), last[i], receivers[i].URL)
		if random.IntN(12) == 0 {
			h.Rebuild()
			h.Start(s, pauses...)
		}
		if step%4 == 0 {
			<-time.After(time.Duration(random.IntN(700)) * time.Millisecond)
		}
	}
	healed.Store(true)
	for i, receiver := range receivers {
		if last[i] == 0 {
			continue
		}
		list := receiver.Until(t, fmt.Sprintf("state %d of item %d", last[i], i), func(list []sinktest.Arrival) bool {
			return len(list) > 0 && state(list[len(list)-1]) == last[i]
		})
		lawful(t, fmt.Sprint("item", i), time.Second, list)
	}
}

// lawful demands of an item's callbacks: each id has one body, belongs to one window and does not come before its end,
// and no state comes after a newer one.
func lawful(t *testing.T, item string, window time.Duration, list []sinktest.Arrival) {
	t.Helper()
	bodies := map[string]string{}
	newest := 0
	for _, a := range list {
		if body, known := bodies[a.ID]; known && body != string(a.Body) {
			t.Errorf("%s: %s had two bodies", item, a.ID)
		}
		if _, known := bodies[a.ID]; !known && !inItsWindow(item, window, a) {
			t.Errorf("%s: %s came at %s, which is before its window ended", item, a.ID, a.At)
		}
		bodies[a.ID] = string(a.Body)
		if state(a) < newest {
			t.Errorf("%s: state %d came after state %d", item, state(a), newest)
		}
		newest = max(newest, state(a))
	}
}

// inItsWindow looks for the window that the id was made for, among those that ended in the last minute: an id is made of
// its window, so that two ids are of two windows.
func inItsWindow(item string, window time.Duration, a sinktest.Arrival) bool {
	for end := callback.WindowEnd(a.At, window, sinktest.Application, item).Add(-window); a.At.Sub(end) < time.Minute; end = end.Add(-window) {
		if callback.ID(sinktest.Application, item, end) == a.ID {
			return true
		}
	}
	return false
}

func TestLifecycle(t *testing.T) {
	t.Parallel()
	sinktest.RunLifecycle(t, sink(time.Second))
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*callback.Config)
	}{
		{"WindowTooShort", func(c *callback.Config) { c.Window = time.Millisecond }},
		{"WindowTooLong", func(c *callback.Config) { c.Window = 2 * time.Hour }},
		{"NothingInFlight", func(c *callback.Config) { c.InFlight = 0 }},
		{"NoTimeToAnswer", func(c *callback.Config) { c.Timeout = 0 }},
		{"NegativeGrace", func(c *callback.Config) { c.Grace = -1 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config := callback.DefaultConfig()
			tt.change(&config)
			if _, err := callback.New(config, callback.Deps{}); err == nil {
				t.Errorf("%+v was taken", config)
			}
		})
	}
}
