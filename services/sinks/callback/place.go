package callback

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
)

// place is what this process knows of one endpoint. It is pure but for the channel, and the gate's lock guards it.
type place struct {
	health *delivery.Health
	begun  []time.Time // of the attempts in progress
	// next is when the next attempt may begin, where the rate is limited.
	next time.Time
	// rate is how many attempts a second somebody wants to allow; 0 without a limit.
	rate float64
	// booked is up to when those who were refused have their turns.
	booked time.Time
	// front is when the one of them comes back who looks whether there is a place before its turn.
	front time.Time
	// waiting counts the callbacks that wait for a place in memory.
	waiting int
	// freed is closed, and made anew, when a place becomes free.
	freed chan struct{}
	// known tells that the endpoint was written down.
	known   bool
	touched time.Time
}

const (
	// bookMost is how far ahead turns are given: what an endpoint can bear may be another thing then.
	bookMost = time.Minute
	// leastPace is how close turns are at an endpoint of which little is known.
	leastPace = 5 * time.Millisecond
	// probePace is how close together those come back that wait for a probe: as many a second as an endpoint may get that
	// has just recovered.
	probePace = 100 * time.Millisecond
)

func newPlace(most int) *place {
	return &place{health: delivery.NewHealth(most), freed: make(chan struct{})}
}

// cap takes in what somebody wrote about the endpoint.
func (p *place) cap(s delivery.Standing, most int) {
	if s.InFlight > 0 {
		most = s.InFlight
	}
	p.health.Cap(most)
	p.rate = s.Rate
}

// judge says whether an attempt may begin; the reason is empty when it may. Else base is when that changes at the earliest,
// as far as one can know.
func (p *place) judge(now time.Time) (reason string, base time.Time) {
	switch {
	case p.health.Open():
		if len(p.begun) > 0 { // a probe, or what was begun before: the longer it has taken, the longer it may take
			return reasonBroken, later(now.Add(max(p.longest(now), time.Second)), p.health.ProbeAt())
		}
		if p.health.ProbeAt().After(now) {
			return reasonBroken, p.health.ProbeAt()
		}
	case p.health.AskedUntil().After(now):
		return reasonAsked, p.health.AskedUntil()
	case len(p.begun) >= p.health.Limit():
		return reasonFull, now
	case p.next.After(now):
		return reasonFull, p.next
	}
	return "", time.Time{}
}

// begin notes that an attempt begins.
func (p *place) begin(now time.Time) {
	p.begun = append(p.begun, now)
	if rate := p.pace(now); rate > 0 {
		p.next = now.Add(time.Duration(float64(time.Second) / rate))
	}
}

// pace is how many attempts a second may begin, 0 without a limit.
func (p *place) pace(now time.Time) float64 {
	ramp := p.health.Rate(now)
	if p.rate > 0 && (ramp == 0 || p.rate < ramp) {
		return p.rate
	}
	return ramp
}

// end notes that an attempt is over that was begun at a time.
func (p *place) end(begun time.Time) {
	if i := slices.Index(p.begun, begun); i >= 0 {
		p.begun = slices.Delete(p.begun, i, i+1)
	}
	close(p.freed)
	p.freed = make(chan struct{})
}

// note takes in how an attempt went. Turns that were given under other circumstances mean nothing any more.
func (p *place) note(now, begun time.Time, result outbound.Attempt) delivery.Turn {
	probeAt := p.health.ProbeAt()
	turn := p.health.Note(now, begun, result)
	if turn != delivery.Unchanged || !p.health.ProbeAt().Equal(probeAt) {
		p.booked, p.front = time.Time{}, time.Time{}
	}
	return turn
}

// book gives a turn to somebody who was refused: after base, and after everybody who was refused before. One of them comes
// back as soon as there may be a place, because attempts often end sooner than the turns allow for. Those for whom there
// is no turn within reach come back at some time in the second half of it, so that a dead endpoint with ten thousand
// items costs the broker a few hundred timers a second and not ten thousand.
func (p *place) book(now, base time.Time, reason string) refusal {
	if reason == reasonFull {
		base = later(base, now.Add(roundTrip))
	}
	if !p.front.After(now) {
		p.front = base
		if reason == reasonFull {
			p.front = later(base, now.Add(p.longest(now)/4))
		}
		return refusal{reason, p.front}
	}
	if p.booked.Before(base) {
		p.booked = base
	}
	at := p.booked
	if at.Sub(base) > bookMost {
		return refusal{reason, base.Add(bookMost/2 + rand.N(bookMost/2))} //nolint:gosec // spreading, not secrecy
	}
	p.booked = at.Add(p.apart(now, reason))
	return refusal{reason, at}
}

// apart is how far apart turns are: as long as the endpoint takes for a callback, or has taken so far for the one in
// progress, shared by its places.
func (p *place) apart(now time.Time, reason string) time.Duration {
	if reason != reasonFull {
		return probePace
	}
	took := max(p.health.Took(), p.longest(now))
	apart := max(took/time.Duration(p.health.Limit()), leastPace)
	if rate := p.pace(now); rate > 0 {
		apart = max(apart, time.Duration(float64(time.Second)/rate))
	}
	return apart
}

// longest is how long the oldest attempt in progress has taken so far.
func (p *place) longest(now time.Time) (took time.Duration) {
	for _, begun := range p.begun {
		took = max(took, now.Sub(begun))
	}
	return took
}

// idle tells that nothing is lost by forgetting the endpoint but what is known of its speed.
func (p *place) idle() bool { return len(p.begun) == 0 && p.waiting == 0 && !p.health.Open() }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
