package callback

import (
	"hash/fnv"
	"time"
)

// windows are those of one item. They lie end to end since 1970, whatever happened in them; their phase depends on the
// item, so that not all items are due at once. They are pure functions: a change that is looked at again falls into the
// same window.
type windows struct {
	length, phase time.Duration
}

func windowsOf(length time.Duration, item string) windows {
	h := fnv.New64a()
	_, _ = h.Write([]byte(item))
	return windows{length, time.Duration(h.Sum64() % uint64(length))} //nolint:gosec // less than the length
}

// end is when the window ends that t falls into.
func (w windows) end(t time.Time) time.Time {
	since := time.Duration(t.UnixNano()) - w.phase
	return time.Unix(0, int64(since-since%w.length+w.length+w.phase)).UTC()
}

// turn is the end of the window that a newer state goes out for when the item's last callback was for another: the window
// that ended last at now, or, where that one has had its callback, the one after it.
func (w windows) turn(now time.Time, last int64) time.Time {
	if ended := w.end(now).Add(-w.length); ended.UnixNano() > last {
		return ended
	}
	return w.end(time.Unix(0, last))
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
	// Next is when the next attempt is due, in nanoseconds since 1970; 0 when nothing is to be waited for.
	Next int64 `json:"next,omitempty"`
	// Until is when an attempt that was begun is over at the latest, in nanoseconds since 1970; 0 when it is known to
	// be over.
	Until int64 `json:"until,omitempty"`
}

// step is what is to be done when an item's timer is due.
type step struct {
	// send is the callback to post; nil when there is none.
	send *sent
	// arm is when to look again, and window the end of the window that this is for; zero when there is nothing to wait for.
	arm    time.Time
	window int64
	// wait is how long an attempt may still be under way.
	wait time.Duration
}

// decide is the law of the window. due is the end of the window that the timer was set for.
//
//	the newest state was taken by the endpoint      nothing
//	an attempt is under way, maybe elsewhere        wait until it is over
//	the newest state failed, its repeat is not due  set the timer of the repeat again
//	the newest state was tried, and not taken       the same callback once more
//	a newer state, in a window without a callback   a callback for this window
//	a newer state, and this window had its callback one for the window that ended last, or at the end of the next one
//
// The second keeps an item's callbacks in order. The last two keep the promise of one callback for each window: a
// callback whose outcome is unknown, because the process was killed or the endpoint did not answer, may have arrived.
//
// A state waits for the end of its window and, if an attempt is under way then, for the end of that attempt: for no longer
// than the window and the timeout together. It never waits for the repeat of an older state, nor for changes after it.
// What its endpoint cannot take then is another matter, see gate.
func decide(now time.Time, due int64, revision uint64, last sent, w windows) step {
	switch {
	case last.Revision == revision && last.Done:
		return step{}
	case last.Until > now.UnixNano():
		return step{wait: time.Duration(last.Until - now.UnixNano())}
	case last.Revision == revision && last.Next > now.UnixNano():
		return step{arm: time.Unix(0, last.Next).UTC(), window: last.Window}
	case last.Revision == revision:
		again := last
		again.Attempts++
		again.Next = 0
		return step{send: &again}
	case due > last.Window:
		return step{send: &sent{Window: due, Revision: revision, Attempts: 1}}
	}
	turn := w.turn(now, last.Window)
	if turn.After(now) {
		return step{arm: turn, window: turn.UnixNano()}
	}
	return step{send: &sent{Window: turn.UnixNano(), Revision: revision, Attempts: 1}}
}
