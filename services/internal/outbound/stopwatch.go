package outbound

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// stopwatch times the parts of one post. It has a lock because the transport goes on connecting, and calling us, after
// a request was given up or served by another connection.
type stopwatch struct {
	began time.Time

	mu                           sync.Mutex
	done                         bool
	addr                         string
	dnsStart, dialStart, tlsFrom time.Time
	dns, connect, handshake      time.Duration
	firstByte                    time.Duration
}

func (s *stopwatch) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:             func(httptrace.DNSStartInfo) { s.start(&s.dnsStart) },
		DNSDone:              func(httptrace.DNSDoneInfo) { s.end(&s.dns, &s.dnsStart) },
		ConnectStart:         func(string, string) { s.start(&s.dialStart) },
		ConnectDone:          func(_, addr string, err error) { s.connected(addr, err) },
		TLSHandshakeStart:    func() { s.start(&s.tlsFrom) },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { s.end(&s.handshake, &s.tlsFrom) },
		GotConn:              func(info httptrace.GotConnInfo) { s.got(info) },
		GotFirstResponseByte: func() { s.end(&s.firstByte, &s.began) },
	})
}

// start notes the time once: the resolver of the standard library calls the trace a second time, and a second address
// is still the same connecting.
func (s *stopwatch) start(at *time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.done && at.IsZero() {
		*at = time.Now()
	}
}

func (s *stopwatch) end(took *time.Duration, from *time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.done && !from.IsZero() {
		*took = time.Since(*from)
	}
}

// connected keeps the address also of a connection that failed, so that the log says what was tried.
func (s *stopwatch) connected(addr string, _ error) {
	s.end(&s.connect, &s.dialStart)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.done {
		s.addr = addr
	}
}

func (s *stopwatch) got(info httptrace.GotConnInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done {
		return
	}
	s.addr = info.Conn.RemoteAddr().String()
	if info.Reused {
		// What was started for this request went into a connection that another one will use.
		s.dns, s.connect, s.handshake = 0, 0, 0
	}
}

// stop writes the times down; whatever is reported later is not about this post any more.
func (s *stopwatch) stop(a *Attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = true
	a.Addr, a.DNS, a.Connect, a.TLS, a.FirstByte = s.addr, s.dns, s.connect, s.handshake, s.firstByte
}
