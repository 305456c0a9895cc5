package postback

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
)

// dispatcher decides which delivery is attempted next. Endpoints take turns; each has as many attempts in progress as its
// health allows, and what cannot go out soon is parked, so that no endpoint holds up another in its lane.
type dispatcher struct {
	config    Config
	standings *delivery.Endpoints
	// attempt makes one attempt and settles it. The outcome says nothing about the endpoint when told is false.
	attempt func(context.Context, *item) (result outbound.Attempt, told bool)
	// park puts a delivery aside until its endpoint can be tried again, at the earliest then. It does not wait.
	park func(it *item, h hold)
	// aside puts a delivery off for a moment. It does not wait.
	aside func(it *item)
	// turned is told when an endpoint broke or recovered, with the newest attempt. It does not wait.
	turned func(e *endpoint, turn delivery.Turn, newest outbound.Attempt)
	// met is told of an endpoint that nobody wrote down yet. It does not wait.
	met func(e *endpoint)
	// worked is told whenever a delivery came or was seen through. It does not wait.
	worked func()
	// drained is told when an endpoint has room for what is parked for it. It does not wait.
	drained func(e *endpoint)

	mu        sync.Mutex
	endpoints map[string]*endpoint
	held      map[string]int // deliveries in hand, by lane
	quick     queue[*endpoint]
	slow      queue[*endpoint]
	flow      *flow
	stopped   bool
	running   sync.WaitGroup
}

// take is handed every delivery of the lanes that this process owns.
func (d *dispatcher) take(it *item) {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped {
		it.giveBack()
		return
	}
	e := d.use(it, now)
	d.held[e.lane]++
	d.worked()
	it.endpoint, it.since = e, now
	if h := d.hold(e, it, now); h.reason != "" {
		d.putAside(it, h)
		return
	}
	e.push(it)
	d.offer(e, now)
	d.pump(now)
}

// use finds the endpoint of a delivery, and gets to know it where it is new.
func (d *dispatcher) use(it *item, now time.Time) *endpoint {
	id := it.message.Header.Get(headerEndpoint)
	e, ok := d.endpoints[id]
	if !ok {
		e = &endpoint{
			id: id, application: it.message.Header.Get(bus.HeaderApplication), lane: bus.HookLane(id),
			health: delivery.NewHealth(d.config.EndpointInFlight),
		}
		if s, known := d.standings.ByID(id); known {
			if s.Failing {
				e.health.Break(now)
			}
			if s.InFlight > 0 {
				e.health.Cap(s.InFlight)
			}
		}
		d.endpoints[id] = e
	}
	e.touched = now
	return e
}

// The reasons why deliveries are held.
const (
	reasonPaused   = string(delivery.Paused)
	reasonDisabled = string(delivery.Disabled)
	reasonBroken   = "broken"
	reasonBusy     = "busy"
	reasonCrowded  = "crowded"
)

// crowdedPause is when a crowded endpoint is looked at again, should nothing else come before.
const crowdedPause = 2 * time.Second

// hold is why a delivery cannot go out now.
type hold struct {
	reason string
	// wake is when to look again; zero when somebody has to say so.
	wake time.Time
	// id is what it waits for: its endpoint, or its address alone.
	id string
}

// hold says why a delivery cannot go out now; the reason is empty when it can. A replay passes: somebody asked for it.
func (d *dispatcher) hold(e *endpoint, it *item, now time.Time) hold {
	if it.replay != "" || it.probe {
		return hold{}
	}
	for _, id := range []string{it.address, e.id} {
		if s, known := d.standings.ByID(id); known && s.Mode != delivery.Active {
			return hold{string(s.Mode), time.Time{}, id}
		}
	}
	switch {
	case e.health.Open():
		return hold{reasonBroken, e.health.ProbeAt(), e.id}
	case e.health.AskedUntil().After(now):
		return hold{reasonBusy, e.health.AskedUntil(), e.id}
	case e.crowded && e.queued() >= 2*e.health.Limit():
		return hold{reasonCrowded, now.Add(spread(crowdedPause)), e.id}
	}
	return hold{}
}

