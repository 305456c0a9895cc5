package events

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// forgetAfter is how long the broker keeps a subscription without a name that nobody uses.
	forgetAfter = 5 * time.Minute
	// pullExpires and pullHeartbeat: a pull request lives for half a minute, and a broker that went away is noticed
	// after two heartbeats.
	pullExpires   = 30 * time.Second
	pullHeartbeat = 2 * time.Second
	// goneAfter is how long nobody may answer for the consumer before it counts as gone. A broker that restarts answers
	// much sooner.
	goneAfter = time.Minute

	firstPause = 100 * time.Millisecond
	mostPause  = 5 * time.Second

	firstRetry = time.Second
	mostRetry  = time.Minute
)

// Handler handles one event. nil means that the event is done with. After any error it is handed out again: after a
// second, then after twice as long each time, up to a minute, for as long as it is stored. So a handler must take the
// same event twice in its stride; the event's id tells. The context ends when the subscription does.
type Handler func(ctx context.Context, e event.Event) error

// Subscribe hands every stored result to handle, at least once, until ctx ends, and then returns nil; handlers that run
// at that moment are waited for. It survives lost connections and restarts of the broker. It returns an error when an
// option is wrong ([ErrInvalidOption]), when the subscription cannot be made, when nc is closed, or when the broker no
// longer knows the subscription.
//
// On the broker a subscription is a durable pull consumer with one filter subject. The connection's user must be allowed
// to publish to $JS.API.CONSUMER.CREATE.RINGBACK_EVENTS.<name>.<filter>, to $JS.API.CONSUMER.MSG.NEXT.RINGBACK_EVENTS.<name>
// and to $JS.ACK.RINGBACK_EVENTS.<name>.>. With $JS.API.CONSUMER.INFO.RINGBACK_EVENTS.<name> too, it can take up a name
// with another place to begin from, and notices at once, instead of after a minute, that the subscription was deleted.
func Subscribe(ctx context.Context, nc *nats.Conn, handle Handler, opts ...Option) error {
	o, err := newOptions(opts)
	if err != nil {
		return err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("subscribe to results: %w", err)
	}
	consumer, err := o.declare(ctx, js)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("subscribe to results: %w", err)
	}
	s := subscription{options: o, consumer: consumer, handle: handle}
	return s.run(ctx)
}

// declare makes the consumer, or takes up the one of the same name. Where a consumer began cannot be changed, so for one
// that exists the place it began from is kept.
func (o options) declare(ctx context.Context, js jetstream.JetStream) (jetstream.Consumer, error) {
	cfg := jetstream.ConsumerConfig{
		Durable:       o.name,
		FilterSubject: ResultFilter(o.application),
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       o.ackWait,
		MaxDeliver:    -1,
		DeliverPolicy: o.deliver,
	}
	if o.name == "" {
		cfg.InactiveThreshold = forgetAfter
	}
	if !o.since.IsZero() {
		cfg.OptStartTime = &o.since
	}
	consumer, err := js.CreateOrUpdateConsumer(ctx, Stream, cfg)
	if o.name == "" || !errors.Is(err, jetstream.ErrConsumerCreate) {
		return consumer, err
	}
	old, infoErr := js.Consumer(ctx, Stream, o.name)
	if infoErr != nil {
		return nil, errors.Join(err, infoErr)
	}
	was := old.CachedInfo().Config
	cfg.DeliverPolicy, cfg.OptStartTime, cfg.OptStartSeq = was.DeliverPolicy, was.OptStartTime, was.OptStartSeq
	return js.CreateOrUpdateConsumer(ctx, Stream, cfg)
}

type subscription struct {
	options
	consumer jetstream.Consumer
	handle   Handler
}

// run keeps one pull request of one event open for each event that may be in flight, so that none waits in a buffer
// while its ack wait runs out.
func (s subscription) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	failures := make(chan error, s.inFlight)
	for range s.inFlight {
		wg.Go(func() {
			if err := s.work(ctx); err != nil {
				failures <- err
				cancel()
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failures:
		return err
	default:
		return nil
	}
}

// work takes events one by one until ctx ends or the consumer is gone.
func (s subscription) work(ctx context.Context) error {
	var silentSince time.Time
	pause := firstPause
	for ctx.Err() == nil {
		msg, err := s.next(ctx)
		switch {
		case err == nil:
			s.settle(ctx, msg)
			pause, silentSince = firstPause, time.Time{}
			continue
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, nats.ErrTimeout), errors.Is(err, jetstream.ErrNoHeartbeat):
			pause, silentSince = firstPause, time.Time{}
			continue
		case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, jetstream.ErrConsumerDeleted):
			return fmt.Errorf("read results: %w", err)
		case errors.Is(err, nats.ErrNoResponders):
			if silentSince.IsZero() {
				silentSince = time.Now()
			}
			if err := s.gone(ctx, silentSince); err != nil {
				return fmt.Errorf("read results: %w", err)
			}
		}
		wait(ctx, pause)
		pause = min(2*pause, mostPause)
	}
	return nil
}

// gone tells whether the broker has forgotten the consumer. One that nobody answers for may just be starting again, so the
// broker is asked; where the user may not ask, time tells.
func (s subscription) gone(ctx context.Context, silentSince time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, mostPause)
	defer cancel()
	if _, err := s.consumer.Info(ctx); errors.Is(err, jetstream.ErrConsumerNotFound) {
		return err
	}
	if time.Since(silentSince) > goneAfter {
		return fmt.Errorf("nobody answered for %s: %w", goneAfter, nats.ErrNoResponders)
	}
	return nil
}

// next waits for one event. The deadline of the request's own context becomes its expiry on the broker, so that neither
// side waits for the other after it.
func (s subscription) next(ctx context.Context) (jetstream.Msg, error) {
	pull, cancel := context.WithTimeout(ctx, pullExpires)
	defer cancel()
	msg, err := s.consumer.Next(jetstream.FetchContext(pull), jetstream.FetchHeartbeat(pullHeartbeat))
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, nats.ErrTimeout
	}
	return msg, err
}

// settle handles one event and tells the broker. What the broker does not hear it makes good by handing the event out
// again, so nothing is lost when telling fails.
func (s subscription) settle(ctx context.Context, msg jetstream.Msg) {
	if ctx.Err() != nil {
		_ = msg.Nak()
		return
	}
	e, err := Decode(msg.Headers(), msg.Data())
	if err != nil {
		// Nobody will ever read it. The broker's advisory keeps the reason.
		_ = msg.TermWithReason(err.Error())
		return
	}
	if !s.wants(e.Type()) {
		_ = msg.Ack()
		return
	}
	stop := s.keepAlive(msg)
	err = s.handle(ctx, e)
	stop()
	switch {
	case err == nil:
		_ = msg.Ack()
	case ctx.Err() != nil:
		_ = msg.Nak()
	default:
		_ = msg.NakWithDelay(retryDelay(msg))
	}
}

// keepAlive tells the broker that the event is being worked on, until stop, which waits for the last sign of life: one
// that came after the verdict would be an error.
func (s subscription) keepAlive(msg jetstream.Msg) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		ticker := time.NewTicker(s.ackWait / 3)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				_ = msg.InProgress()
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}

func retryDelay(msg jetstream.Msg) time.Duration {
	meta, err := msg.Metadata()
	if err != nil {
		return firstRetry
	}
	delay := firstRetry
	for range meta.NumDelivered - 1 {
		if delay *= 2; delay >= mostRetry {
			return mostRetry
		}
	}
	return delay
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
