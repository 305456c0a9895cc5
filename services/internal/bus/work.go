package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

var errShutdown = errors.New("the process is stopping")

// restartPause is the wait before a broken pull is tried again; it is never given up.
const restartPause = time.Second

// Work hands the messages of a durable consumer to a handler, up to parallel at a time, until ctx ends; then what is in
// progress gets the duty's grace, and what waits for its turn is given back at once. A consumer that is owned works in
// one process at a time.
func (b *Bus) Work(ctx context.Context, stream, consumer string, parallel int, duty Duty) error {
	work, cancel := workContext(ctx, duty.Grace)
	defer cancel()
	settler := b.newSettler(duty, consumer)
	defer settler.keepAlive(sinkAckWait)()
	slots := make(chan struct{}, parallel)
	var running sync.WaitGroup
	defer running.Wait()
	return b.pull(ctx, stream, consumer, parallel, func(msg jetstream.Msg) {
		// Held from here on, and never left in the client library's buffer: there it would run out of its ack wait
		// while slow work has all the slots. The consumer's limit of unacknowledged messages bounds how many wait.
		settler.hold(msg)
		running.Go(func() {
			select {
			case slots <- struct{}{}:
				defer func() { <-slots }()
			case <-ctx.Done():
			}
			if ctx.Err() != nil {
				settler.giveBack(msg)
				return
			}
			settler.handle(work, msg)
		})
	})
}

// pull feeds messages to take, one after the other, and starts over when the pull breaks.
func (b *Bus) pull(ctx context.Context, stream, consumer string, ahead int, take func(jetstream.Msg)) error {
	for ctx.Err() == nil {
		err := b.pullOnce(ctx, stream, consumer, ahead, take)
		if ctx.Err() != nil {
			break
		}
		b.log.Warn("pull broke, starting over", "consumer", consumer, "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(restartPause):
		}
	}
	return nil
}

func (b *Bus) pullOnce(ctx context.Context, stream, consumer string, ahead int, take func(jetstream.Msg)) error {
	handle, err := b.consumer(ctx, stream, consumer)
	if err != nil {
		return err
	}
	options := []jetstream.PullMessagesOpt{
		jetstream.PullMaxMessages(ahead), jetstream.PullHeartbeat(pulse),
		// A consumer that falls silent is pulled from again at once, and again until it has a leader.
		jetstream.WithMessagesErrOnMissingHeartbeat(false),
	}
	if handle.CachedInfo().Config.PriorityPolicy == jetstream.PriorityPolicyPinned {
		options = append(options, jetstream.PullPriorityGroup(ownerGroup), jetstream.PullExpiry(ownerPull))
	}
	messages, err := handle.Messages(options...)
	if err != nil {
		return fmt.Errorf("pull from %s: %w", consumer, err)
	}
	// Drained, not stopped: messages that are here already are handed over, so that they can be given back.
	defer context.AfterFunc(ctx, messages.Drain)()
	defer messages.Stop()
	for {
		msg, err := messages.Next()
		if err != nil {
			return fmt.Errorf("pull from %s: %w", consumer, err)
		}
		take(msg)
	}
}

// ownerPull is how often an owner renews its pull; it must be well within ownerTimeout.
const ownerPull = 2 * time.Second

// pulse is how often a consumer that has nothing to hand out says that it lives. After two beats without a word it is
// taken for one whose leader died.
const pulse = 500 * time.Millisecond