// putAside parks a delivery, which is out of these hands then.
func (d *dispatcher) putAside(it *item, h hold) {
	d.held[it.endpoint.lane]--
	d.park(it, h)
}

// offer gives an endpoint a turn as soon as an attempt may begin.
func (d *dispatcher) offer(e *endpoint, now time.Time) {
	if e.listed || d.stopped {
		return
	}
	if !e.ready(now) {
		if e.queued() > 0 && now.Before(e.next) && e.timer == nil {
			e.timer = time.AfterFunc(e.next.Sub(now), func() { d.paced(e) })
		}
		return
	}
	e.listed = true
	if e.health.Quick() {
		d.quick.push(e)
		return
	}
	d.slow.push(e)
}

// paced gives an endpoint its turn after the pause that its rate demanded.
func (d *dispatcher) paced(e *endpoint) {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	e.timer = nil
	d.offer(e, now)
	d.pump(now)
}

// pump begins as many attempts as may begin.
func (d *dispatcher) pump(now time.Time) {
	for {
		it := d.pick(now)
		if it == nil {
			return
		}
		d.running.Go(func() { d.work(it) })
	}
}

// pick takes the next delivery that has a place, nil when none has.
func (d *dispatcher) pick(now time.Time) *item {
	for d.flow.quickFree() {
		e, ok := d.quick.pop()
		if !ok {
			break
		}
		if it := d.begin(e, now); it != nil {
			return it
		}
	}
	for d.flow.lingerFree() {
		e, ok := d.slow.pop()
		if !ok {
			break
		}
		if it := d.begin(e, now); it != nil {
			return it
		}
	}
	return nil
}

// begin takes a delivery of an endpoint whose turn it is; nil when the endpoint is no longer ready, or slower or faster
// than it was when it was listed and there is no place of the other kind.
func (d *dispatcher) begin(e *endpoint, now time.Time) *item {
	e.listed = false
	if !e.ready(now) {
		d.offer(e, now)
		return nil
	}
	quick := e.health.Quick()
	if quick && !d.flow.quickFree() || !quick && !d.flow.lingerFree() {
		d.offer(e, now)
		return nil
	}
	it := e.pop()
	e.inFlight++
	if rate := d.rate(e, it.address, now); rate > 0 {
		e.next = now.Add(time.Duration(float64(time.Second) / rate))
	}
	d.flow.begin(it, now, !quick)
	d.offer(e, now)
	return it
}

// rate is how many attempts a second may begin at an address of an endpoint, 0 without a limit.
func (d *dispatcher) rate(e *endpoint, address string, now time.Time) float64 {
	lowest := e.health.Rate(now)
	lower := func(rate float64) {
		if rate > 0 && (lowest == 0 || rate < lowest) {
			lowest = rate
		}
	}
	lower(d.config.EndpointRate)
	if s, known := d.standings.ByID(e.id); known {
		lower(s.Rate)
	}
	if s, known := d.standings.ByID(address); known && s.Consent != nil {
		lower(float64(s.Consent.PerMinute) / 60)
	}
	return lowest
}

// work makes one attempt after the other as long as there are any to make: a goroutine whose stack has grown is worth
// keeping.
func (d *dispatcher) work(it *item) {
	for it != nil {
		ctx, cut := context.WithCancelCause(it.work)
		d.mu.Lock()
		it.cut = cut
		d.mu.Unlock()
		result, told := d.attempt(ctx, it)
		cut(nil)
		it = d.finish(it, result, told)
	}
}

