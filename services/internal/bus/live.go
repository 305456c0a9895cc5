package bus

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/nats-io/nats.go"
)

// Announce sends a live message that is not stored. Nobody may be listening; that is not an error.
func (b *Bus) Announce(out Out) error {
	if err := b.nc.PublishMsg(out.message()); err != nil {
		return fmt.Errorf("announce on %s: %w", out.Subject, err)
	}
	return nil
}

// Listen calls handle for every live message on a subject, one after the other, until stop is called.
func (b *Bus) Listen(subject string, handle func(*Message)) (stop func(), err error) {
	sub, err := b.nc.Subscribe(subject, func(msg *nats.Msg) {
		handle(&Message{Subject: msg.Subject, Header: Header(msg.Header), Data: msg.Data})
	})
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", subject, err)
	}
	if err := sub.SetPendingLimits(liveBacklog, -1); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", subject, err)
	}
	if err := b.nc.Flush(); err != nil {
		return nil, fmt.Errorf("listen on %s: %w: %w", subject, ErrUnavailable, err)
	}
	return func() { _ = sub.Unsubscribe() }, nil
}

// liveBacklog is how many live messages may wait for a slow listener before the client drops some.
const liveBacklog = 1 << 20

// OnGap calls lost whenever live messages may have passed unseen: after the connection was away, and when listeners were
// too slow. It is called from a goroutine of the connection and must not block.
func (b *Bus) OnGap(lost func()) (stop func()) { return b.gaps.add(lost) }

// Subscriptions counts what this process listens on.
func (b *Bus) Subscriptions() int { return b.nc.NumSubscriptions() }

// gaps are those who want to know that live messages were missed.
type gaps struct {
	mu     sync.Mutex
	newest int
	lost   map[int]func()
}

func (g *gaps) add(lost func()) (remove func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.lost == nil {
		g.lost = map[int]func(){}
	}
	g.newest++
	id := g.newest
	g.lost[id] = lost
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.lost, id)
	}
}

func (g *gaps) tell() {
	g.mu.Lock()
	all := slices.Collect(maps.Values(g.lost))
	g.mu.Unlock()
	for _, lost := range all {
		lost()
	}
}
