package eventbridge

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Bounds of the pause that the brake makes. Long waits are timers of the broker; this one only keeps a backlog from being
// thrown at a bus that has just said that it is too much.
const (
	firstBrake   = 200 * time.Millisecond
	longestBrake = 5 * time.Second
)

// brake makes requests wait while the bus throttles: the pause doubles each time that it still does after one, and is
// halved by each request that goes well.
type brake struct {
	now func() time.Time

	mu    sync.Mutex
	pause time.Duration
	until time.Time
}

func newBrake() *brake { return &brake{now: time.Now} }

// note tells whether a request was throttled. Those that were under way together count once.
func (b *brake) note(throttled bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	switch {
	case !throttled:
		if b.pause /= 2; b.pause < firstBrake {
			b.pause = 0
		}
	case !now.Before(b.until):
		b.pause = min(max(2*b.pause, firstBrake), longestBrake)
		b.until = now.Add(b.pause + time.Duration(rand.Float64()*float64(b.pause))) //nolint:gosec // spreading, not secrecy
	}
}

// wait returns when a request may go; it fails when ctx ends first.
func (b *brake) wait(ctx context.Context) error {
	b.mu.Lock()
	left := b.until.Sub(b.now())
	b.mu.Unlock()
	if left <= 0 {
		return nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
