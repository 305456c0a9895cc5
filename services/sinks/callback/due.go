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

// orderPause is how soon an item is looked at again while another of its callbacks is under way.
const orderPause = 250 * time.Millisecond

// margin is how much longer than the timeout of an attempt it is taken to be under way.
const margin = time.Second

var errUnderWay = errors.New("another callback of the item is under way")

// item is a media item whose timer is due.
type item struct {
	application string
	id          string
	media       events.Media
	target      job.Target
	// mark is the sequence of the message that says what was sent last.
	mark uint64
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
	case step.wait > 0:
		return bus.Later(errUnderWay, min(step.wait, orderPause))
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
	if it.media, err = s.media(ctx, application, id); err != nil {
		return nil, err
	}
	return it, nil
}

// media reads an item's newest state from the leader.
func (s *Service) media(ctx context.Context, application, id string) (events.Media, error) {
	var media events.Media
	newest, err := s.deps.Bus.Last(ctx, bus.MediaStream, bus.MediaRecord(application, id))
	if err != nil {
		return media, bus.Later(err, brokerPause)
	}
	if err := json.Unmarshal(newest.Data, &media); err != nil {
		return media, bus.Reject(fmt.Errorf("read media item: %w", err))
	}
	return media, nil
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
	it.mark = message.Sequence
	return last, nil
}

// send posts a callback. That it is being tried is stored before: after a kill the same callback is sent again, a newer
// state waits for the next window, and nobody else posts for the item meanwhile.
func (s *Service) send(ctx context.Context, it *item, try sent) error {
	try.Until = time.Now().Add(s.config.Timeout + margin).UnixNano()
	if err := s.mark(ctx, it, try); err != nil {
		return err
	}
	done := s.deps.Metrics.InFlight("callback")
	result, err := s.post(ctx, it, try)
	done()
	try.Until = 0
	if err != nil {
		// The attempt was cut by us. That it is over is only a courtesy to whoever comes next.
		return errors.Join(err, s.mark(context.WithoutCancel(ctx), it, try))
	}
	s.deps.Metrics.Attempted("callback", result.Class, result.Total)
	return s.conclude(ctx, it, try, result)
}

// conclude stores what became of an attempt.
func (s *Service) conclude(ctx context.Context, it *item, try sent, result outbound.Attempt) error {
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
		if err := s.mark(ctx, it, try); err != nil {
			return err
		}
		s.deps.Metrics.Delivered("callback", delivery.Exhausted)
		s.log.Note(it.application, endpoint, delivery.Exhausted, entry)
		return bus.Reject(errors.New("no attempt is left: " + result.Message))
	}
	next := time.Now().Add(pause).UTC()
	if err := s.mark(ctx, it, try, armFor(it.application, it.id, next, try.Window)); err != nil {
		return err
	}
	if err := s.prefer(ctx, it, try); err != nil {
		return err
	}
	entry.NextAt = &next
	s.log.Note(it.application, endpoint, delivery.Scheduled, entry)
	return nil
}

// prefer sets the timer of a state that came in during a failed attempt: the timer of the repeat, which may be hours
// away, has just taken its place. A state that comes in later sets its own.
func (s *Service) prefer(ctx context.Context, it *item, try sent) error {
	newest, err := s.media(ctx, it.application, it.id)
	if err != nil || newest.Revision == try.Revision {
		return err
	}
	end := after(time.Now(), try.Window, s.next(it.application, it.id))
	return s.commit(ctx, arm(it.application, it.id, end))
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

// mark stores what was sent last, and timers with it. It gives way when somebody else was faster.
func (s *Service) mark(ctx context.Context, it *item, state sent, timers ...bus.Out) error {
	data, err := json.Marshal(state)
	if err != nil {
		return bus.Reject(fmt.Errorf("encode what was sent: %w", err))
	}
	last := it.mark
	out := bus.Out{Subject: bus.MediaSent(it.application, it.id), Data: data, Last: &last}
	ack, err := s.marks.Commit(ctx, append(timers, out)...)
	if err != nil {
		return bus.Later(fmt.Errorf("store on %s: %w", out.Subject, err), brokerPause)
	}
	it.mark = ack.Sequence
	return nil
}

func (s *Service) commit(ctx context.Context, out bus.Out) error {
	if _, err := s.marks.Commit(ctx, out); err != nil {
		return bus.Later(fmt.Errorf("store on %s: %w", out.Subject, err), brokerPause)
	}
	return nil
}
