package blobtest

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"testing"
)

// Proxy stands before a service and lets requests fail.
type Proxy struct {
	// URL is where it listens.
	URL string

	forward *httputil.ReverseProxy

	mu   sync.Mutex
	left int
	fail http.HandlerFunc
}

// NewProxy starts one before the service, until the test ends. Signatures stay good: the host is not changed, unless the
// service answers to its own alone.
func NewProxy(t *testing.T, s Service) *Proxy {
	t.Helper()
	to, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	connections := http.DefaultTransport.(*http.Transport).Clone()
	p := &Proxy{forward: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			if !s.OwnHost {
				r.Out.Host = r.In.Host
			}
		},
		Transport: connections,
	}}
	server := httptest.NewServer(p)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		connections.CloseIdleConnections()
	})
	p.URL = server.URL
	return p
}

// Fail answers the next n requests by fail. It returns how many of the last call's were not used up.
func (p *Proxy) Fail(n int, fail http.HandlerFunc) (left int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	left, p.left, p.fail = p.left, n, fail
	return left
}

func (p *Proxy) next() http.HandlerFunc {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left == 0 {
		return p.forward.ServeHTTP
	}
	p.left--
	return p.fail
}

func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.next()(w, r) }

// Answer fails with a status.
func Answer(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // who does not listen loses the answer
		w.WriteHeader(status)
	}
}

// Cut fails by closing the connection before any answer.
func Cut(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// Silence fails by not answering until the client has gone.
func Silence(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // the server sees that the client goes once it has read
	<-r.Context().Done()
}

// CutAfter lets the service answer, and closes the connection after n bytes of that.
func (p *Proxy) CutAfter(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		p.forward.ServeHTTP(answer, r)
		maps.Copy(w.Header(), answer.Header())
		body := answer.Body.Bytes()
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body[:min(n, len(body))]) // the next line is the failure
		panic(http.ErrAbortHandler)
	}
}
