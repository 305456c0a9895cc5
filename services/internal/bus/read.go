package bus

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// First reads the oldest message of a subject filter from a sequence on, from the stream's leader. It fails with
// [ErrNotFound].
func (b *Bus) First(ctx context.Context, stream, filter string, from uint64) (*Message, error) {
	s, err := b.stream(ctx, stream)
	if err != nil {
		return nil, err
	}
	raw, err := s.GetMsg(ctx, max(from, 1), jetstream.WithGetMsgSubject(filter))
	if err != nil {
		return nil, readError("read "+filter, err)
	}
	return fromRaw(raw), nil
}

// Oldest reads up to n of the oldest messages of a subject filter from a sequence on, in their order; none is no error.
func (b *Bus) Oldest(ctx context.Context, stream, filter string, from uint64, n int) ([]*Message, error) {
	consumer, err := b.js.CreateConsumer(ctx, stream, jetstream.ConsumerConfig{
		FilterSubjects: []string{filter}, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1,
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(from, 1), InactiveThreshold: readerIdle,
	})
	if err != nil {
		return nil, readError("read "+filter, err)
	}
	// Else it would stay for a while, and a stream has room for a thousand of them.
	defer func() { _ = b.js.DeleteConsumer(context.WithoutCancel(ctx), stream, consumer.CachedInfo().Name) }()
	n = min(n, int(min(consumer.CachedInfo().NumPending, MaxBatch))) //nolint:gosec // at most MaxBatch
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

// Counts tells how many messages are stored on each subject of a filter. It costs the broker a walk over all of these
// subjects: it is for people and for starts, not for every message.
func (b *Bus) Counts(ctx context.Context, stream, filter string) (map[string]uint64, error) {
	s, err := b.stream(ctx, stream)
	if err != nil {
		return nil, err
	}
	info, err := s.Info(ctx, jetstream.WithSubjectFilter(filter))
	if err != nil {
		return nil, readError(fmt.Sprintf("count %s", filter), err)
	}
	return info.State.Subjects, nil
}
