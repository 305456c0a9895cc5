package postback

import (
	"time"

	"github.com/ringback/ringback/services/internal/delivery"
)

// endpoint is what the owner of a lane keeps of one endpoint: its deliveries that wait in memory, and its health.
type endpoint struct {
	id          string
	application string
	lane        string
	// url is the scheme, host and port, as soon as an attempt was made.
	url    string
	health *delivery.Health

	first, late queue[*item]
	turn        int // counts turns, so that late deliveries get some while first ones wait
	inFlight    int
	// next is when the next attempt may begin, where the rate is limited.
	next  time.Time
	timer *time.Timer
	// listed tells that the endpoint is in a ring.
	listed bool
	// crowded tells that more came for the endpoint than it takes, so that most of it is parked.
	crowded bool
	touched time.Time
}

// lateShare is one turn in so many for deliveries that failed before, while others wait for their first attempt.
const lateShare = 8

func (e *endpoint) queued() int { return e.first.len() + e.late.len() }

func (e *endpoint) push(it *item) {
	if it.late {
		e.late.push(it)
		return
	}
	e.first.push(it)
}

// pop takes the delivery whose turn it is: first attempts go ahead of repeats, but not always.
func (e *endpoint) pop() *item {
	e.turn++
	from := &e.first
	if e.late.len() > 0 && (e.first.len() == 0 || e.turn%lateShare == 0) {
		from = &e.late
	}
	it, _ := from.pop()
	return it
}

// waiting is how long the oldest delivery has waited for its turn.
func (e *endpoint) waiting(now time.Time) time.Duration {
	var longest time.Duration
	for _, q := range []*queue[*item]{&e.first, &e.late} {
		if it, ok := q.oldest(); ok {
			longest = max(longest, now.Sub(it.since))
		}
	}
	return longest
}

// drain takes everything that waits.
func (e *endpoint) drain() []*item {
	return append(e.first.drain(), e.late.drain()...)
}

// ready tells that an attempt may begin now, as far as the endpoint goes.
func (e *endpoint) ready(now time.Time) bool {
	return e.queued() > 0 && e.inFlight < e.health.Limit() && !now.Before(e.next)
}

// idle tells that nothing is lost by forgetting the endpoint but what is known of its speed.
func (e *endpoint) idle() bool {
	return e.queued() == 0 && e.inFlight == 0 && !e.health.Open() && !e.crowded && e.timer == nil
}
