package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
)

// errUnknownJob is returned for an id that this installation never gave out, or whose result is no longer kept.
var errUnknownJob = errors.New("no such job")

// errTooManyWaiters is returned when as many requests wait as may.
var errTooManyWaiters = errors.New("too many requests wait for results")

// outcome reads the result of a job, waiting up to patience for it. A job without a result by then is nil.
func (s *Service) outcome(ctx context.Context, application string, id events.ID, patience time.Duration) (*events.Result, error) {
	if !id.Valid(s.idKey) || id.Tag() != events.Tag(application) || time.Since(id.Time()) > bus.ResultRetention {
		return nil, errUnknownJob
	}
	var arrived <-chan []byte
	if patience > 0 {
		// Before the read: a result that comes in between must not be missed.
		waiter, stop, err := s.waiters.wait(id.String())
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
		return nil, fmt.Errorf("read result: %w: %w", bus.ErrUnavailable, err)
	}
	if patience <= 0 {
		return nil, nil
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case data := <-arrived:
		return parseResult(data)
	case <-timer.C:
		return nil, nil
	case <-s.stopping:
		return nil, nil
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

// waiters hands live results to the requests that wait for them: one subscription for the whole process.
type waiters struct {
	limit int

	mu      sync.Mutex
	count   int
	waiting map[string]map[chan []byte]struct{}
}

func newWaiters(limit int) *waiters {
	return &waiters{limit: limit, waiting: map[string]map[chan []byte]struct{}{}}
}

// note passes a live result on; ringback.live.<application>.result.<job>.
func (w *waiters) note(m *bus.Message) {
	id := m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]
	w.mu.Lock()
	defer w.mu.Unlock()
	for waiter := range w.waiting[id] {
		select {
		case waiter <- m.Data:
		default: // it has one already
		}
	}
}

func (w *waiters) wait(id string) (<-chan []byte, func(), error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count >= w.limit {
		return nil, nil, errTooManyWaiters
	}
	w.count++
	waiter := make(chan []byte, 1)
	if w.waiting[id] == nil {
		w.waiting[id] = map[chan []byte]struct{}{}
	}
	w.waiting[id][waiter] = struct{}{}
	return waiter, func() { w.leave(id, waiter) }, nil
}

func (w *waiters) leave(id string, waiter chan []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count--
	delete(w.waiting[id], waiter)
	if len(w.waiting[id]) == 0 {
		delete(w.waiting, id)
	}
}
