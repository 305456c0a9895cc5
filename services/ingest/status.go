package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
)

// errUnknownJob is returned for an id that this installation never gave out, or whose result is no longer kept.
var errUnknownJob = errors.New("no such job")

// known tells whether an application may have a job of this id, with its result still kept.
func (s *Service) known(application string, id events.ID) bool {
	return id.Valid(s.idKey) && id.Tag() == events.Tag(application) && time.Since(id.Time()) <= bus.ResultRetention
}

// recordOf reads the record of a job that has ended.
func (s *Service) recordOf(ctx context.Context, application, id string) (job.Record, error) {
	message, err := s.deps.Bus.Last(ctx, bus.Events, bus.RecordSubject(application, id))
	if err != nil {
		return job.Record{}, err
	}
	return job.OpenRecord(s.deps.Key, application, id, message.Data)
}

// outcome reads the result of a job, waiting up to patience for it. A job without a result by then is nil.
func (s *Service) outcome(ctx context.Context, application string, id events.ID, patience time.Duration) (*events.Result, error) {
	if !s.known(application, id) {
		return nil, errUnknownJob
	}
	var arrived <-chan []byte
	if patience > 0 {
		// Before the read: a result that comes in between must not be missed.
		waiter, stop, err := s.hub.wait(id.String())
		if err != nil {
			return nil, err
		}
		defer stop()
		arrived = waiter
	}
	data, err := s.stored(ctx, application, id.String())
	if err == nil {
		return parseResult(data)
	}
	if !errors.Is(err, bus.ErrNotFound) {
		return nil, unavailable(fmt.Errorf("read result: %w", err))
	}
	if patience <= 0 {
		return nil, nil
	}
	data, err = s.arrival(arrived, patience, func() ([]byte, error) { return s.stored(ctx, application, id.String()) })
	if data == nil || err != nil {
		return nil, err
	}
	return parseResult(data)
}

// arrival waits for a result; nil when none came. After a gap in what is live it looks for itself.
func (s *Service) arrival(arrived <-chan []byte, patience time.Duration, stored func() ([]byte, error)) ([]byte, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case data := <-arrived:
			if data != nil {
				return data, nil
			}
		case <-timer.C:
			return nil, nil
		case <-s.stopping:
			return nil, nil
		}
		data, err := stored()
		if err == nil {
			return data, nil
		}
		if !errors.Is(err, bus.ErrNotFound) {
			return nil, unavailable(fmt.Errorf("read result: %w", err))
		}
	}
}

// stored reads a result from the status bucket, and from the events themselves when the server's copy is not there yet:
// a client that was told of a result must find it.
func (s *Service) stored(ctx context.Context, application, id string) ([]byte, error) {
	entry, err := s.status.Get(ctx, events.StatusKey(application, id))
	if err == nil {
		return entry.Value, nil
	}
	message, err := s.deps.Bus.Last(ctx, bus.Events, events.ResultSubject(application, id))
	if err != nil {
		return nil, err
	}
	return message.Data, nil
}

func parseResult(data []byte) (*events.Result, error) {
	var result events.Result
	if err := json.Unmarshal(data, &result); err != nil {
		return nil, fmt.Errorf("read result: %w", err)
	}
	return &result, nil
}
