package callback

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
)

// gate lets callbacks through to their endpoints, as many at a time as each endpoint can bear. Whoever is not let in is
// told when to come back, so that an endpoint that is dead, slow or asked for a pause holds no more than its own places,
// however many items are due.
//
// What it knows of an endpoint is this process's own: any process takes any item, so that with three of them an endpoint
// may have three times as many callbacks in progress, and each has to find out for itself that it is dead.
type gate struct {
	// most is how many callbacks may be in progress at one endpoint at a time.
	most int
	// slowMost is how many may be in progress at all endpoints together that are new, slow or silent.
	slowMost  int
	standings *delivery.Endpoints
	// met is told of an endpoint that was tried for the first time, turned when one broke or recovered. They do not wait.
	met    func(spot)
	turned func(to spot, turn delivery.Turn, newest outbound.Attempt)

	mu     sync.Mutex
	places map[string]*place
	slow   int
	forgot time.Time
}

// spot is where a callback goes, as far as it matters to the gate.
type spot struct {
	application, endpoint, address string
	// origin is the endpoint's scheme, host and port, for people.
	origin string
}

// refusal is why a callback is not let through, and when to come back.
type refusal struct {
	reason string
	at     time.Time
}

// The reasons. The first three are words of the log; the others pass too soon to be logged.
const (
	reasonPaused   = string(delivery.Paused)
	reasonDisabled = string(delivery.Disabled)
	reasonBroken   = "broken"
	reasonAsked    = "asked"
	reasonFull     = "full"
)

// lasting tells of reasons that people want to know about.
func (r refusal) lasting() bool { return r.reason != reasonAsked && r.reason != reasonFull }

// standing tells of reasons that somebody has to take back.
func (r refusal) standing() bool { return r.reason == reasonPaused || r.reason == reasonDisabled }

const (
	// holdPause is when a callback is looked at again whose endpoint is paused or disabled, should nobody resume it
	// before. It bounds how late the end of a pause is noticed that came while no process ran.
	holdPause = 5 * time.Minute
	// roundTrip is the least that a timer of the broker takes to set and to fire.
	roundTrip = 250 * time.Millisecond
	// queueTime is how long a callback waits for a place at an endpoint that answers fast: less than the way through the
	// broker and back would take.
	queueTime = 200 * time.Millisecond
	// queueTimes is how many callbacks wait so at an endpoint, for each of its places.
	queueTimes = 2
	// slowShare of all callbacks in progress may be at endpoints that are new, slow or silent.
	slowShare = 0.75
	// forgetAfter is how long an endpoint is remembered that has nothing to do, and rememberMost how many such are.
	forgetAfter  = time.Hour
	forgetEvery  = time.Minute
	rememberMost = 50_000
)

func newGate(config Config, standings *delivery.Endpoints) *gate {
	return &gate{
		most: config.EndpointInFlight, slowMost: max(int(slowShare*float64(config.InFlight)), 1), standings: standings,
		places: map[string]*place{},
	}
}

// pass is the permission to make one attempt. It must be given back by [gate.leave] or [gate.unused], once.
type pass struct {
	to    spot
	place *place
	begun time.Time
	// slow tells that the pass counts among those for endpoints that are new, slow or silent.
	slow bool
	// probe tells that the attempt is to find out whether a broken endpoint is back.
	probe bool
}

// enter lets a callback through, or says why not. At an endpoint that answers fast it waits for a moment before it refuses.
func (g *gate) enter(ctx context.Context, to spot) (*pass, refusal) {
	var deadline time.Time
	for {
		p, refused, freed := g.try(to, deadline)
		if freed == nil {
			return p, refused
		}
		if deadline.IsZero() {
			deadline = time.Now().Add(queueTime)
		}
		timer := time.NewTimer(time.Until(deadline))
		select {
		case <-freed:
		case <-timer.C:
		case <-ctx.Done():
			deadline = time.Now()
		}
		timer.Stop()
		g.stepBack(to)
	}
}

// try is one try to get in. freed is set where it is worth waiting until it is closed and to try again; deadline is when
// that stops being worth it, zero before the first wait.
func (g *gate) try(to spot, deadline time.Time) (p *pass, refused refusal, freed <-chan struct{}) {
	now := time.Now()
	if r := g.held(to, now); r.reason != "" {
		return nil, r, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	at := g.place(to, now)
	slow := !at.health.Quick()
	if slow && g.slow >= g.slowMost {
		return nil, at.book(now, now.Add(time.Second), reasonFull), nil
	}
	reason, base := at.judge(now)
	switch {
	case reason == "":
		p = &pass{to: to, place: at, begun: now, slow: slow, probe: at.health.Open()}
		at.begin(now)
		if slow {
			g.slow++
		}
		return p, refusal{}, nil
	case reason == reasonFull && !slow && at.waiting < queueTimes*at.health.Limit() && (deadline.IsZero() || now.Before(deadline)):
		at.waiting++
		return nil, refusal{}, at.freed
	}
	return nil, at.book(now, base, reason), nil
}

func (g *gate) stepBack(to spot) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.place(to, time.Now()).waiting--
}

// held tells whether somebody, or the address itself, said that nothing is to be sent there.
func (g *gate) held(to spot, now time.Time) refusal {
	for _, id := range []string{to.address, to.endpoint} {
		if s, known := g.standings.ByID(id); known && s.Mode != delivery.Active {
			return refusal{string(s.Mode), now.Add(holdPause/2 + rand.N(holdPause/2))} //nolint:gosec // spreading, not secrecy
		}
	}
	return refusal{}
}

// place finds what is known of an endpoint.
func (g *gate) place(to spot, now time.Time) *place {
	at, ok := g.places[to.endpoint]
	if !ok {
		at = newPlace(g.most)
		if s, known := g.standings.ByID(to.endpoint); known {
			at.cap(s, g.most)
			if s.Failing {
				at.health.Break(now)
			}
		}
		g.places[to.endpoint] = at
	}
	at.touched = now
	return at
}

// leave gives a pass back and notes how its attempt went.
func (g *gate) leave(p *pass, result outbound.Attempt) {
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.release(p)
	if !p.place.known {
		p.place.known = true
		g.met(p.to)
	}
	if turn := p.place.note(now, p.begun, result); turn != delivery.Unchanged {
		g.turned(p.to, turn, result)
	}
}

// unused gives a pass back of which nothing was learnt.
func (g *gate) unused(p *pass) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.release(p)
}

func (g *gate) release(p *pass) {
	p.place.end(p.begun)
	if p.slow {
		g.slow--
	}
}

// probed says when an item is looked at again that was a probe and not taken: it is the next probe.
func (g *gate) probed(p *pass) refusal {
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	return p.place.book(now, p.place.health.ProbeAt(), reasonBroken)
}

// changed takes in a standing that somebody wrote.
func (g *gate) changed(s delivery.Standing) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at, ok := g.places[s.Endpoint]; ok {
		at.cap(s, g.most)
	}
}

// forget lets go of endpoints that have had nothing to do for long, or of any idle ones when there are too many.
func (g *gate) forget(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Sub(g.forgot) < forgetEvery {
		return
	}
	g.forgot = now
	for id, at := range g.places {
		if at.idle() && (now.Sub(at.touched) > forgetAfter || len(g.places) > rememberMost) {
			delete(g.places, id)
		}
	}
}
