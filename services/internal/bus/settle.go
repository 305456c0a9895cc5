package bus

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/ringback/ringback/events"
)

// Handler handles one message; the law in verdict.go says what its error means. ctx ends when the process stops and
// the grace for work in progress is over.
type Handler func(ctx context.Context, message *Message) error

// Duty is what a queue's messages are handled by, and how its trouble is settled.
type Duty struct {
	// Handle does the work.
	Handle Handler
	// Kind is the word for the queue in RINGBACK_DEAD.
	Kind string
	// Tries is how often a message may fail before it is rejected.
	Tries int
	// Buried, if set, is called before a message is copied to RINGBACK_DEAD. When it fails the message comes back later
	// instead.
	Buried func(ctx context.Context, message *Message, reason error) error
	// Confirm waits for the broker's word on each acknowledgement, for work that is dear to repeat.
	Confirm bool
	// Grace is how long work in progress may go on after a stop was asked for.
	Grace time.Duration
}

// settler applies the law to the messages of one queue.
type settler struct {
	bus  *Bus
	duty Duty
	log  *slog.Logger

	mu    sync.Mutex
	tries map[uint64]int
	held  map[jetstream.Msg]struct{}
}

func (b *Bus) newSettler(duty Duty, consumer string) *settler {
	return &settler{bus: b, duty: duty, log: b.log.With("consumer", consumer), tries: map[uint64]int{}, held: map[jetstream.Msg]struct{}{}}
}

// handle runs the handler on one message, which is held meanwhile, and settles it. It returns after which delay the
// message comes back, if it does.
func (s *settler) handle(work context.Context, msg jetstream.Msg) (back time.Duration, returns bool) {
	s.hold(msg)
	message, err := fromJetStream(msg)
	if err == nil {
		message.Attempt = s.count(message.Sequence)
		err = s.safely(work, message)
	}
	s.release(msg)
	return s.settle(work, msg, message, err)
}

// safely turns a panic of a handler into an error: one message must not end the process.
func (s *settler) safely(work context.Context, message *Message) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("handler panicked", "subject", message.Subject, "err", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("handler panicked: %v", p)
		}
	}()
	return s.duty.Handle(work, message)
}

func (s *settler) settle(work context.Context, msg jetstream.Msg, message *Message, err error) (time.Duration, bool) {
	tries, deliveries := s.duty.Tries, uint64(0) // a message without metadata is none of ours
	if meta, unreadable := msg.Metadata(); unreadable == nil {
		tries, deliveries = message.Attempt, meta.NumDelivered
	}
	sentence, delay := judge(work, err, tries, s.duty.Tries, deliveries)
	if message != nil {
		s.uncount(message.Sequence, sentence)
	}
	switch sentence {
	case done:
		s.report(msg, s.ack(work, msg))
		return 0, false
	case later, again:
		s.log.Warn("message put off", "subject", msg.Subject(), "attempt", tries, "in", delay, "err", err)
		s.report(msg, msg.NakWithDelay(delay))
		return delay, true
	case cancelled:
		s.report(msg, msg.Nak())
		return 0, false
	default:
		return s.bury(work, msg, message, err)
	}
}

// bury keeps what can never be handled where people look for it, and then tells the duty. Cut short in between, the
// message comes back and is buried again; the broker drops the second copy.
func (s *settler) bury(work context.Context, msg jetstream.Msg, message *Message, reason error) (time.Duration, bool) {
	s.log.Error("message rejected", "subject", msg.Subject(), "err", reason)
	if message == nil {
		message = &Message{Subject: msg.Subject(), Header: Header(msg.Headers()), Data: msg.Data()}
	}
	err := s.bus.Bury(work, s.duty.Kind, message, reason)
	if err == nil && s.duty.Buried != nil {
		err = s.duty.Buried(work, message, reason)
	}
	if err != nil {
		s.log.Error("rejected message put off", "subject", msg.Subject(), "err", err)
		s.report(msg, msg.NakWithDelay(buryPause))
		return buryPause, true
	}
	s.report(msg, msg.TermWithReason(oneLine(reason)))
	return 0, false
}

