package callback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/filemobile"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
)

const (
	// headerApplied is the sequence of the result that an item's record was last changed by.
	headerApplied = "Ringback-Applied"
	// headerWindow is the end of the window that a timer was set for, in nanoseconds since 1970.
	headerWindow = "Ringback-Window"
)

// pair is a sealed record as it came by; the result that belongs to it is the next message.
type pair struct {
	subject string
	sealed  []byte
}

// result applies a result to the media item that it names, and keeps where the item's callbacks go.
func (s *Service) result(ctx context.Context, m *bus.Message) ([]bus.Out, error) {
	application, id, isRecord, err := bus.ParseResult(m.Subject)
	if err != nil {
		return nil, bus.Reject(err)
	}
	if isRecord {
		s.last = pair{subject: m.Subject, sealed: m.Data}
		return nil, nil
	}
	var result events.Result
	if err := json.Unmarshal(m.Data, &result); err != nil {
		return nil, bus.Reject(fmt.Errorf("read result: %w", err))
	}
	if result.ID != id {
		return nil, bus.Reject(fmt.Errorf("result of job %s says that it is of %s", id, result.ID))
	}
	if result.Media == nil {
		return nil, nil
	}
	return nil, s.apply(ctx, application, result, m)
}

// keepTarget stores where an item's callbacks go; nothing when the job names no place.
func (s *Service) keepTarget(ctx context.Context, application, id, item string) error {
	record, err := s.record(ctx, application, id)
	if err != nil {
		return err
	}
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

// record finds the record of a job: nearly always it came just before. A job without a record names no place.
func (s *Service) record(ctx context.Context, application, id string) (job.Record, error) {
	subject := bus.RecordSubject(application, id)
	sealed := s.last.sealed
	if s.last.subject != subject {
		message, err := s.deps.Bus.Last(ctx, bus.Events, subject)
		if errors.Is(err, bus.ErrNotFound) {
			return job.Record{}, nil
		}
		if err != nil {
			return job.Record{}, bus.Later(err, brokerPause)
		}
		sealed = message.Data
	}
	record, err := job.OpenRecord(s.deps.Key, application, id, sealed)
	if err != nil {
		return job.Record{}, bus.Reject(err)
	}
	return record, nil
}

func targetPlace(application, item string) []byte {
	return []byte("media target:" + bus.MediaKey(application, item))
}

// apply writes where the item's callbacks go and then its newest state, in this order: the change sets the timer, and
// a timer that finds no place to post to is dropped. A result that was applied before is left alone; a record that
// somebody else changed meanwhile is read again.
func (s *Service) apply(ctx context.Context, application string, result events.Result, m *bus.Message) error {
	subject := bus.MediaRecord(application, result.Media.ID)
	var revision uint64
	media := events.Media{ID: result.Media.ID}
	before, err := s.deps.Bus.Last(ctx, bus.MediaStream, subject)
	switch {
	case errors.Is(err, bus.ErrNotFound):
	case err != nil:
		return bus.Later(err, brokerPause)
	default:
		applied, err := strconv.ParseUint(before.Header.Get(headerApplied), 10, 64)
		if err == nil && applied >= m.Sequence {
			return nil
		}
		if err := json.Unmarshal(before.Data, &media); err != nil {
			return bus.Reject(fmt.Errorf("read media item: %w", err))
		}
		revision = before.Sequence
	}
	if err := s.keepTarget(ctx, application, result.ID, media.ID); err != nil {
		return err
	}
	applyResult(&media, result, m.Stored)
	out, err := bus.Event(subject, events.TypeMediaChanged, eventSource, media.ID, media)
	if err != nil {
		return bus.Reject(err)
	}
	out.Last = &revision
	out.Header.Set(headerApplied, strconv.FormatUint(m.Sequence, 10))
	if _, err := s.deps.Bus.Publish(ctx, out); err != nil {
		return bus.Later(fmt.Errorf("write media item %s: %w", media.ID, err), 100*time.Millisecond)
	}
	return nil
}

// applyResult puts a result into an item. A failed job leaves the pictures of the one before.
func applyResult(media *events.Media, result events.Result, at time.Time) {
	media.Revision++
	media.Job = result.ID
	media.ChangedAt = at.UTC()
	media.Status = filemobile.StatusFailed
	if result.State != events.StateFailed {
		media.Status = filemobile.StatusConverted
		media.Outputs = result.Outputs
	}
	if media.Outputs == nil {
		media.Outputs = []events.Output{}
	}
}

// change arms the timer of a changed item for the end of its window. Arming again, or more than once in a window, sets
// the same timer.
func (s *Service) change(_ context.Context, m *bus.Message) ([]bus.Out, error) {
	application, item, err := bus.ParseMediaKey(m.Subject)
	if err != nil {
		return nil, bus.Reject(err)
	}
	return []bus.Out{arm(application, item, s.next(application, item)(m.Stored))}, nil
}

func arm(application, item string, end time.Time) bus.Out {
	return armFor(application, item, end, end.UnixNano())
}

// armFor sets the timer to fire at a time for a window that may have ended before.
func armFor(application, item string, at time.Time, window int64) bus.Out {
	return bus.Out{
		Subject: bus.MediaArm(application, item), Target: bus.MediaDue(application, item), At: at,
		Header: bus.Header{headerWindow: {strconv.FormatInt(window, 10)}},
	}
}
