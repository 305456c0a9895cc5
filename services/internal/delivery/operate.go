package delivery

import (
	"context"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
)

// Pause holds what comes for an endpoint, or for one address, until it is resumed. Attempts in progress end as they do.
func Pause(ctx context.Context, e *Endpoints, application, endpoint, reason string) (Standing, error) {
	return e.Change(ctx, application, endpoint, func(s *Standing) {
		s.Mode, s.Reason, s.Since = Paused, reason, time.Now().UTC()
	})
}

// Resume makes an endpoint, or one address, active again, whoever paused or disabled it, and lets go what is held for it.
func Resume(ctx context.Context, b *bus.Bus, e *Endpoints, application, endpoint string) (Standing, error) {
	s, err := e.Change(ctx, application, endpoint, func(s *Standing) {
		s.Mode, s.Since = Active, time.Now().UTC()
		if !s.Failing {
			s.Reason = ""
		}
	})
	if err != nil {
		return s, err
	}
	return s, Wake(ctx, b, application, endpoint)
}

// Wake lets the owner of an endpoint's lane look at once what can go out, instead of when the endpoint's timer fires.
func Wake(ctx context.Context, b *bus.Bus, application, endpoint string) error {
	_, err := b.Publish(ctx, bus.Out{Subject: bus.HookWake(endpoint), Header: bus.Header{bus.HeaderApplication: {application}}})
	return err
}
