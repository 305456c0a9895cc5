package bus

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// BatchHandler handles a batch of messages and returns a verdict for each, in their order; the law in verdict.go says
// what each means. ctx ends when the process stops and the grace for work in progress is over.
type BatchHandler func(ctx context.Context, batch []*Message) []error

// BatchDuty is what a queue's messages are handled by, several at a time.
type BatchDuty struct {
	// Handle does the work. When it panics, or does not return a verdict for each message, the batch is handled again
	// message by message, so that the one at fault pays for it alone.
	Handle BatchHandler
	// Most is how many messages a batch may hold.
	Most int
	// Linger is how long the first message of a batch waits for more.
	Linger time.Duration
	// Duty is how trouble is settled, for each message as if it had come alone. Its own Handle is not used.
	Duty
}

// WorkBatches hands the messages of a durable consumer to a handler in batches, up to parallel of them at a time, until
// ctx ends; then what is in progress gets the duty's grace, and what waits for its turn is given back at once.
func (b *Bus) WorkBatches(ctx context.Context, stream, consumer string, parallel int, duty BatchDuty) error {
	work, cancel := workContext(ctx, duty.Grace)
	defer cancel()
	w := &batchWorker{
		settler: b.newSettler(duty.Duty, consumer), duty: duty,
		// It has room for all that the broker hands out unacknowledged: what is here is held, and what stayed in the
		// client library's buffer would run out of its ack wait.
		waiting: make(chan jetstream.Msg, sinkInFlight),
	}
	defer w.settler.keepAlive(sinkAckWait)()
	var running sync.WaitGroup
	for range parallel {
		running.Go(func() { w.run(ctx, work) })
	}
	err := b.pull(ctx, stream, consumer, parallel*duty.Most, func(msg jetstream.Msg) {
		w.settler.hold(msg)
		select {
		case w.waiting <- msg:
		case <-ctx.Done():
			w.settler.giveBack(msg)
		}
	})
	running.Wait()
	for {
		select {
		case msg := <-w.waiting:
			w.settler.giveBack(msg)
		default:
			return err
		}
	}
}

type batchWorker struct {
	settler *settler
	duty    BatchDuty
	waiting chan jetstream.Msg
	// gathering is held by whoever fills a batch: several at once would share out among themselves what fits into one.
	gathering sync.Mutex
}

func (w *batchWorker) run(ctx, work context.Context) {
	for {
		batch := w.gather(ctx)
		if len(batch) == 0 {
			return
		}
		if ctx.Err() != nil {
			for _, msg := range batch {
				w.settler.giveBack(msg)
			}
			return
		}
		w.handle(work, batch)
	}
}

// gather waits for a message, and then no longer than the linger for others. It returns nothing once ctx has ended.
func (w *batchWorker) gather(ctx context.Context) []jetstream.Msg {
	w.gathering.Lock()
	defer w.gathering.Unlock()
	var batch []jetstream.Msg
	select {
	case msg := <-w.waiting:
		batch = append(batch, msg)
	case <-ctx.Done():
		return nil
	}
	late := time.NewTimer(w.duty.Linger)
	defer late.Stop()
	for len(batch) < w.duty.Most {
		select {
		case msg := <-w.waiting:
			batch = append(batch, msg)
		case <-late.C:
			return batch
		case <-ctx.Done():
			return batch
		}
	}
	return batch
}

// handle sees a batch through. Each message is settled by its own verdict.
func (w *batchWorker) handle(work context.Context, batch []jetstream.Msg) {
	var readable []jetstream.Msg
	var messages []*Message
	for _, msg := range batch {
		message, err := fromJetStream(msg)
		if err != nil {
			w.settler.release(msg)
			w.settler.settle(work, msg, nil, err)
			continue
		}
		message.Attempt = w.settler.count(message.Sequence)
		readable, messages = append(readable, msg), append(messages, message)
	}
	for i, err := range w.verdicts(work, messages) {
		w.settler.release(readable[i])
		w.settler.settle(work, readable[i], messages[i], err)
	}
}

// verdicts asks the handler, and once more about each message alone when it failed as a whole.
func (w *batchWorker) verdicts(work context.Context, messages []*Message) []error {
	if len(messages) == 0 {
		return nil
	}
	verdicts, err := w.safely(work, messages)
	if err == nil {
		return verdicts
	}
	if len(messages) == 1 {
		return []error{err}
	}
	verdicts = nil
	for _, message := range messages {
		verdicts = append(verdicts, w.verdicts(work, []*Message{message})...)
	}
	return verdicts
}

// safely turns a panic of the handler, and a wrong number of verdicts, into an error.
func (w *batchWorker) safely(work context.Context, messages []*Message) (verdicts []error, err error) {
	defer func() {
		if p := recover(); p != nil {
			w.settler.log.Error("handler panicked", "subject", messages[0].Subject, "messages", len(messages), "err", p,
				"stack", string(debug.Stack()))
			err = fmt.Errorf("handler panicked: %v", p)
		}
	}()
	verdicts = w.duty.Handle(work, messages)
	if len(verdicts) != len(messages) {
		return nil, fmt.Errorf("handler returned %d verdicts for %d messages", len(verdicts), len(messages))
	}
	return verdicts, nil
}
