package postback

import (
	"context"
	"sync"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
)

// gateWait is how long an attempt waits for its endpoint before it gives its place in the lane to another's.
const gateWait = 250 * time.Millisecond

// gates limit how many attempts are in progress at each endpoint. A lane has one owner, so the limit is the endpoint's.
type gates struct {
	limit int

	mu    sync.Mutex
	open  map[string]*gate
	lanes map[string]int // how many times each lane is still to be named as busy
}

// busyRounds is how often a lane is named after it worked: once more than needed, because the last acknowledgement may
// still be on its way the first time.
const busyRounds = 2

// newGates makes the gates of every endpoint. At first every lane is busy: a predecessor may have left something.
func newGates(limit int) *gates {
	g := &gates{limit: limit, open: map[string]*gate{}, lanes: map[string]int{}}
	for _, lane := range bus.LaneNames(bus.HookLanes) {
		g.lanes[lane] = busyRounds
	}
	return g
}

type gate struct {
	slots chan struct{}
	users int
}

// enter waits for a place at the endpoint; it reports false when there is none soon.
func (g *gates) enter(ctx context.Context, endpoint string) (leave func(), ok bool) {
	current := g.use(endpoint)
	timer := time.NewTimer(gateWait)
	defer timer.Stop()
	select {
	case current.slots <- struct{}{}:
		return func() { <-current.slots; g.drop(endpoint) }, true
	case <-timer.C:
	case <-ctx.Done():
	}
	g.drop(endpoint)
	return nil, false
}

func (g *gates) use(endpoint string) *gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	current, ok := g.open[endpoint]
	if !ok {
		current = &gate{slots: make(chan struct{}, g.limit)}
		g.open[endpoint] = current
	}
	current.users++
	return current
}

// drop forgets an endpoint that nobody uses, so that memory follows what is going on and not what ever was.
func (g *gates) drop(endpoint string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lanes[bus.HookLane(endpoint)] = busyRounds
	if current := g.open[endpoint]; current != nil {
		if current.users--; current.users == 0 {
			delete(g.open, endpoint)
		}
	}
}

// busyLanes lists the lanes that worked since the last call.
func (g *gates) busyLanes() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var busy []string
	for lane := range g.lanes {
		busy = append(busy, lane)
		if g.lanes[lane]--; g.lanes[lane] == 0 {
			delete(g.lanes, lane)
		}
	}
	return busy
}
