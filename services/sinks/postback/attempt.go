package postback

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
)

// crowdedPause is how long a delivery steps aside whose endpoint has no place for it.
const crowdedPause = time.Second

// attempt makes one attempt of a delivery. Whatever comes of it is stored before it returns nil: nothing, a timer for
// the next attempt, or the record that there will be none.
func (s *Service) attempt(ctx context.Context, m *bus.Message) error {
	p, err := s.unpack(m)
	if err != nil {
		return bus.Reject(err)
	}
	made, err := strconv.Atoi(m.Header.Get(headerAttempt))
	if err != nil {
		return bus.Reject(fmt.Errorf("delivery %s: header %s: %w", p.ID, headerAttempt, err))
	}
	leave, ok := s.gates.enter(ctx, m.Header.Get(headerEndpoint))
	if !ok {
		return s.schedule(ctx, m, p, made, time.Now().Add(crowdedPause))
	}
	defer leave()
	defer s.deps.Metrics.InFlight("postback")()
	result, err := s.post(ctx, p)
	if err != nil {
		return err
	}
	s.deps.Metrics.Attempted("postback", result.Class, result.Total)
	return s.conclude(ctx, m, p, made+1, result)
}

// post signs and sends: the signature and its time are fresh on each attempt.
func (s *Service) post(ctx context.Context, p parcel) (outbound.Attempt, error) {
	header := http.Header{}
	for name, value := range p.Header {
		header.Set(name, value)
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", p.ContentType)
	}
	if p.Signed {
		app, ok := s.deps.Applications.ByID(p.Application)
		if !ok {
			return outbound.Attempt{}, bus.Reject(fmt.Errorf("application %q is gone", p.Application))
		}
		now := time.Now()
		signature, err := events.SignPostback(app.SigningSecrets(now), p.ID, now, p.Body)
		if err != nil {
			return outbound.Attempt{}, fmt.Errorf("sign delivery %s: %w", p.ID, err)
		}
		maps.Copy(header, signature)
	} else {
		// Formats without a signature still get the id, so that their receivers can drop repeats.
		header.Set("Webhook-Id", p.ID)
	}
	result, err := s.deps.Poster.Post(ctx, outbound.Request{URL: p.URL, Header: header, Body: p.Body, Timeout: s.config.Timeout})
	if err != nil {
		return result, err // the process is stopping: the attempt was cut by us
	}
	return result, nil
}

func (s *Service) conclude(ctx context.Context, m *bus.Message, p parcel, made int, result outbound.Attempt) error {
	endpoint := m.Header.Get(headerEndpoint)
	entry := events.Delivery{
		ID: p.ID, Job: p.Job, Target: delivery.Shown(p.URL), Attempt: made, Status: result.Status, Error: result.Class,
		TookMS: result.Total.Milliseconds(),
	}
	if result.Class == "" {
		s.deps.Metrics.Delivered("postback", delivery.Delivered)
		s.log.Note(p.Application, endpoint, delivery.Delivered, entry)
		return nil
	}
	pause, again := s.deps.Schedule.Next(made, result)
	if !again {
		s.deps.Metrics.Delivered("postback", delivery.Exhausted)
		s.deps.Log.Warn("delivery exhausted", "delivery", p.ID, "target", entry.Target, "attempt", made, "err", result.Message)
		s.log.Note(p.Application, endpoint, delivery.Exhausted, entry)
		return bus.Reject(errors.New("no attempt is left: " + result.Message))
	}
	next := time.Now().Add(pause).UTC()
	if err := s.schedule(ctx, m, p, made, next); err != nil {
		return err
	}
	entry.NextAt = &next
	s.log.Note(p.Application, endpoint, delivery.Scheduled, entry)
	return nil
}

// schedule stores the next attempt as a timer of the broker.
func (s *Service) schedule(ctx context.Context, m *bus.Message, p parcel, made int, at time.Time) error {
	endpoint := m.Header.Get(headerEndpoint)
	_, err := s.timers.Commit(ctx, bus.Out{
		Subject: bus.HookRetry(endpoint, p.ID), Target: bus.HookLate(endpoint), At: at, Data: m.Data,
		Header: headers(p, endpoint, made),
	})
	if err != nil {
		return bus.Later(fmt.Errorf("schedule delivery %s: %w", p.ID, err), crowdedPause)
	}
	return nil
}
