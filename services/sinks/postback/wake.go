package postback

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
)

// errNotBegun says that a probe was given back.
var errNotBegun = errors.New("the process is stopping")

// expired is how the log puts that a delivery's time ran out while it was held.
var expired = outbound.Attempt{Class: "expired", Message: "held until its time was over"}

// probePause is the wait before a probe that found no place.
const probePause = time.Second

// round is called when a lane's timer fires. When it returns nil, no lot of the lane waits to be looked at, or its timer is
// set again. It does not wait for a probe, which would hold a place in the lane for as long as the endpoint is silent.
func (s *Service) round(ctx context.Context, lane string) error {
	lots, err := s.yard.begin(ctx, lane, s.config.Timeout+watchdog)
	if err != nil {
		return bus.Later(err, brokerPause)
	}
	for _, l := range lots {
		s.spawn(func(base context.Context) { s.attend(ctx, base, l) })
	}
	if err := s.yard.rearm(ctx, lane); err != nil {
		return bus.Later(err, brokerPause)
	}
	return nil
}

// wake is called when somebody resumed an endpoint, or wants it to be tried at once.
func (s *Service) wake(ctx context.Context, id, application string) error {
	mode, err := s.mode(ctx, application, id)
	if err != nil {
		return bus.Later(err, brokerPause)
	}
	if mode != delivery.Active {
		return nil
	}
	l := s.yard.lot(id)
	if err := s.yard.replan(ctx, l, time.Now().Add(s.config.Timeout+watchdog)); err != nil {
		return bus.Later(err, brokerPause)
	}
	s.spawn(func(base context.Context) { s.attend(ctx, base, l) })
	return nil
}

// attend sees what can go out of a lot, and plans when to look again if anything is left. work is the context of an attempt.
func (s *Service) attend(work, base context.Context, l *lot) {
	err := error(nil)
	switch probeAt, open := s.dispatcher.broken(l.id); {
	case !open:
		err = s.release(base, l, releaseLeast)
	case time.Until(probeAt) > 0:
		err = s.yard.replan(base, l, probeAt)
	default:
		err = s.probe(work, base, l)
	}
	if err != nil && base.Err() == nil {
		s.deps.Log.Warn("parked deliveries stay", "endpoint", l.id, "err", err) // they are looked at again
	}
}

// mode reads whether an endpoint is paused or disabled from the bucket itself: whoever resumes it writes there first.
func (s *Service) mode(ctx context.Context, application, id string) (delivery.Mode, error) {
	standing, err := s.endpoints.Get(ctx, application, id)
	if errors.Is(err, bus.ErrNotFound) {
		return delivery.Active, nil
	}
	return standing.Mode, err
}

// active tells whether an endpoint is neither paused nor disabled, as far as this process heard. Whoever resumes it says so.
func (s *Service) active(id string) bool {
	standing, known := s.endpoints.ByID(id)
	return !known || standing.Mode == delivery.Active
}

// release moves some parked deliveries back into their lanes, and plans when to look again if any are left.
func (s *Service) release(ctx context.Context, l *lot, n int) error {
	more, err := true, error(nil)
	if s.yard.reserveAll(l) {
		more, err = s.yard.release(ctx, l, n)
	}
	if err != nil || more {
		err = errors.Join(err, s.yard.replan(ctx, l, time.Now().Add(watchdog)))
	}
	if more && err == nil {
		s.dispatcher.released(l.id)
	}
	return err
}

// refill moves more parked deliveries back when an endpoint has room for them. It does not wait.
func (s *Service) refill(e *endpoint) {
	room := min(max(e.health.Limit()*releasePerPlace, releaseLeast), releaseMost)
	l, ok := s.yard.reserve(e.id, room/2)
	if !ok {
		return
	}
	s.spawn(func(ctx context.Context) {
		more, err := s.yard.release(ctx, l, room)
		if more {
			err = errors.Join(err, s.yard.replan(ctx, l, time.Now().Add(watchdog)))
		}
		if err != nil && ctx.Err() == nil {
			s.deps.Log.Warn("parked deliveries stay", "endpoint", l.id, "err", err) // they are looked at again
		}
		if more && err == nil {
			s.dispatcher.released(l.id)
		}
	})
}