// finish notes how an attempt went, and takes the next.
func (d *dispatcher) finish(it *item, result outbound.Attempt, told bool) *item {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	e := it.endpoint
	d.flow.end(it)
	e.inFlight--
	if !it.probe {
		d.held[e.lane]--
		d.worked()
	}
	e.touched = now
	if e.url == "" && it.url != "" {
		e.url = delivery.Origin(it.url)
		d.met(e)
	}
	if told && it.replay == "" {
		d.judge(it, result, now)
	}
	if it.noted != nil {
		close(it.noted)
	}
	d.refill(e)
	d.offer(e, now)
	next := d.pick(now)
	d.pump(now)
	return next
}

// refill asks for what is parked for an endpoint that has room.
func (d *dispatcher) refill(e *endpoint) {
	if !d.stopped && !e.health.Open() && e.queued() < e.health.Limit() {
		d.drained(e)
	}
}

// released is told when parked deliveries of an endpoint are back in their lane: those may have gone out already, and none
// of them could ask for more while they were on their way.
func (d *dispatcher) released(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e, ok := d.endpoints[id]; ok {
		d.refill(e)
	}
}

// judge lets an endpoint's health take in an attempt. Silence that others had to wait for breaks it at once: there is no
// place for more of it.
func (d *dispatcher) judge(it *item, result outbound.Attempt, now time.Time) {
	e := it.endpoint
	turn := e.health.Note(now, it.begun, result)
	if it.pressed && !e.health.Open() && delivery.Trouble(result) {
		e.health.GiveUp(now)
		turn = delivery.Broke
	}
	if turn == delivery.Broke {
		d.empty(e, hold{reasonBroken, e.health.ProbeAt(), e.id})
	}
	if turn != delivery.Unchanged {
		d.turned(e, turn, result)
	}
}

// empty parks everything of an endpoint that waits in memory.
func (d *dispatcher) empty(e *endpoint, h hold) {
	for _, it := range e.drain() {
		if it.replay != "" || it.probe {
			e.push(it)
			continue
		}
		d.putAside(it, h)
	}
}

// probe tries a parked delivery at an endpoint that is open. When there is no place for it, or another probe is under way,
// it says when to try again instead.
func (d *dispatcher) probe(it *item) (again time.Time, begun bool) {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.use(it, now)
	if d.stopped || e.inFlight > 0 || e.queued() > 0 {
		return now.Add(spread(probePause)), false
	}
	if d.slow.len() > d.config.SlowInFlight/4 || !d.flow.lingerFree() {
		e.health.Postpone(now)
		return e.health.ProbeAt(), false
	}
	it.endpoint, it.since, it.probe = e, now, true
	e.push(it)
	d.offer(e, now)
	d.pump(now)
	return now, true
}

// spread is a time or up to half as much more, so that those who wait for the same do not come back together.
func spread(d time.Duration) time.Duration {
	return d + time.Duration(rand.Int64N(int64(d)/2+1)) //nolint:gosec // spreading, not secrecy
}

// broken tells whether an endpoint is only probed, and when the next probe may go out. It is false for an endpoint that
// is not in memory.
func (d *dispatcher) broken(id string) (probeAt time.Time, open bool) {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	e, ok := d.endpoints[id]
	if !ok {
		s, known := d.standings.ByID(id)
		return now, known && s.Failing
	}
	return e.health.ProbeAt(), e.health.Open()
}

// calm is told when nothing is parked any more for an endpoint.
func (d *dispatcher) calm(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e, ok := d.endpoints[id]; ok {
		e.crowded = false
	}
}

// changed takes in a standing that somebody wrote.
func (d *dispatcher) changed(s delivery.Standing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, ok := d.endpoints[s.Endpoint]
	if !ok {
		return
	}
	most := d.config.EndpointInFlight
	if s.InFlight > 0 {
		most = s.InFlight
	}
	e.health.Cap(most)
	if s.Mode != delivery.Active {
		d.empty(e, hold{string(s.Mode), time.Time{}, e.id})
	}
}

// stop gives back everything that was not begun.
func (d *dispatcher) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
	for _, e := range d.endpoints {
		if e.timer != nil {
			e.timer.Stop()
			e.timer = nil
		}
		for _, it := range e.drain() {
			it.giveBack()
		}
	}
}
