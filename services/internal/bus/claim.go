package bus

import (
	"context"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// Claim is a message in hand: the broker hands it to nobody else until it is settled or given back. One of the two must
// be called, once.
type Claim struct {
	Message *Message

	settler *settler
	work    context.Context //nolint:containedctx // the law judges by whether the process is stopping
	msg     jetstream.Msg
	settled func()
}

// Settle applies the law to what the handling of the message returned; it waits for the broker only where the law does.
func (c *Claim) Settle(err error) {
	defer c.settled()
	c.settler.release(c.msg)
	c.settler.settle(c.work, c.msg, c.Message, err)
}

// Context ends when work in progress has to end, after a stop and its grace.
func (c *Claim) Context() context.Context { return c.work }

// GiveBack lets go of a message that nothing was done for: somebody else may have it at once.
func (c *Claim) GiveBack() {
	defer c.settled()
	c.settler.uncount(c.Message.Sequence, cancelled)
	c.settler.giveBack(c.msg)
}

// Claim hands every message of a durable consumer to take as soon as it comes, until ctx ends, and returns once all of
// them are settled or given back. take must not wait: it is for services that order what they hold themselves. The
// consumer's limit of unacknowledged messages bounds how many are held. Duty's Handle is not used; work that goes on
// after ctx ends has duty's grace.
func (b *Bus) Claim(ctx context.Context, stream, consumer string, duty Duty, take func(*Claim)) error {
	work, cancel := workContext(ctx, duty.Grace)
	defer cancel()
	settler := b.newSettler(duty, consumer)
	defer settler.keepAlive(sinkAckWait)()
	var held sync.WaitGroup
	defer held.Wait()
	return b.pull(ctx, stream, consumer, HookWindow, func(msg jetstream.Msg) {
		if ctx.Err() != nil { // given back by whoever stops, it can come here once more before the pull has ended
			settler.giveBack(msg)
			return
		}
		settler.hold(msg)
		message, err := fromJetStream(msg)
		if err != nil {
			settler.release(msg)
			settler.settle(work, msg, nil, Reject(err))
			return
		}
		message.Attempt = settler.count(message.Sequence)
		held.Add(1)
		take(&Claim{Message: message, settler: settler, work: work, msg: msg, settled: held.Done})
	})
}