// probe tries the oldest parked delivery of an endpoint that is open, and sets its timer or lets go of some more. work is
// the attempt's context.
func (s *Service) probe(work, base context.Context, l *lot) error {
	// Nothing else of the lot may go out before the delivery that is tried is taken out of it: it would go out twice.
	if !s.yard.reserveAll(l) {
		return s.yard.replan(base, l, time.Now().Add(probePause))
	}
	back, err := s.try(work, base, l)
	s.yard.free(l)
	if err != nil || !back {
		return err
	}
	return s.release(base, l, releaseLeast)
}

// try makes the attempt of a probe. It reports whether the endpoint is back; if it is not, its timer is set.
func (s *Service) try(work, base context.Context, l *lot) (back bool, err error) {
	parks := s.yard.parks(l)
	m, err := s.deps.Bus.Next(base, bus.Parked, bus.HookParked(l.id), 0)
	if errors.Is(err, bus.ErrNotFound) {
		s.yard.forget(l, parks)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	done := make(chan error, 1)
	it := &item{
		message: m, address: m.Header.Get(headerAddress), probe: true, work: work, noted: make(chan struct{}),
		settle: func(err error) { done <- err }, giveBack: func() { done <- errNotBegun },
	}
	if again, begun := s.dispatcher.probe(it); !begun { //nolint:contextcheck // attempts have contexts of their own
		return false, s.yard.replan(base, l, again)
	}
	verdict := <-done
	if errors.Is(verdict, errNotBegun) {
		return false, verdict
	}
	<-it.noted
	return s.probed(base, l, m, verdict)
}

// probed sees to a parked delivery that was tried.
func (s *Service) probed(ctx context.Context, l *lot, m *bus.Message, verdict error) (back bool, err error) {
	switch {
	case verdict == nil:
	case bus.Rejected(verdict):
		if err := s.deps.Bus.Bury(ctx, kind, m, verdict); err != nil {
			return false, err
		}
	default:
		if errors.Is(verdict, errStays) {
			s.expire(ctx, l)
		}
		return false, s.probeLater(ctx, l)
	}
	if err := s.yard.remove(ctx, l.id, m.Sequence); err != nil {
		return false, err
	}
	if _, open := s.dispatcher.broken(l.id); open {
		return false, s.probeLater(ctx, l)
	}
	return true, nil
}

// probeLater sets the timer for the next probe.
func (s *Service) probeLater(ctx context.Context, l *lot) error {
	probeAt, _ := s.dispatcher.broken(l.id)
	return s.yard.replan(ctx, l, delivery.Later(probeAt, time.Now().Add(probePause)))
}

// heldAtLeast is how long deliveries are held at least for an endpoint that fails, however short their schedule is.
const heldAtLeast = 24 * time.Hour

// expireMost bounds how many deliveries expire after one probe.
const expireMost = 1000

// expire records as exhausted what has been due for longer than its schedule lasts, and a day at least: the endpoint had
// that long to return.
func (s *Service) expire(ctx context.Context, l *lot) {
	for range expireMost {
		m, err := s.deps.Bus.Next(ctx, bus.Parked, bus.HookParked(l.id), 0)
		if err != nil {
			return
		}
		p, err := s.unpack(m)
		if err == nil && time.Since(due(m)) < max(s.schedule(p).Total(), heldAtLeast) {
			return
		}
		reason := fmt.Errorf("held for %s, which is as long as its attempts would have taken", time.Since(due(m)).Round(time.Second))
		if err := s.deps.Bus.Bury(ctx, kind, m, reason); err != nil {
			return
		}
		it := &item{message: m, endpoint: &endpoint{id: l.id}}
		s.exhaust(p, it, s.entry(it, p, made(m), expired), reason.Error())
		if err := s.yard.remove(ctx, l.id, m.Sequence); err != nil {
			return
		}
	}
}
