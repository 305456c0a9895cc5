package delivery

import (
	"math/bits"
	"math/rand/v2"
	"time"

	"github.com/ringback/ringback/services/internal/outbound"
)

// Health is what an endpoint's answers say about it: how many attempts it can bear at a time, at which rate, and whether
// it is worth trying at all. It is a pure function of its answers and their times, is not safe for concurrent use, and is
// kept by the one owner of the endpoint's lane.
//
//	closed ──(no answer twice in a row, or 16 failures of the last 20)──▶ open
//	open   ──(pause is over: one probe)──▶ open, with twice the pause, or ──(it was taken)──▶ closed, at a growing rate
//
// An answer with a status of 4xx says that the endpoint lives: it counts against the delivery, not the endpoint. 429 and
// 503 and silence halve how many attempts may go on at a time; each success adds to it.
type Health struct {
	most int // the configured cap of attempts at a time

	limit   float64
	growing bool // doubling until the first sign of trouble
	shrunk  time.Time

	silent int    // attempts in a row without an answer
	recent uint32 // the newest attempts, a bit each: 1 for a failure
	seen   int    // how many bits of recent count

	open   bool
	pause  time.Duration // between probes
	until  time.Time     // when the next probe may go out
	asked  time.Time     // until when the endpoint asked to be left alone
	ramped time.Time     // since when the rate grows after a recovery

	took time.Duration // smoothed time to answer; 0 before the first
}

const (
	silentLimit  = 2
	recentWindow = 20
	recentLimit  = 16
	// earlyWindow is enough where nothing but failures came.
	earlyWindow = 10

	firstProbe = time.Second
	// firstSilentProbe is the same after silence, which a probe may have to wait out.
	firstSilentProbe = 5 * time.Second
	longestProbe     = 5 * time.Minute

	// rampStart is the rate after a recovery, in attempts a second; it doubles every second for rampTime.
	rampStart = 10
	rampTime  = 8 * time.Second

	// quickTime separates endpoints that answer at once from those that take a slot for long.
	quickTime = 250 * time.Millisecond
)

// Turn is what an answer changed about an endpoint.
type Turn int

// The turns.
const (
	Unchanged Turn = iota
	// Broke means that the endpoint is only probed from now on.
	Broke
	// Recovered means that a probe was taken.
	Recovered
)

// NewHealth makes the health of an endpoint that nothing is known of, which may have at most most attempts at a time.
func NewHealth(most int) *Health {
	return &Health{most: most, limit: 1, growing: true}
}

// Cap changes how many attempts at a time the endpoint may have at most.
func (h *Health) Cap(most int) {
	h.most = most
	h.limit = min(h.limit, float64(most))
}

// Break opens the breaker, as for an endpoint of which another owner said so. The first probe may go out at once.
func (h *Health) Break(now time.Time) {
	h.open, h.pause, h.until = true, firstProbe, now
}

// GiveUp opens the breaker at once, as for an endpoint whose silence others had to wait for.
func (h *Health) GiveUp(now time.Time) {
	h.Break(now)
	if h.silent > 0 {
		h.pause = firstSilentProbe
	}
	h.until = now.Add(h.pause)
}

// Postpone puts a probe off for which there is no place; the next one is as far away as if it had failed.
func (h *Health) Postpone(now time.Time) {
	h.pause = min(2*h.pause, longestProbe)
	h.until = now.Add(h.pause + time.Duration(rand.Float64()*jitter*float64(h.pause))) //nolint:gosec // spreading, not secrecy
}

// Note takes in how an attempt went that was begun at a time.
func (h *Health) Note(now, begun time.Time, a outbound.Attempt) Turn {
	if a.Class == outbound.ClassBlocked {
		return Unchanged // nothing was sent: it says nothing about the endpoint
	}
	failed, silent := trouble(a)
	if silent {
		h.silent++
	} else {
		h.silent = 0
		if h.took == 0 {
			h.took = a.Total
		}
		h.took += (a.Total - h.took) / 4
	}
	h.recent <<= 1
	h.seen = min(h.seen+1, recentWindow)
	if failed {
		h.recent |= 1
		h.shrink(now, begun, silent || busy(a))
	} else {
		h.grow()
	}
	if busy(a) && a.RetryAfter > 0 {
		h.asked = now.Add(a.RetryAfter)
	}
	return h.turn(now, failed)
}

// trouble tells whether an attempt speaks against the endpoint, and whether there was no answer at all.
func trouble(a outbound.Attempt) (failed, silent bool) {
	if a.Status == 0 && a.Class != "" {
		return true, a.Class == outbound.ClassTimeout
	}
	return a.Status >= 500 || busy(a) || a.Status == 408 || a.Status == 425, false
}

// Trouble tells whether an attempt speaks against the endpoint, and not against the delivery alone.
func Trouble(a outbound.Attempt) bool {
	failed, _ := trouble(a)
	return failed
}

// busy tells of answers that ask for less.
func busy(a outbound.Attempt) bool { return a.Status == 429 || a.Status == 503 }

func (h *Health) grow() {
	if h.growing {
		h.limit++
	} else {
		h.limit += 1 / h.limit
	}
	h.limit = min(h.limit, float64(h.most))
}

// shrink halves the limit, once for all attempts that were under way together.
func (h *Health) shrink(now, begun time.Time, much bool) {
	h.growing = false
	if much && !begun.Before(h.shrunk) {
		h.limit, h.shrunk = max(h.limit/2, 1), now
	}
}

func (h *Health) turn(now time.Time, failed bool) Turn {
	switch {
	case h.open && !failed:
		h.open, h.silent, h.recent, h.seen = false, 0, 0, 0
		h.limit, h.growing, h.ramped = 1, true, now
		return Recovered
	case h.open:
		h.Postpone(now)
		return Unchanged
	case !h.tripped():
		return Unchanged
	}
	h.GiveUp(now)
	return Broke
}

func (h *Health) tripped() bool {
	failures := bits.OnesCount32(h.recent & (1<<recentWindow - 1))
	return h.silent >= silentLimit || failures >= recentLimit || h.seen >= earlyWindow && failures == h.seen
}

// Open tells that the endpoint is only probed.
func (h *Health) Open() bool { return h.open }

// ProbeAt is when the next probe of an open endpoint may go out.
func (h *Health) ProbeAt() time.Time { return Later(h.until, h.asked) }

// AskedUntil is until when the endpoint asked to be left alone, by Retry-After; in the past when it did not.
func (h *Health) AskedUntil() time.Time { return h.asked }

// Limit is how many attempts may be in progress at a time, 1 or more.
func (h *Health) Limit() int { return max(int(h.limit), 1) }

// Rate is how many attempts a second may begin after a recovery; 0 when there is no such limit.
func (h *Health) Rate(now time.Time) float64 {
	since := now.Sub(h.ramped)
	if h.ramped.IsZero() || since >= rampTime {
		return 0
	}
	return rampStart * float64(int(1)<<int(since/time.Second))
}

// Quick tells that the endpoint answered lately, and fast: it will not hold its place for long.
func (h *Health) Quick() bool { return h.took > 0 && h.took < quickTime && h.silent == 0 && !h.open }

// Took is the smoothed time to answer, 0 before the first answer.
func (h *Health) Took() time.Duration { return h.took }

// Slowed makes an endpoint count as slow until it answers fast again: an attempt at it lasts longer than expected.
func (h *Health) Slowed() { h.took = max(h.took, quickTime) }

// Later is the later of two times.
func Later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
