package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
)

// publishTimeout bounds one question to the broker where the caller set no deadline.
const publishTimeout = 10 * time.Second

// Ack is the broker's word that a message is on disk.
type Ack struct {
	Sequence uint64
	// Duplicate tells that the broker had the message already, by its id.
	Duplicate bool
}

// Publish stores one message and returns once the broker has it on disk. It fails with [ErrExists], [ErrQueueFull] or
// [ErrUnavailable]; after the last it is not known whether the message was stored. One that has an id, a time or an
// expected sequence is sent again when the answer does not come.
func (b *Bus) Publish(ctx context.Context, out Out) (Ack, error) {
	msg := out.message()
	ack, err := answer(ctx, b.waitFor(out), func(ctx context.Context) (*jetstream.PubAck, error) {
		return b.js.PublishMsg(ctx, msg)
	})
	if err != nil {
		return Ack{}, b.noteRefusal(publishError(out.Subject, err))
	}
	b.noteStored()
	return Ack{Sequence: ack.Sequence, Duplicate: ack.Duplicate}, nil
}

// PublishAtomic stores all messages or none, with one write to disk. All must belong to one stream, and no subject may
// come twice where the stream keeps one message per subject. It fails as [Bus.Publish] does, and the sequence is that
// of the last message.
func (b *Bus) PublishAtomic(ctx context.Context, outs []Out) (uint64, error) {
	if len(outs) == 1 {
		ack, err := b.Publish(ctx, outs[0])
		return ack.Sequence, err
	}
	if len(outs) > MaxBatch {
		return 0, fmt.Errorf("publish %d messages in one batch: the broker takes %d", len(outs), MaxBatch)
	}
	msgs := make([]*nats.Msg, len(outs))
	for i, out := range outs {
		msgs[i] = out.message()
	}
	ack, err := answer(ctx, b.waitFor(outs...), func(ctx context.Context) (*jetstreamext.BatchAck, error) {
		// The round trip after the first message protects a slow network; nothing is gained by it here, and a batch of two
		// would take twice as long.
		return jetstreamext.PublishMsgBatch(ctx, b.js, msgs, jetstreamext.BatchFlowControl{AckFirst: false})
	})
	if err != nil {
		return 0, b.noteRefusal(publishError(outs[0].Subject, err))
	}
	b.noteStored()
	return ack.Sequence, nil
}

// Last reads the newest message of a subject from the stream's leader: what was published before is seen. It fails
// with [ErrNotFound].
func (b *Bus) Last(ctx context.Context, stream, subject string) (*Message, error) {
	s, err := b.stream(ctx, stream)
	if err != nil {
		return nil, err
	}
	raw, err := answer(ctx, b.wait.read, func(ctx context.Context) (*jetstream.RawStreamMsg, error) {
		return s.GetLastMsgForSubject(ctx, subject)
	})
	if err != nil {
		return nil, readError("read "+subject, err)
	}
	return fromRaw(raw), nil
}

// Trim removes the messages of one subject filter that come before a sequence.
func (b *Bus) Trim(ctx context.Context, stream, filter string, before uint64) error {
	s, err := b.stream(ctx, stream)
	if err != nil {
		return err
	}
	_, err = answer(ctx, b.wait.read, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.Purge(ctx, jetstream.WithPurgeSubject(filter), jetstream.WithPurgeSequence(before))
	})
	if err != nil {
		return fmt.Errorf("trim %s: %w", filter, err)
	}
	return nil
}

// consumer looks up a durable consumer or a reader.
func (b *Bus) consumer(ctx context.Context, stream, name string) (jetstream.Consumer, error) {
	consumer, err := answer(ctx, b.wait.read, func(ctx context.Context) (jetstream.Consumer, error) {
		return b.js.Consumer(ctx, stream, name)
	})
	if err != nil {
		return nil, readError("find consumer "+name, err)
	}
	return consumer, nil
}

// stream returns a handle whose direct reads are off where the stream's are, without asking the server twice.
func (b *Bus) stream(ctx context.Context, name string) (jetstream.Stream, error) {
	if s, ok := b.handles.Load(name); ok {
		return s.(jetstream.Stream), nil
	}
	s, err := answer(ctx, b.wait.read, func(ctx context.Context) (jetstream.Stream, error) { return b.js.Stream(ctx, name) })
	if err != nil {
		return nil, readError("look up stream "+name, err)
	}
	b.handles.Store(name, s)
	return s, nil
}

// Scan calls visit for every message that is stored on a subject filter now, in the order of the stream, and stops at
// its first error.
func (b *Bus) Scan(ctx context.Context, stream, filter string, visit func(*Message) error) error {
	consumer, err := b.reader(ctx, stream, jetstream.ConsumerConfig{FilterSubjects: []string{filter}})
	if err != nil {
		return readError("scan "+filter, err)
	}
	defer b.letGo(ctx, stream, consumer)
	info := consumer.CachedInfo()
	messages, err := consumer.Messages()
	if err != nil {
		return readError("scan "+filter, err)
	}
	defer messages.Stop()
	for left := info.NumPending; left > 0; {
		msg, err := messages.Next(jetstream.NextMaxWait(scanWait))
		if errors.Is(err, nats.ErrTimeout) && ctx.Err() == nil {
			// What was counted may have been removed meanwhile: nothing comes in its place.
			if info, err = consumer.Info(ctx); err == nil {
				left = info.NumPending
				continue
			}
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return readError("scan "+filter, err)
		}
		left--
		message, err := fromJetStream(msg)
		if err != nil {
			return err
		}
		if err := visit(message); err != nil {
			return err
		}
	}
	return nil
}

// scanWait is how long a scan waits for a message before it asks whether there is still one to come.
const scanWait = 250 * time.Millisecond
