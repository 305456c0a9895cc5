package postback

import (
	"container/list"
	"errors"
	"time"
)

// flow keeps endpoints that answer fast apart from those that do not. There are places for quick attempts and places for
// lingering ones, which are at endpoints that are new, slow or silent, or that have gone on for longer than a quick
// attempt should. A lingering attempt gives its quick place back, so that silence, however much of it, holds up no
// endpoint that answers.
type flow struct {
	quickMost, lingerMost int
	lingering             int
	// overdue counts attempts that linger in quick places because there is no other; they are the next to get one.
	overdue int
	begun   list.List // of *item, the oldest first
}

const (
	// lingerAfter is when an attempt at a quick endpoint is taken for a lingering one.
	lingerAfter = 250 * time.Millisecond
	// shortPatience is what an attempt gets at least at an endpoint that has answered before, however many others wait for
	// its place, and usualTimes how many times its usual time it gets.
	shortPatience = 500 * time.Millisecond
	usualTimes    = 4
	// strangerPatience is the same for an endpoint that has not answered yet.
	strangerPatience = 2 * time.Second
)

// errPressed ends an attempt whose place others wait for.
var errPressed = errors.New("no answer, and others wait for the place")

func newFlow(config Config) *flow {
	return &flow{quickMost: config.InFlight, lingerMost: config.SlowInFlight}
}

func (f *flow) inFlight() int { return f.begun.Len() }

func (f *flow) quickFree() bool { return f.begun.Len()-f.lingering < f.quickMost }

func (f *flow) lingerFree() bool { return f.lingering+f.overdue < f.lingerMost }

func (f *flow) begin(it *item, now time.Time, lingering bool) {
	it.begun, it.lingering = now, lingering
	it.place = f.begun.PushBack(it)
	if lingering {
		f.lingering++
	}
}

func (f *flow) end(it *item) {
	f.begun.Remove(it.place)
	if it.lingering {
		f.lingering--
	}
}

// age moves attempts that have become lingering to the lingering places, as far as there are any, and cuts the longest
// silent ones when there are not. waiting is how many endpoints wait for a lingering place.
func (f *flow) age(now time.Time, waiting int) {
	f.overdue = 0
	for at := f.begun.Front(); at != nil; at = at.Next() {
		it := at.Value.(*item)
		if now.Sub(it.begun) < lingerAfter {
			break
		}
		if it.lingering {
			continue
		}
		it.endpoint.health.Slowed() // the next at this endpoint does not take a quick place
		if f.lingering < f.lingerMost {
			it.lingering = true
			f.lingering++
			continue
		}
		f.overdue++
	}
	if !f.lingerFree() {
		f.cut(now, f.overdue+waiting)
	}
}

// cut ends up to n attempts that have been silent for longer than their endpoints should need.
func (f *flow) cut(now time.Time, n int) {
	for at := f.begun.Front(); at != nil && n > 0; at = at.Next() {
		it := at.Value.(*item)
		waited := now.Sub(it.begun)
		if waited < shortPatience {
			return
		}
		if it.cut != nil && waited > it.patience() {
			it.cut(errPressed)
			it.cut, it.pressed = nil, true
			n--
		}
	}
}

// patience is how long an attempt may go on although others wait for its place.
func (it *item) patience() time.Duration {
	usual := it.endpoint.health.Took()
	if usual == 0 {
		return strangerPatience
	}
	return max(usualTimes*usual, shortPatience)
}
