package callback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/job"
)

// brokerPause is the wait when the broker did not answer.
const brokerPause = time.Second

// orderPause is how soon an item is looked at again while another of its callbacks is under way.
const orderPause = 250 * time.Millisecond

var errUnderWay = errors.New("another callback of the item is under way")

// item is a media item whose timer is due.
type item struct {
	application string
	id          string
	timer       timer
	target      job.Target
	media       events.Media
	// mark is the sequence of the message that says what was sent last.
	mark uint64
}

func (it *item) spot() spot {
	return spot{
		application: it.application, endpoint: delivery.Endpoint(it.application, it.target.URL),
		address: delivery.Address(it.application, it.target.URL), origin: delivery.Origin(it.target.URL),
	}
}

// due does what the law of the window says about an item whose timer fired, as soon as its endpoint has a place. The
// timer's own body says nothing: the newest state is read from the leader.
func (s *Service) due(ctx context.Context, m *bus.Message) error {
	it, err := s.find(ctx, m)
	if err != nil || it == nil {
		return err
	}
	pass, refused := s.gate.enter(ctx, it.spot())
	if pass == nil {
		return s.putOff(ctx, it, refused)
	}
	step, err := s.step(ctx, it)
	if err != nil || step.send == nil {
		s.gate.unused(pass)
		return errors.Join(err, s.follow(ctx, it, step))
	}
	return s.send(ctx, it, pass, *step.send)
}

// find reads where an item's callbacks go; nil when nobody wants any.
func (s *Service) find(ctx context.Context, m *bus.Message) (*item, error) {
	application, id, err := bus.ParseMediaKey(m.Subject)
	if err != nil {
		return nil, bus.Reject(err)
	}
	it := &item{application: application, id: id}
	if it.timer, err = readTimer(m); err != nil {
		return nil, err
	}
	s.waiting.back(bus.MediaKey(application, id))
	sealed, err := s.deps.Bus.Last(ctx, bus.Media, bus.MediaTarget(application, id))
	if errors.Is(err, bus.ErrNotFound) {
		if it.target, err = s.usual(application); err != nil || it.target.URL == "" {
			return nil, err
		}
		return it, nil
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
	return it, nil
}

// usual is where the callbacks of an application's items go that have no place of their own; nowhere unless it says so.
func (s *Service) usual(application string) (job.Target, error) {
	app, ok := s.deps.Applications.ByID(application)
	if !ok {
		return job.Target{}, bus.Reject(fmt.Errorf("application %q is gone", application))
	}
	if app.Settings.Media == nil {
		return job.Target{}, nil
	}
	return job.Target{Sink: job.SinkCallback, URL: app.Settings.Media.CallbackURL}, nil
}

// step reads an item's newest state and what was sent last, and says what the law wants.
func (s *Service) step(ctx context.Context, it *item) (step, error) {
	var err error
	if it.media, err = s.media(ctx, it.application, it.id); err != nil {
		return step{}, err
	}
	last, err := s.lastSent(ctx, it)
	if err != nil {
		return step{}, err
	}
	return decide(time.Now(), it.timer.window, it.media.Revision, last, s.windows(it.application, it.id)), nil
}

// follow does what the law wants, where that is not to send.
func (s *Service) follow(ctx context.Context, it *item, step step) error {
	switch {
	case step.wait > 0:
		return bus.Later(errUnderWay, min(step.wait, orderPause))
	case !step.arm.IsZero():
		return s.commit(ctx, arm(it.application, it.id, step.arm, step.window))
	default:
		return nil
	}
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

// timer is what is in an item's timer when it fires.
type timer struct {
	// window is the end of the window that it was set for, in nanoseconds since 1970.
	window int64
	// due is when the callback was due; it stays while the callback is put off.
	due time.Time
	// held is the reason why the callback was held when the timer was set, empty when it was not.
	held string
}

func readTimer(m *bus.Message) (timer, error) {
	window, err := strconv.ParseInt(m.Header.Get(headerWindow), 10, 64)
	if err != nil {
		return timer{}, bus.Reject(fmt.Errorf("timer without a window: %w", err))
	}
	t := timer{window: window, due: m.Stored, held: m.Header.Get(headerHeld)}
	if due, err := strconv.ParseInt(m.Header.Get(headerDue), 10, 64); err == nil {
		t.due = time.Unix(0, due)
	}
	return t, nil
}

// arm sets an item's timer to fire at a time for a window that may have ended before.
func arm(application, item string, at time.Time, window int64) bus.Out {
	return bus.Out{
		Subject: bus.MediaArm(application, item), Target: bus.MediaDue(application, item), At: at,
		Header: bus.Header{headerWindow: {strconv.FormatInt(window, 10)}, headerDue: {strconv.FormatInt(at.UnixNano(), 10)}},
	}
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
