package callback

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/filemobile"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/signing"
)

// margin is how much longer than the timeout of an attempt it is taken to be under way.
const margin = time.Second

// send posts a callback. That it is being tried is stored before: after a kill the same callback is sent again, a newer
// state waits for the next window, and nobody else posts for the item meanwhile.
func (s *Service) send(ctx context.Context, it *item, p *pass, try sent) error {
	request, err := s.request(it, try)
	if err == nil {
		try.Until = time.Now().Add(s.config.Timeout + margin).UnixNano()
		err = s.mark(ctx, it, try)
	}
	if err != nil {
		s.gate.unused(p)
		return err
	}
	done := s.deps.Metrics.InFlight("callback")
	s.deps.Metrics.Lagged("callback", time.Since(it.timer.due))
	result, err := s.deps.Poster.Post(ctx, request)
	done()
	try.Until = 0
	if err != nil {
		s.gate.unused(p)
		// The attempt was cut by us. That it is over is only a courtesy to whoever comes next.
		return errors.Join(err, s.mark(context.WithoutCancel(ctx), it, try))
	}
	s.gate.leave(p, result)
	s.deps.Metrics.Attempted("callback", result.Class, result.Total)
	return s.conclude(ctx, it, p, try, result)
}

// request writes the document and signs it afresh, unless the application's receivers refuse headers that they do not
// know: then there is none that the client did not ask for itself.
func (s *Service) request(it *item, try sent) (outbound.Request, error) {
	app, ok := s.deps.Applications.ByID(it.application)
	if !ok {
		return outbound.Request{}, bus.Reject(fmt.Errorf("application %q is gone", it.application))
	}
	document := filemobile.FromMedia(it.media)
	document.Vhost = it.application
	body := filemobile.MarshalResult(document)
	header := http.Header{}
	for name, value := range it.target.Headers {
		header.Set(name, value)
	}
	header.Set("Content-Type", filemobile.ContentType)
	if !app.Settings.UnsignedCallbacks {
		signature, err := signing.Sign(signing.Standard, app, callbackID(it, try.Window), time.Now(), body)
		if err != nil {
			return outbound.Request{}, fmt.Errorf("sign callback: %w", err)
		}
		maps.Copy(header, signature)
	}
	return outbound.Request{URL: it.target.URL, Header: header, Body: body, Timeout: s.config.Timeout}, nil
}

// callbackID names the callback of an item's window: the same on every attempt, whatever happened in between.
func callbackID(it *item, window int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", bus.MediaKey(it.application, it.id), window))
	return "cb_" + hex.EncodeToString(sum[:12])
}

// conclude stores what follows from an attempt.
func (s *Service) conclude(ctx context.Context, it *item, p *pass, try sent, result outbound.Attempt) error {
	switch {
	case result.Class == "":
		try.Done = true
		if err := s.mark(ctx, it, try); err != nil {
			return err
		}
		s.deps.Metrics.Delivered("callback", delivery.Delivered)
		s.note(it, delivery.Delivered, s.entry(it, try, result))
		return nil
	case p.probe && delivery.Trouble(result):
		// It was tried for the sake of the endpoint. Its own attempts are for when the endpoint is back.
		try.Attempts--
		return s.hold(ctx, it, try, s.gate.probed(p), result)
	case result.Status == http.StatusGone:
		s.herald.Gone(it.application, it.target.URL, result)
		return s.hold(ctx, it, try, refusal{reasonDisabled, time.Now().Add(holdPause)}, result)
	default:
		return s.again(ctx, it, try, result)
	}
}

// again sets the timer of the next attempt, or records that there is none.
func (s *Service) again(ctx context.Context, it *item, try sent, result outbound.Attempt) error {
	entry := s.entry(it, try, result)
	pause, again := s.schedule(it.application).Next(try.Attempts, result)
	if !again {
		if err := s.mark(ctx, it, try); err != nil {
			return err
		}
		s.deps.Metrics.Delivered("callback", delivery.Exhausted)
		s.note(it, delivery.Exhausted, entry)
		s.herald.Exhausted(it.application, entry)
		return bus.Reject(errors.New("no attempt is left: " + result.Message))
	}
	next := time.Now().Add(pause).UTC()
	try.Next = next.UnixNano()
	if err := s.mark(ctx, it, try, arm(it.application, it.id, next, try.Window)); err != nil {
		return err
	}
	if err := s.prefer(ctx, it, try); err != nil {
		return err
	}
	entry.NextAt = &next
	s.note(it, delivery.Scheduled, entry)
	return nil
}

// prefer sets the timer of a state that came in during a failed attempt: the timer of the repeat, which may be hours
// away, has just taken its place. The state's own window may have ended during the attempt; then the timer fires at once.
// A state that comes in later sets its own.
func (s *Service) prefer(ctx context.Context, it *item, try sent) error {
	newest, err := s.media(ctx, it.application, it.id)
	if err != nil || newest.Revision == try.Revision {
		return err
	}
	turn := s.windows(it.application, it.id).turn(time.Now(), try.Window)
	return s.commit(ctx, arm(it.application, it.id, turn, turn.UnixNano()))
}

// schedule is the application's own for the format, else the installation's.
func (s *Service) schedule(id string) delivery.Schedule {
	app, _ := s.deps.Applications.ByID(id)
	if pauses, ok := app.Settings.Schedule(filemobile.Dialect); ok {
		return pauses
	}
	switch {
	case s.deps.Schedule != nil:
		return s.deps.Schedule
	case s.config.Schedule != nil:
		return delivery.Schedule(s.config.Schedule)
	default:
		return delivery.DefaultSchedule()
	}
}

// entry is what the log says of an attempt.
func (s *Service) entry(it *item, try sent, result outbound.Attempt) events.Delivery {
	return delivery.Entry(s.about(it, try), result)
}

// about is what the log says of a callback.
func (s *Service) about(it *item, try sent) events.Delivery {
	return events.Delivery{
		ID: callbackID(it, try.Window), Job: it.media.Job, Media: it.id, Sink: "callback", Endpoint: it.spot().endpoint,
		Target: delivery.Shown(it.target.URL), Attempt: try.Attempts,
	}
}

func (s *Service) note(it *item, state string, entry events.Delivery) {
	s.log.Note(it.application, entry.Endpoint, state, entry)
}
