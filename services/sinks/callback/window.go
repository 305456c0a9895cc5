package callback

import (
	"hash/fnv"
	"time"
)

// windowEnd is when the window ends that a change of an item at t falls into. Windows of an item lie end to end since
// 1970, whatever happened in them; their phase depends on the item, so that not all items are due at once. It is a pure
// function: a change that is looked at again falls into the same window.
func windowEnd(t time.Time, window time.Duration, item string) time.Time {
	h := fnv.New64a()
	_, _ = h.Write([]byte(item))
	phase := time.Duration(h.Sum64() % uint64(window)) //nolint:gosec // less than the window
	since := time.Duration(t.UnixNano()) - phase
	return time.Unix(0, int64(since-since%window+window+phase)).UTC()
}

// sent is what an item's last callback was, or is still trying to be.
type sent struct {
	// Window is the end of the window it was made for, in nanoseconds since 1970.
	Window int64 `json:"window"`
	// Revision is the item's, as it was sent.
	Revision uint64 `json:"revision"`
	// Done tells that the endpoint took it.
	Done bool `json:"done"`
	// Attempts counts how often it was tried.
	Attempts int `json:"attempts"`
	// Until is when an attempt that was begun is over at the latest, in nanoseconds since 1970; 0 when it is known to
	// be over.
	Until int64 `json:"until,omitempty"`
}

// step is what is to be done when an item's timer is due.
type step struct {
	// send is the callback to post; nil when there is none.
	send *sent
	// arm is when to look again; zero when there is nothing to wait for.
	arm time.Time
	// wait is how long an attempt may still be under way.
	wait time.Duration
}

// decide is the law of the window. due is the end of the window that the timer was set for.
//
//	the newest state was taken by the endpoint      nothing
//	an attempt is under way, maybe elsewhere        wait until it is over
//	the newest state was tried, and not taken       the same callback once more
//	a newer state, in a window without a callback   a callback for this window
//	a newer state, and this window had its callback wait for the end of the next one
//
// The second keeps an item's callbacks in order. The last two keep the promise of one callback for each window: a
// callback whose outcome is unknown, because the process was killed or the endpoint did not answer, may have arrived.
func decide(now time.Time, due int64, revision uint64, last sent, next func(time.Time) time.Time) step {
	switch {
	case last.Revision == revision && last.Done:
		return step{}
	case last.Until > now.UnixNano():
		return step{wait: time.Duration(last.Until - now.UnixNano())}
	case last.Revision == revision:
		again := last
		again.Attempts++
		return step{send: &again}
	case due > last.Window:
		return step{send: &sent{Window: due, Revision: revision, Attempts: 1}}
	default:
		return step{arm: after(now, last.Window, next)}
	}
}

// after is the end of the window that now falls into, or of the one after last where this clock is behind the broker's.
func after(now time.Time, last int64, next func(time.Time) time.Time) time.Time {
	if end := time.Unix(0, last).UTC(); now.Before(end) {
		now = end
	}
	return next(now)
}