// Bury keeps a copy of a message in RINGBACK_DEAD, with the reason. Buried again, the broker drops the second copy.
func (b *Bus) Bury(ctx context.Context, kind string, message *Message, reason error) error {
	copied := deadCopy(kind, message, reason)
	copied.ID = fmt.Sprintf("%s %d", message.Subject, message.Sequence)
	_, err := b.Publish(ctx, copied)
	return err
}

// buryPause is the wait before a message is buried again whose burial was not stored.
const buryPause = 5 * time.Second

// deadCopy is what RINGBACK_DEAD keeps of a message: its own headers, its body, where it was and why it went.
func deadCopy(kind string, message *Message, reason error) Out {
	header := Header{}
	for name, values := range message.Header {
		if strings.HasPrefix(name, "ce-") || strings.HasPrefix(name, "Ringback-") {
			header[name] = values
		}
	}
	header.Set("Ringback-Reason", strings.ToValidUTF8(oneLine(reason), "?"))
	header.Set("Ringback-Subject", message.Subject)
	return Out{Subject: DeadSubject(kind, applicationOf(message)), Header: header, Data: message.Data}
}

func (s *settler) ack(work context.Context, msg jetstream.Msg) error {
	if !s.duty.Confirm {
		return msg.Ack()
	}
	// What is done is acknowledged also when the process is told to stop meanwhile.
	_, err := answer(context.WithoutCancel(work), s.bus.wait.read, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, msg.DoubleAck(ctx)
	})
	return err
}

// report logs an acknowledgement that was not sent; the message comes back by itself after the consumer's ack wait.
func (s *settler) report(msg jetstream.Msg, err error) {
	if err != nil {
		s.log.Warn("message not settled, it will come back", "subject", msg.Subject(), "err", err)
	}
}

// count notes one more try of a message.
func (s *settler) count(sequence uint64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries[sequence]++
	return s.tries[sequence]
}

// uncount takes back a try that was nobody's fault, or all of them once the message is settled for good.
func (s *settler) uncount(sequence uint64, sentence verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch sentence {
	case again:
	case later:
		if s.tries[sequence]--; s.tries[sequence] == 0 {
			delete(s.tries, sequence) // another process may be the one to finish it
		}
	default:
		delete(s.tries, sequence)
	}
}

// hold keeps a message from being handed out again, from now until it is released.
func (s *settler) hold(msg jetstream.Msg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[msg] = struct{}{}
}

func (s *settler) release(msg jetstream.Msg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, msg)
}

// giveBack lets a message go that was not begun: somebody else may have it at once.
func (s *settler) giveBack(msg jetstream.Msg) {
	s.release(msg)
	s.report(msg, msg.Nak())
}

// keepAlive tells the broker, three times within its ack wait, which messages are still in good hands, until stop is
// called.
func (s *settler) keepAlive(ackWait time.Duration) (stop func()) {
	quit := make(chan struct{})
	var finished sync.WaitGroup
	finished.Go(func() {
		ticker := time.NewTicker(ackWait / 3)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				return
			case <-ticker.C:
				s.beat()
			}
		}
	})
	return func() { close(quit); finished.Wait() }
}

func (s *settler) beat() {
	s.mu.Lock()
	held := slices.Collect(maps.Keys(s.held))
	s.mu.Unlock()
	for _, msg := range held {
		_ = msg.InProgress() // when it fails the message comes back, which is the right answer
	}
}

// workContext outlives ctx by grace, so that work in progress can end well.
func workContext(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, func() { cancel(errShutdown) })
		context.AfterFunc(work, func() { timer.Stop() })
	})
	return work, func() {
		stop()
		cancel(nil)
	}
}

// HeaderApplication names the application of a message whose subject does not.
const HeaderApplication = "Ringback-Application"

// applicationOf finds the application in a header or a subject of ours.
func applicationOf(message *Message) string {
	if application := message.Header.Get(HeaderApplication); application != "" {
		return application
	}
	place := map[string]int{"job": 4, "evt": 2, "prv": 2, "media": 3}
	parts := strings.Split(message.Subject, ".")
	if len(parts) > 1 {
		if i, ok := place[parts[1]]; ok && i < len(parts) {
			if application, err := events.ParseToken(parts[i]); err == nil {
				return application
			}
		}
	}
	return "unknown"
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
