package postback

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
)

const (
	// watchEvery is how often attempts in progress and crowded lanes are looked at.
	watchEvery = 50 * time.Millisecond
	// crowdedAfter is how long a delivery waits in memory before its endpoint counts as one that gets more than it takes.
	crowdedAfter = 500 * time.Millisecond
	// crowdedLane is from how many deliveries in hand on a lane is crowded: what its owner may hold is nearly all in use.
	crowdedLane = bus.HookWindow * 3 / 4
	// fewWaiting is up to how many deliveries of an endpoint are put off one by one where their lane is crowded.
	fewWaiting = 32
	// forgetAfter is how long an endpoint is remembered that has nothing to do.
	forgetAfter = time.Hour
	forgetEvery = time.Minute
	// rememberMost bounds how many endpoints are remembered beyond those that have something to do.
	rememberMost = 50_000
)

// watch looks after what time alone changes, until ctx ends.
func (d *dispatcher) watch(ctx context.Context) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	forgotten := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			d.mu.Lock()
			if d.flow.inFlight() > 0 {
				d.flow.age(now, d.slow.len())
				d.pump(now) //nolint:contextcheck // attempts have contexts of their own
			}
			d.relieve(now)
			if now.Sub(forgotten) > forgetEvery {
				d.forget(now)
				forgotten = now
			}
			d.mu.Unlock()
		}
	}
}

// relieve puts aside, where a lane is crowded, what its endpoints do not get through in time: behind it others may wait whose
// endpoints are fast.
func (d *dispatcher) relieve(now time.Time) {
	crowded := false
	for _, held := range d.held {
		crowded = crowded || held >= crowdedLane
	}
	if !crowded {
		return
	}
	for _, e := range d.endpoints {
		if d.held[e.lane] < crowdedLane || e.waiting(now) < crowdedAfter {
			continue
		}
		if e.queued() <= fewWaiting {
			d.stepAside(e)
			continue
		}
		e.crowded = true
		d.empty(e, hold{reasonCrowded, now.Add(spread(crowdedPause)), e.id})
	}
}

// stepAside puts off the few deliveries of an endpoint that wait: to park them and to fetch them back would cost more.
func (d *dispatcher) stepAside(e *endpoint) {
	for _, it := range e.drain() {
		if it.replay != "" || it.probe {
			e.push(it)
			continue
		}
		d.held[e.lane]--
		d.aside(it)
	}
}

// forget lets go of endpoints that have had nothing to do for long, or of any idle ones when there are too many.
func (d *dispatcher) forget(now time.Time) {
	for id, e := range d.endpoints {
		if e.idle() && !e.listed && (now.Sub(e.touched) > forgetAfter || len(d.endpoints) > rememberMost) {
			delete(d.endpoints, id)
		}
	}
}

// busyRounds is how often a lane is named after it worked: once more than needed, because the last acknowledgement may
// still be on its way the first time.
const busyRounds = 2

// worked notes that something was done in a lane, so that it is named.
func (d *dispatcher) worked(lane string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy[lane] = busyRounds
}

// busyLane names a lane that worked since it was named last; the lanes take turns.
func (d *dispatcher) busyLane() (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	lanes := slices.Sorted(maps.Keys(d.busy))
	if len(lanes) == 0 {
		return "", false
	}
	next, _ := slices.BinarySearch(lanes, d.named)
	if next < len(lanes) && lanes[next] == d.named {
		next++
	}
	d.named = lanes[next%len(lanes)]
	if d.busy[d.named]--; d.busy[d.named] == 0 {
		delete(d.busy, d.named)
	}
	return d.named, true
}

// oldest is since when the oldest delivery that waits in memory was due; zero when none waits.
func (d *dispatcher) oldest() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	var oldest time.Time
	for _, e := range d.endpoints {
		for _, q := range []*queue[*item]{&e.first, &e.late} {
			if it, ok := q.oldest(); ok {
				if at := due(it.message); oldest.IsZero() || at.Before(oldest) {
					oldest = at
				}
			}
		}
	}
	return oldest
}
