package ingest

import (
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
)

var (
	// errTooManyWaiters is returned when as many requests wait as may.
	errTooManyWaiters = errors.New("too many requests wait for results")

	// errTooManyStreams is returned when as many streams are open as may.
	errTooManyStreams = errors.New("too many streams are open")

	// errTooManyOfOne is returned when one application has as many streams open as it may.
	errTooManyOfOne = errors.New("the application has too many streams open")
)

// live matches everything that happens, of every application.
var live = events.LiveFilter("")

// hub hands what happens to the requests that wait for it and to the streams that show it: one subscription for the whole
// process, whatever their number.
type hub struct {
	waitersLimit, streamsLimit, streamsOfOne int

	mu      sync.Mutex
	count   int // of waiters
	waiting map[string]map[chan []byte]struct{}
	open    int                             // of streams
	streams map[string]map[*stream]struct{} // by the application's token
	stopped bool
}

func newHub(config Config) *hub {
	return &hub{
		waitersLimit: config.Waiters, streamsLimit: config.Streams, streamsOfOne: config.StreamsOfOne,
		waiting: map[string]map[chan []byte]struct{}{}, streams: map[string]map[*stream]struct{}{},
	}
}

// Kinds of live messages: ringback.live.<application>.<kind>.….
const (
	kindResult   = "result"
	kindProgress = "progress"
)

// note passes a live message on. It never waits: a waiter has room for one result, and a stream that has no room left is
// ended.
func (h *hub) note(m *bus.Message) {
	parts := strings.Split(m.Subject, ".")
	if len(parts) < 4 {
		return
	}
	application, kind, about := parts[2], parts[3], parts[len(parts)-1]
	h.mu.Lock()
	defer h.mu.Unlock()
	if kind == kindResult {
		for waiter := range h.waiting[about] {
			wake(waiter, m.Data)
		}
	}
	var shared *frame // written once for all streams
	for s := range h.streams[application] {
		if !s.wants(kind, about) {
			continue
		}
		if shared == nil {
			f, err := liveFrame(m, kind)
			if err != nil {
				return // not an event: somebody else's message on our subject
			}
			shared = &f
		}
		s.push(*shared)
		if s.job != "" && kind == kindResult {
			s.end(frameEnd)
		}
	}
}

// missed is told when live messages may have passed unseen: who waits looks for itself, and the streams end, so that
// their clients come back and get what they missed.
func (h *hub) missed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, waiters := range h.waiting {
		for waiter := range waiters {
			wake(waiter, nil)
		}
	}
	h.endAll()
}

// stop ends all streams, also those that are opened later.
func (h *hub) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = true
	h.endAll()
}

func (h *hub) endAll() {
	for _, streams := range h.streams {
		for s := range streams {
			s.end(frameReconnect)
			if h.stopped {
				s.hurry()
			}
		}
	}
}

// wake gives a waiter a result, or nil to look for itself.
func wake(waiter chan []byte, data []byte) {
	select {
	case waiter <- data:
	default: // it has one already
	}
}

// wait returns what the results of a job come through, and a function to stop waiting.
func (h *hub) wait(id string) (<-chan []byte, func(), error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.count >= h.waitersLimit {
		return nil, nil, errTooManyWaiters
	}
	h.count++
	waiter := make(chan []byte, 1)
	if h.waiting[id] == nil {
		h.waiting[id] = map[chan []byte]struct{}{}
	}
	h.waiting[id][waiter] = struct{}{}
	return waiter, func() { h.leave(id, waiter) }, nil
}

func (h *hub) leave(id string, waiter chan []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count--
	delete(h.waiting[id], waiter)
	if len(h.waiting[id]) == 0 {
		delete(h.waiting, id)
	}
}

// join gives a stream its place. It fails with errTooManyStreams or errTooManyOfOne.
func (h *hub) join(s *stream) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case len(h.streams[s.application]) >= h.streamsOfOne:
		return errTooManyOfOne
	case h.open >= h.streamsLimit || h.stopped:
		return errTooManyStreams
	}
	h.open++
	if h.streams[s.application] == nil {
		h.streams[s.application] = map[*stream]struct{}{}
	}
	h.streams[s.application][s] = struct{}{}
	return nil
}

// part takes a stream's place away again.
func (h *hub) part(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open--
	delete(h.streams[s.application], s)
	if len(h.streams[s.application]) == 0 {
		delete(h.streams, s.application)
	}
}

// streamRetry is what a client is told to wait for before it opens a stream again.
const streamRetry = 2 * time.Second
