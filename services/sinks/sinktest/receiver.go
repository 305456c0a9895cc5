package sinktest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
)

// Arrival is one request as an endpoint got it.
type Arrival struct {
	// ID is the delivery's.
	ID     string
	At     time.Time
	Method string
	Path   string
	Header http.Header
	Body   []byte
	// Nth counts the requests at the receiver, and Try those with this delivery id, from 1.
	Nth, Try int
}

// Receiver is an endpoint that keeps everything it gets.
type Receiver struct {
	URL string

	server *httptest.Server
	closed chan struct{}
	came   chan Arrival

	connections atomic.Int64

	mu      sync.Mutex
	list    []Arrival
	tries   map[string]int
	now     int
	most    int
	fresh   chan struct{} // closed and made anew with every arrival
	inspect func(Arrival)
}

// Answer writes the reply to an arrival; done is closed when the receiver is taken down.
type Answer func(w http.ResponseWriter, a Arrival, done <-chan struct{})

// Accept takes everything.
func Accept(w http.ResponseWriter, _ Arrival, _ <-chan struct{}) { w.WriteHeader(http.StatusNoContent) }

// Refuse answers with a status each time.
func Refuse(status int) Answer {
	return func(w http.ResponseWriter, _ Arrival, _ <-chan struct{}) { w.WriteHeader(status) }
}

// FailFirst answers the first tries of each delivery with a status, and takes it then.
func FailFirst(tries, status int) Answer {
	return func(w http.ResponseWriter, a Arrival, _ <-chan struct{}) {
		if a.Try <= tries {
			w.WriteHeader(status)
		}
	}
}

// NeverAnswer holds every request until the sender gives up.
func NeverAnswer(_ http.ResponseWriter, _ Arrival, done <-chan struct{}) { <-done }

// Receive starts an endpoint; inspect, if set, is asked about every arrival.
func Receive(tb testing.TB, answer Answer, inspect func(Arrival)) *Receiver {
	tb.Helper()
	r := &Receiver{
		closed: make(chan struct{}), came: make(chan Arrival, 1<<16), tries: map[string]int{}, fresh: make(chan struct{}),
		inspect: inspect,
	}
	r.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		defer r.leave()
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return // the sender was killed while it sent: nothing arrived
		}
		a := r.note(Arrival{ID: req.Header.Get(events.HeaderID), At: time.Now(), Method: req.Method, Path: req.URL.Path, Header: req.Header.Clone(), Body: body})
		done := make(chan struct{})
		stop := make(chan struct{})
		defer close(stop)
		go func() {
			defer close(done)
			select {
			case <-r.closed:
			case <-req.Context().Done():
			case <-stop:
			}
		}()
		answer(w, a, done)
	}))
	r.server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			r.connections.Add(1)
		}
	}
	// On every loopback address, so that one receiver can be many endpoints.
	listener, err := net.Listen("tcp4", "0.0.0.0:0") //nolint:gosec,noctx // for a test, as long as it runs
	if err != nil {
		tb.Fatalf("open an endpoint: %v", err)
	}
	r.server.Listener = listener
	r.server.Start()
	r.URL = fmt.Sprintf("http://127.0.0.1:%d/hook", listener.Addr().(*net.TCPAddr).Port)
	tb.Cleanup(func() { close(r.closed); r.server.Close() })
	return r
}

func (r *Receiver) note(a Arrival) Arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tries[a.ID]++
	a.Nth, a.Try = len(r.list)+1, r.tries[a.ID]
	r.list = append(r.list, a)
	r.now++
	r.most = max(r.most, r.now)
	close(r.fresh)
	r.fresh = make(chan struct{})
	r.came <- a
	if r.inspect != nil {
		r.inspect(a)
	}
	return a
}

func (r *Receiver) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now--
}

// Arrivals lists what came so far.
func (r *Receiver) Arrivals() []Arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Arrival(nil), r.list...)
}

// Most is the most requests that were in progress at a time.
func (r *Receiver) Most() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.most
}

// Connections is how many connections were made to it.
func (r *Receiver) Connections() int { return int(r.connections.Load()) }

// patience bounds every wait of the suite: what has not come by then never will.
const patience = time.Minute

// Next waits for the next arrival that was not asked for yet.
func (r *Receiver) Next(tb testing.TB) Arrival {
	tb.Helper()
	select {
	case a := <-r.came:
		return a
	case <-time.After(patience):
		tb.Fatalf("nothing came to %s", r.URL)
		return Arrival{}
	}
}

// Until waits until what came satisfies enough.
func (r *Receiver) Until(tb testing.TB, what string, enough func([]Arrival) bool) []Arrival {
	tb.Helper()
	deadline := time.After(patience)
	for {
		r.mu.Lock()
		list, fresh := append([]Arrival(nil), r.list...), r.fresh
		r.mu.Unlock()
		if enough(list) {
			return list
		}
		select {
		case <-fresh:
		case <-deadline:
			tb.Fatalf("%d arrivals at %s, and still not: %s", len(list), r.URL, what)
		}
	}
}
