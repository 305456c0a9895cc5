package ingest

import (
	"bufio"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/events"
)

// Bounds of a stream.
const (
	// streamFrames and streamBytes are how far a client may fall behind before its stream is ended. Events are shared by
	// the streams that wait to send them.
	streamFrames = 1024
	streamBytes  = 1 << 20
	// streamPatience is how long a client may leave its stream unread before it is cut off, and streamHurry how long when
	// the process stops.
	streamPatience = 30 * time.Second
	streamHurry    = 2 * time.Second
)

// stream is one open stream of server-sent events. The hub pushes into it and never waits; its own goroutine writes.
type stream struct {
	application string // its token
	job         string // empty for everything of the application
	conn        net.Conn

	ready chan struct{} // something is there to be sent

	mu      sync.Mutex
	started bool
	queue   []frame
	bytes   int
	ended   *frame // what to end with once the queue is sent
	hurried bool
}

func newStream(application, job string, conn net.Conn) *stream {
	return &stream{application: events.Token(application), job: job, conn: conn, ready: make(chan struct{}, 1)}
}

// wants tells whether a live message is for the stream. What was accepted is told when the stream of a job opens.
func (s *stream) wants(kind, about string) bool {
	return s.job == "" || s.job == about && (kind == kindResult || kind == kindProgress)
}

// start lets the hub push.
func (s *stream) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.started = true
}

// push adds a frame. When there is no room the stream ends after what it has: the client knows its position and comes
// back for the rest.
func (s *stream) push(f frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.started || s.ended != nil:
		return
	case len(s.queue) > 0 && (len(s.queue) >= streamFrames || s.bytes+len(f.text) > streamBytes):
		s.ended = &frameOverrun
	default:
		s.queue = append(s.queue, f)
		s.bytes += len(f.text)
	}
	s.tell()
}

// end ends the stream after what waits in it.
func (s *stream) end(f frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == nil {
		s.ended = &f
	}
	s.tell()
}

func (s *stream) tell() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// take returns the next frame, or nil when there is none.
func (s *stream) take() *frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return s.ended
	}
	f := s.queue[0]
	s.queue = s.queue[1:]
	s.bytes -= len(f.text)
	return &f
}

// hurry cuts off a client that does not read, soon: the process stops.
func (s *stream) hurry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hurried = true
	_ = s.conn.SetWriteDeadline(time.Now().Add(streamHurry)) // it fails on a closed connection, which is what is wanted
}

// write sends a frame. It tells whether the client is still there and the stream goes on.
func (s *stream) write(w *bufio.Writer, f frame) bool {
	s.mu.Lock()
	if !s.hurried {
		_ = s.conn.SetWriteDeadline(time.Now().Add(streamPatience)) // as above; the write says so, too
	}
	s.mu.Unlock()
	if _, err := w.Write(f.text); err != nil {
		return false
	}
	return w.Flush() == nil && !f.last
}

// run sends what comes until the stream ends or the client is gone. Without news it says every so often that it is
// alive: that keeps proxies from closing it, and is how a client that left is noticed. Results up to the sequence sent
// are left out.
func (s *stream) run(w *bufio.Writer, sent uint64, alive time.Duration) {
	pulse := time.NewTicker(alive)
	defer pulse.Stop()
	for {
		for f := s.take(); f != nil; f = s.take() {
			if f.sequence > 0 && f.sequence <= sent {
				continue
			}
			if !s.write(w, *f) {
				return
			}
		}
		select {
		case <-s.ready:
		case <-pulse.C:
			if !s.write(w, frameAlive) {
				return
			}
		}
	}
}

// sendStream answers with a stream that write fills; its place is free once write is done.
func (s *Service) sendStream(c *fiber.Ctx, st *stream, write func(*bufio.Writer)) error {
	c.Set(fiber.HeaderContentType, "text/event-stream")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set("X-Accel-Buffering", "no") // nginx would hold events back until it has a few kilobytes of them
	// Its write deadline must not meet another answer.
	c.Context().SetConnectionClose()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer s.hub.part(st)
		write(w)
	})
	return nil
}
