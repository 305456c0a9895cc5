package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
)

// MaxKeys is how many keys [Bucket.GetAll] may be asked for; the server refuses more.
const MaxKeys = 1024

// GetAll reads many keys with one question, and answers the values that it found by their keys. It may be asked of any
// copy of the bucket, so what was just written can be missing; so can what does not fit into one answer of the server.
func (b *Bucket) GetAll(ctx context.Context, keys []string) (map[string][]byte, error) {
	if len(keys) > MaxKeys {
		return nil, fmt.Errorf("read %d keys of %s at once: the broker takes %d", len(keys), b.name, MaxKeys)
	}
	if len(keys) == 0 {
		return map[string][]byte{}, nil
	}
	return answer(ctx, b.bus.wait.write, func(ctx context.Context) (map[string][]byte, error) { return b.getAll(ctx, keys) })
}

func (b *Bucket) getAll(ctx context.Context, keys []string) (map[string][]byte, error) {
	stream, before := "KV_"+b.name, "$KV."+b.name+"."
	subjects := make([]string, len(keys))
	for i, key := range keys {
		subjects[i] = before + key
	}
	found := make(map[string][]byte, len(keys))
	messages, err := jetstreamext.GetLastMsgsFor(ctx, b.bus.js, stream, subjects)
	if err != nil {
		return nil, readError("read keys of "+b.name, err)
	}
	for message, err := range messages {
		switch {
		case errors.Is(err, jetstreamext.ErrNoMessages):
			return found, nil
		case err != nil:
			return nil, readError("read keys of "+b.name, err)
		}
		found[message.Subject[len(before):]] = message.Data
	}
	if err := ctx.Err(); err != nil { // the answers end silently then
		return nil, fmt.Errorf("read keys of %s: %w: %w", b.name, ErrUnavailable, err)
	}
	return found, nil
}

// End is the sequence of the newest message of a stream, as its leader knows it; 0 when none was ever stored.
func (b *Bus) End(ctx context.Context, stream string) (uint64, error) {
	s, err := b.stream(ctx, stream)
	if err != nil {
		return 0, err
	}
	info, err := answer(ctx, b.wait.read, func(ctx context.Context) (*jetstream.StreamInfo, error) { return s.Info(ctx) })
	if err != nil {
		return 0, readError("look up stream "+stream, err)
	}
	return info.State.LastSeq, nil
}

// Next reads the first message on a subject filter that comes after a sequence, from the stream's leader. It fails with
// [ErrNotFound] when there is none.
func (b *Bus) Next(ctx context.Context, stream, filter string, after uint64) (*Message, error) {
	s, err := b.stream(ctx, stream)
	if err != nil {
		return nil, err
	}
	raw, err := answer(ctx, b.wait.read, func(ctx context.Context) (*jetstream.RawStreamMsg, error) {
		return s.GetMsg(ctx, after+1, jetstream.WithGetMsgSubject(filter))
	})
	if err != nil {
		return nil, readError("read "+filter, err)
	}
	return fromRaw(raw), nil
}

// Oldest reads up to n of the oldest messages of a subject filter from a sequence on, in their order; none is no error.
func (b *Bus) Oldest(ctx context.Context, stream, filter string, from uint64, n int) ([]*Message, error) {
	consumer, err := b.reader(ctx, stream, jetstream.ConsumerConfig{
		FilterSubjects: []string{filter}, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(from, 1),
	})
	if err != nil {
		return nil, readError("read "+filter, err)
	}
	defer b.letGo(ctx, stream, consumer)
	n = min(n, int(min(consumer.CachedInfo().NumPending, MaxBatch)))
	if n == 0 {
		return nil, nil
	}
	batch, err := consumer.FetchNoWait(n)
	if err != nil {
		return nil, readError("read "+filter, err)
	}
	list := make([]*Message, 0, n)
	for msg := range batch.Messages() {
		message, err := fromJetStream(msg)
		if err != nil {
			return nil, err
		}
		list = append(list, message)
	}
	if err := batch.Error(); err != nil && len(list) == 0 {
		return nil, readError("read "+filter, err)
	}
	return list, nil
}

// reader makes a consumer for a while that acknowledges nothing. Where the first answer is lost it is made twice, and
// the first ends unused.
func (b *Bus) reader(ctx context.Context, stream string, config jetstream.ConsumerConfig) (jetstream.Consumer, error) {
	config.AckPolicy, config.MemoryStorage, config.Replicas, config.InactiveThreshold = jetstream.AckNonePolicy, true, 1, readerIdle
	return answer(ctx, b.wait.write, func(ctx context.Context) (jetstream.Consumer, error) {
		return b.js.CreateConsumer(ctx, stream, config)
	})
}

// letGo removes a reader. Else it would stay for a while, and a stream has room for a thousand of them; one whose server
// died cannot be asked.
func (b *Bus) letGo(ctx context.Context, stream string, reader jetstream.Consumer) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ofCluster.read)
	defer cancel()
	_ = b.js.DeleteConsumer(ctx, stream, reader.CachedInfo().Name)
}

// Counts tells how many messages are stored on each subject of a filter. It costs the broker a walk over all of these
// subjects: it is for people and for starts, not for every message.
func (b *Bus) Counts(ctx context.Context, stream, filter string) (map[string]uint64, error) {
	s, err := b.stream(ctx, stream)
	if err != nil {
		return nil, err
	}
	info, err := answer(ctx, b.wait.write, func(ctx context.Context) (*jetstream.StreamInfo, error) {
		return s.Info(ctx, jetstream.WithSubjectFilter(filter))
	})
	if err != nil {
		return nil, readError(fmt.Sprintf("count %s", filter), err)
	}
	return info.State.Subjects, nil
}

// Pending is how many messages a durable consumer has handed out that are not settled yet.
func (b *Bus) Pending(ctx context.Context, stream, consumer string) (int, error) {
	handle, err := b.consumer(ctx, stream, consumer)
	if err != nil {
		return 0, err
	}
	return handle.CachedInfo().NumAckPending, nil
}
