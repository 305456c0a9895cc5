package bus

import (
	"context"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Newest reads the newest messages of a subject filter that come before a sequence, the newest first: n of them, or fewer
// where there are no more. Before 0 is the end of the stream. A stream is read forwards only, so the broker is asked how
// many messages lie in a span before the sequence until the span holds enough of them: a question costs about as much
// as one read, and their number grows with the logarithm of how rare the messages are, not with the stream.
func (b *Bus) Newest(ctx context.Context, stream, filter string, before uint64, n int) ([]*Message, error) {
	s, err := b.stream(ctx, stream)
	if err != nil {
		return nil, err
	}
	info, err := s.Info(ctx)
	if err != nil {
		return nil, readError("look up stream "+stream, err)
	}
	first, end := info.State.FirstSeq, info.State.LastSeq+1
	if before > 0 {
		end = min(end, before)
	}
	if n = min(n, MaxBatch/2); n <= 0 || info.State.Msgs == 0 || end <= first {
		return nil, nil
	}
	from, count, err := b.span(ctx, stream, filter, first, end, uint64(n))
	if err != nil || count == 0 {
		return nil, err
	}
	list, err := b.Oldest(ctx, stream, filter, from, count)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(m *Message) bool { return m.Sequence >= end })
	slices.Reverse(list)
	return list[:min(n, len(list))], nil
}

// span finds where to begin so that n to 2n messages lie before end, or all there are. count may be too high by what was
// stored meanwhile.
func (b *Bus) span(ctx context.Context, stream, filter string, first, end, n uint64) (from uint64, count int, err error) {
	behind, err := b.pendingFrom(ctx, stream, filter, end)
	if err != nil {
		return 0, 0, err
	}
	few, many := uint64(0), uint64(0) // spans with too few and with too many messages
	span := min(n, end-first)
	for {
		from = end - span
		pending, err := b.pendingFrom(ctx, stream, filter, from)
		if err != nil {
			return 0, 0, err
		}
		found := pending - min(behind, pending)
		switch {
		case found > 2*n && span-few > 1:
			many = span
			span = few + (span-few)/2
		case found < n && from > first && (many == 0 || many-span > 1):
			few = span
			if many == 0 {
				span = min(8*span, end-first)
			} else {
				span += (many - span) / 2
			}
		default:
			return from, int(min(found, MaxBatch)), nil
		}
	}
}

// pendingFrom counts the messages of a filter from a sequence on.
func (b *Bus) pendingFrom(ctx context.Context, stream, filter string, from uint64) (uint64, error) {
	info, err := b.glance(ctx, stream, jetstream.ConsumerConfig{
		FilterSubjects: []string{filter}, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(from, 1),
	})
	if err != nil {
		return 0, readError("count "+filter, err)
	}
	return info.NumPending, nil
}

// SequenceAt tells the sequence of the first message of a stream that was stored at a time or later; where there is none,
// it is one that the stream has not given out yet.
func (b *Bus) SequenceAt(ctx context.Context, stream string, at time.Time) (uint64, error) {
	info, err := b.glance(ctx, stream, jetstream.ConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartTimePolicy, OptStartTime: &at,
	})
	if err != nil {
		return 0, readError("find the time in "+stream, err)
	}
	return info.Delivered.Stream + 1, nil
}

// glance makes a reader, looks where it stands and lets go of it.
func (b *Bus) glance(ctx context.Context, stream string, config jetstream.ConsumerConfig) (*jetstream.ConsumerInfo, error) {
	reader, err := b.reader(ctx, stream, config)
	if err != nil {
		return nil, err
	}
	b.letGo(ctx, stream, reader)
	return reader.CachedInfo(), nil
}
