package callback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/media"
)

const (
	// headerWindow is the end of the window that a timer was set for, in nanoseconds since 1970.
	headerWindow = "Ringback-Window"
	// headerDue is when the callback was due before it was put off, in nanoseconds since 1970.
	headerDue = "Ringback-Due"
	// headerHeld is the reason why the callback was held when its timer was set.
	headerHeld = "Ringback-Held"
	// headerWaits has the endpoint and the address of a callback that waits for somebody to resume them.
	headerWaits = "Ringback-Waits"
)

// result applies a result to the media item that it names, and keeps where the item's callbacks go.
func (s *Service) result(ctx context.Context, m *bus.Message) ([]bus.Out, error) {
	finished, err := s.results.Next(m)
	if err != nil || finished == nil {
		return nil, err
	}
	result, err := finished.Result()
	if err != nil || result.Media == nil {
		return nil, err
	}
	return nil, s.apply(ctx, finished, result)
}

// keepTarget stores where an item's callbacks go; nothing when the job names no place.
func (s *Service) keepTarget(ctx context.Context, f *delivery.Finished, item string) error {
	record, err := s.results.Record(ctx, f)
	if err != nil {
		return err
	}
	application := f.Application
	for _, target := range record.Targets {
		if target.Sink != job.SinkCallback {
			continue
		}
		plain, err := json.Marshal(target)
		if err != nil {
			return bus.Reject(fmt.Errorf("encode target: %w", err))
		}
		sealed, err := s.deps.Key.Seal(plain, targetPlace(application, item))
		if err != nil {
			return bus.Reject(fmt.Errorf("seal target: %w", err))
		}
		return s.commit(ctx, bus.Out{Subject: bus.MediaTarget(application, item), Data: sealed})
	}
	return nil
}

func targetPlace(application, item string) []byte {
	return []byte("media target:" + bus.MediaKey(application, item))
}

// apply writes where the item's callbacks go and then its newest state, in this order: the change sets the timer, and
// a timer that finds no place to post to is dropped. A result that was applied before is left alone.
func (s *Service) apply(ctx context.Context, f *delivery.Finished, result events.Result) error {
	id := result.Media.ID
	err := s.items.Apply(ctx, f.Application, id, f.Sequence, func(item *events.Media) error {
		if err := s.keepTarget(ctx, f, id); err != nil {
			return err
		}
		media.Ended(item, result, f.Stored)
		return nil
	})
	switch {
	case errors.Is(err, bus.ErrUnavailable):
		return bus.Later(err, brokerPause)
	default:
		return err
	}
}

// change arms the timer of a changed item for the end of its window. Arming again, or more than once in a window, sets
// the same timer.
func (s *Service) change(_ context.Context, m *bus.Message) ([]bus.Out, error) {
	application, item, err := bus.ParseMediaKey(m.Subject)
	if err != nil {
		return nil, bus.Reject(err)
	}
	end := s.windows(application, item).end(m.Stored)
	return []bus.Out{arm(application, item, end, end.UnixNano())}, nil
}
