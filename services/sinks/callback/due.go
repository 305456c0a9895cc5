package callback

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/filemobile"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
)

// brokerPause is the wait when the broker did not answer.
const brokerPause = time.Second

// item is a media item whose timer is due.
type item struct {
	application string
	id          string
	media       events.Media
	target      job.Target
}

// due does what the law of the window says about an item whose timer fired. The timer's own body says nothing: the
// newest state is read from the leader.
func (s *Service) due(ctx context.Context, m *bus.Message) error {
	window, err := strconv.ParseInt(m.Header.Get(headerWindow), 10, 64)
	if err != nil {
		return bus.Reject(fmt.Errorf("timer without a window: %w", err))
	}
	it, err := s.read(ctx, m.Subject)
	if err != nil || it == nil {
		return err
	}
	last, err := s.lastSent(ctx, it)
	if err != nil {
		return err
	}
	step := decide(time.Now(), window, it.media.Revision, last, s.next(it.application, it.id))
	switch {
	case step.send != nil:
		return s.send(ctx, it, *step.send)
	case !step.arm.IsZero():
		return s.commit(ctx, arm(it.application, it.id, step.arm))
	default:
		return nil
	}
}

// read loads an item's newest state and where its callbacks go; nil when nobody wants any.
func (s *Service) read(ctx context.Context, subject string) (*item, error) {
	application, id, err := bus.ParseMediaKey(subject)
	if err != nil {
		return nil, bus.Reject(err)
	}
	it := &item{application: application, id: id}
	sealed, err := s.deps.Bus.Last(ctx, bus.Media, bus.MediaTarget(application, id))
	if errors.Is(err, bus.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, bus.Later(err, brokerPause)
	}
	plain, err := s.deps.Key.Open(sealed.Data, targetPlace(application, id))
	if err != nil {
		return nil, bus.Reject(fmt.Errorf("open target: %w", err))
	}
	if err := json.Unmarshal(plain, &it.target); err != nil {
		return nil, bus.Reject(fmt.Errorf("read target: %w", err))
	}
	newest, err := s.deps.Bus.Last(ctx, bus.MediaStream, bus.MediaRecord(application, id))
	if err != nil {
		return nil, bus.Later(err, brokerPause)
	}
	if err := json.Unmarshal(newest.Data, &it.media); err != nil {
		return nil, bus.Reject(fmt.Errorf("read media item: %w", err))
	}
	return it, nil
}

func (s *Service) lastSent(ctx context.Context, it *item) (sent, error) {
	var last sent
	message, err := s.deps.Bus.Last(ctx, bus.Media, bus.MediaSent(it.application, it.id))
	if errors.Is(err, bus.ErrNotFound) {
		return last, nil
	}
	if err != nil {
		return last, bus.Later(err, brokerPause)
	}
	if err := json.Unmarshal(message.Data, &last); err != nil {
		return last, bus.Reject(fmt.Errorf("read what was sent: %w", err))
	}
	return last, nil
}

// send posts a callback. That it is being tried is stored before: after a kill the same callback is sent again, and a
// newer state waits for the next window.
func (s *Service) send(ctx context.Context, it *item, try sent) error {
	if err := s.mark(ctx, it, try); err != nil {
		return err
	}
	result, err := s.post(ctx, it, try)
	if err != nil {
		return err
	}
	s.deps.Metrics.Attempted("callback", result.Class, result.Total)
	endpoint := delivery.Endpoint(it.application, it.target.URL)
	entry := events.Delivery{
		ID: callbackID(it, try.Window), Job: it.media.Job, Target: delivery.Shown(it.target.URL), Attempt: try.Attempts,
		Status: result.Status, Error: result.Class, TookMS: result.Total.Milliseconds(),
	}
	if result.Class == "" {
		try.Done = true
		if err := s.mark(ctx, it, try); err != nil {
			return err
		}
		s.deps.Metrics.Delivered("callback", delivery.Delivered)
		s.log.Note(it.application, endpoint, delivery.Delivered, entry)
		return nil
	}
	pause, again := s.deps.Schedule.Next(try.Attempts, result)
	if !again {
		s.deps.Metrics.Delivered("callback", delivery.Exhausted)
		s.log.Note(it.application, endpoint, delivery.Exhausted, entry)
		return bus.Reject(errors.New("no attempt is left: " + result.Message))
	}
	next := time.Now().Add(pause).UTC()
	if err := s.commit(ctx, armFor(it.application, it.id, next, try.Window)); err != nil {
		return err
	}
	entry.NextAt = &next
	s.log.Note(it.application, endpoint, delivery.Scheduled, entry)
	return nil
}

func (s *Service) post(ctx context.Context, it *item, try sent) (outbound.Attempt, error) {
	app, ok := s.deps.Applications.ByID(it.application)
	if !ok {
		return outbound.Attempt{}, bus.Reject(fmt.Errorf("application %q is gone", it.application))
	}
	document := filemobile.FromMedia(it.media)
	document.Vhost = it.application
	body := filemobile.MarshalResult(document)
	now := time.Now()
	header, err := events.SignPostback(app.SigningSecrets(now), callbackID(it, try.Window), now, body)
	if err != nil {
		return outbound.Attempt{}, fmt.Errorf("sign callback: %w", err)
	}
	for name, value := range it.target.Headers {
		header.Set(name, value)
	}
	header.Set("Content-Type", filemobile.ContentType)
	return s.deps.Poster.Post(ctx, outbound.Request{
		URL: it.target.URL, Header: http.Header(header), Body: body, Timeout: s.config.Timeout,
	})
}

// callbackID names the callback of an item's window: the same on every attempt, whatever happened in between.
func callbackID(it *item, window int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", bus.MediaKey(it.application, it.id), window))
	return "cb_" + hex.EncodeToString(sum[:12])
}

func (s *Service) mark(ctx context.Context, it *item, state sent) error {
	data, err := json.Marshal(state)
	if err != nil {
		return bus.Reject(fmt.Errorf("encode what was sent: %w", err))
	}
	return s.commit(ctx, bus.Out{Subject: bus.MediaSent(it.application, it.id), Data: data})
}

func (s *Service) commit(ctx context.Context, out bus.Out) error {
	if _, err := s.marks.Commit(ctx, out); err != nil {
		return bus.Later(fmt.Errorf("store on %s: %w", out.Subject, err), brokerPause)
	}
	return nil
}
