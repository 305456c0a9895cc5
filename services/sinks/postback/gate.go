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
	lanes map[string]bool // lanes that worked since they were last asked for
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
	if g.lanes == nil {
		g.lanes = map[string]bool{}
	}
	g.lanes[bus.HookLane(endpoint)] = true
	return current
}

// drop forgets an endpoint that nobody uses, so that memory follows what is going on and not what ever was.
func (g *gates) drop(endpoint string) {
	g.mu.Lock()
	defer g.mu.Unlock()
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
	}
	clear(g.lanes)
	for endpoint := range g.open {
		if g.lanes != nil {
			g.lanes[bus.HookLane(endpoint)] = true
		}
	}
	return busy
}
