// Package eventbridgetest is a stand-in for AWS EventBridge. The real one cannot be reached from a test, so nothing in
// here proves what AWS does: it holds a sender to what AWS documents, as strictly as it can, and misbehaves on demand.
// It checks each signature by computing it anew from the secret, the form of each request, the number and size of its
// entries, and what is in them.
package eventbridgetest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
)

// The credentials that the server knows, and the region that it is in.
const (
	AccessKeyID     = "AKIDEXAMPLE"
	SecretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	Region          = "eu-central-1"
)

// Entry is one event as it arrived.
type Entry struct {
	Bus, Source, DetailType string
	Detail                  []byte
	Time, At                time.Time
	// Request counts the requests at the server, and Try those that held this detail, from 1.
	Request, Try int
}

// Request is one PutEvents request that is in order.
type Request struct {
	Nth     int
	Entries []Entry
}

// Reply says how the server misbehaves; the zero Reply takes everything.
type Reply struct {
	// Codes are the errors of single entries, by their place.
	Codes map[int]string
	// Status and Code refuse the whole request.
	Status int
	Code   string
	// Location is where a redirect leads to.
	Location string
	// Hang answers nothing until the sender gives up, and Reset cuts the connection.
	Hang, Reset bool
	// Raw is sent as it is with status 200.
	Raw string
	// Drop leaves the last results out of the answer; below 0 there are so many too many.
	Drop int
	// Blank leaves the ids out.
	Blank bool
}

// Server is an event bus.
type Server struct {
	URL string

	tb     testing.TB
	behave func(Request) Reply
	limit  int
	closed chan struct{}

	mu       sync.Mutex
	requests int
	arrived  []Entry
	taken    []Entry
	tries    map[string]int
	refused  []string
	now      int
	most     int
	changed  chan struct{} // closed and made anew with every request
}

// Start starts a server; behave is asked about each request that is in order, and may be nil.
func Start(tb testing.TB, behave func(Request) Reply) *Server {
	tb.Helper()
	if behave == nil {
		behave = func(Request) Reply { return Reply{} }
	}
	s := &Server{
		tb: tb, behave: behave, limit: maxBytes, closed: make(chan struct{}), tries: map[string]int{}, changed: make(chan struct{}),
	}
	server := httptest.NewServer(s)
	s.URL = server.URL
	tb.Cleanup(func() { close(s.closed); server.Close() })
	return s
}

// Narrow sets another limit for the size of a request, as older partitions have.
func (s *Server) Narrow(limit int) *Server {
	s.limit = limit
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender was killed while it sent: nothing arrived
	}
	defer s.enter()()
	if why := verify(r, body, time.Now()); why != "" {
		s.refuse(w, http.StatusForbidden, "InvalidSignatureException", why)
		return
	}
	entries, code, why := parse(r, body, s.limit)
	if code != "" {
		s.refuse(w, http.StatusBadRequest, code, why)
		return
	}
	request := s.note(entries)
	reply := s.behave(request)
	switch {
	case reply.Hang:
		select {
		case <-r.Context().Done():
		case <-s.closed:
		}
	case reply.Reset:
		panic(http.ErrAbortHandler)
	case reply.Status != 0:
		if reply.Location != "" {
			w.Header().Set("Location", reply.Location)
		}
		fail(w, reply.Status, reply.Code, "as the test wants it")
	case reply.Raw != "":
		w.Header().Set("Content-Type", mediaType)
		_, _ = io.WriteString(w, reply.Raw)
	default:
		s.answer(w, request, reply)
	}
}

type result struct {
	EventID      string `json:"EventId,omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

func (s *Server) answer(w http.ResponseWriter, request Request, reply Reply) {
	failed := 0
	var results []result
	for i, entry := range request.Entries {
		code := reply.Codes[i]
		if code == "" {
			code = judge(entry)
		}
		switch {
		case code != "":
			failed++
			results = append(results, result{ErrorCode: code, ErrorMessage: "entry " + strconv.Itoa(i) + " was not taken"})
		case reply.Blank:
			results = append(results, result{})
		default:
			s.take(entry)
			results = append(results, result{EventID: "event-" + strconv.Itoa(entry.Request) + "-" + strconv.Itoa(i)})
		}
	}
	for range -reply.Drop {
		results = append(results, result{EventID: "nobody-sent-this"})
	}
	results = results[:len(results)-max(reply.Drop, 0)]
	w.Header().Set("Content-Type", mediaType)
	_ = json.NewEncoder(w).Encode(map[string]any{"FailedEntryCount": failed, "Entries": results})
}

func (s *Server) refuse(w http.ResponseWriter, status int, code, why string) {
	s.mu.Lock()
	s.refused = append(s.refused, code+": "+why)
	s.mu.Unlock()
	fail(w, status, code, why)
}

func fail(w http.ResponseWriter, status int, code, why string) {
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	if code != "" {
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": code, "message": why})
	}
}

func (s *Server) enter() (leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now++
	s.most = max(s.most, s.now)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.now--
		close(s.changed)
		s.changed = make(chan struct{})
	}
}

func (s *Server) note(entries []Entry) Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	for i := range entries {
		s.tries[string(entries[i].Detail)]++
		entries[i].Request, entries[i].Try, entries[i].At = s.requests, s.tries[string(entries[i].Detail)], time.Now()
	}
	s.arrived = append(s.arrived, entries...)
	close(s.changed)
	s.changed = make(chan struct{})
	return Request{Nth: s.requests, Entries: entries}
}

func (s *Server) take(entry Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = append(s.taken, entry)
}

// Arrived lists every entry of every request that was in order, also those that were not taken.
func (s *Server) Arrived() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Entry(nil), s.arrived...)
}

// Taken lists the entries that are on the bus.
func (s *Server) Taken() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Entry(nil), s.taken...)
}

// Refused lists what was wrong with requests.
func (s *Server) Refused() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.refused...)
}

// Requests counts the requests that were in order, and Most is how many requests were in progress at a time.
func (s *Server) Requests() (n, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests, s.most
}

// patience bounds every wait: what has not come by then never will.
const patience = time.Minute

// Until waits until so.
func (s *Server) Until(what string, so func() bool) {
	s.tb.Helper()
	deadline := time.After(patience)
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if so() {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			s.tb.Fatalf("%d entries came, %d were taken, refused were %v, and still not: %s",
				len(s.Arrived()), len(s.Taken()), s.Refused(), what)
		}
	}
}
