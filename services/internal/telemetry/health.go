package telemetry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// checkTimeout is how long all checks together may take; probes commonly give up after a second or a few.
const checkTimeout = 2 * time.Second

// ErrNotReady is returned by Ready before SetReady and after SetNotReady.
var ErrNotReady = errors.New("not ready")

// Health tells whether this process should get work. Safe for concurrent use.
//
//	starting ──SetReady──▶ ready ──SetNotReady──▶ not ready
//	                         ▲────────SetReady────────┘
type Health struct {
	mu     sync.Mutex
	reason string
	names  []string
	checks []func(context.Context) error
}

// NewHealth makes a Health that is not ready yet: it is starting.
func NewHealth() *Health { return &Health{reason: "starting"} }

// Add adds a check that has to pass for the process to be ready. It must end when its context does.
func (h *Health) Add(name string, check func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.names = append(h.names, name)
	h.checks = append(h.checks, check)
}

// SetReady lets the checks decide.
func (h *Health) SetReady() { h.SetNotReady("") }

// SetNotReady takes the process out of service, whatever the checks say, until SetReady.
func (h *Health) SetNotReady(reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reason = reason
}

// Ready runs all checks at the same time and returns every failure, each with the name of its check, or [ErrNotReady]
// with the reason without running any.
func (h *Health) Ready(ctx context.Context) error {
	h.mu.Lock()
	reason, names, checks := h.reason, h.names, h.checks
	h.mu.Unlock()
	if reason != "" {
		return fmt.Errorf("%w: %s", ErrNotReady, reason)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, checkTimeout, fmt.Errorf("readiness checks: %w", context.DeadlineExceeded))
	defer cancel()
	errs := make([]error, len(checks))
	var wg sync.WaitGroup
	for i, check := range checks {
		wg.Go(func() {
			if err := check(ctx); err != nil {
				errs[i] = fmt.Errorf("%s: %w", names[i], err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
