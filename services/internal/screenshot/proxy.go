package screenshot

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// maxTraffic is how much one page may load, in bytes.
const maxTraffic = 200 << 20

// Dialer connects to addresses that the guard lets through; [outbound.Client] is one.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
	CheckURL(url string) error
}

// proxy is an HTTP proxy on loopback for one browser. What it connects to is judged by the dialer, whatever name the page
// had for it.
type proxy struct {
	dialer    Dialer
	transport *http.Transport
	server    *http.Server
	listener  net.Listener
	tunnels   sync.WaitGroup
	ending    chan struct{}

	mu       sync.Mutex
	left     int64 // of maxTraffic
	reached  map[string]bool
	failures map[string]error
}

// openProxy starts a proxy on a free port. It fails when there is none.
func openProxy(ctx context.Context, d Dialer) (*proxy, error) {
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{
		dialer: d, listener: listener, left: maxTraffic, ending: make(chan struct{}), reached: map[string]bool{}, failures: map[string]error{},
	}
	p.transport = &http.Transport{DialContext: p.dial, DisableCompression: true, IdleConnTimeout: time.Minute}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = p.server.Serve(listener) }() // ends when it is closed
	return p, nil
}

// close ends every connection.
func (p *proxy) close() {
	close(p.ending)
	_ = p.server.Close()
	p.transport.CloseIdleConnections()
	p.tunnels.Wait()
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// failure is why a host could not be reached at all; nil when it was, or when nobody asked for it.
func (p *proxy) failure(host string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reached[host] {
		return nil
	}
	return p.failures[host]
}

func (p *proxy) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := p.dialer.DialContext(ctx, network, address)
	host, _, _ := net.SplitHostPort(address)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.failures[strings.ToLower(host)] = err
		return nil, err
	}
	p.reached[strings.ToLower(host)] = true
	return &counted{Conn: conn, proxy: p}, nil
}

// ServeHTTP forwards one request, or opens a tunnel for it.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.tunnel(w, r)
	case r.URL.Scheme != "http" || p.dialer.CheckURL(r.URL.String()) != nil:
		http.Error(w, "not allowed", http.StatusForbidden)
	default:
		p.forward(w, r)
	}
}

func (p *proxy) forward(w http.ResponseWriter, r *http.Request) {
	r.RequestURI = ""
	for _, name := range []string{"Proxy-Connection", "Proxy-Authorization", "Connection", "Upgrade"} {
		r.Header.Del(name)
	}
	answer, err := p.transport.RoundTrip(r)
	if err != nil {
		http.Error(w, "not reached", http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	maps.Copy(w.Header(), answer.Header)
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body) // the browser sees that it is cut short
}

func (p *proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	far, err := p.dial(r.Context(), "tcp", r.Host)
	if err != nil {
		http.Error(w, "not reached", http.StatusBadGateway)
		return
	}
	near, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = far.Close()
		return
	}
	p.tunnels.Go(func() {
		defer func() { _, _ = far.Close(), near.Close() }()
		if _, err := io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
			return
		}
		done := make(chan struct{}, 2)
		pipe := func(to io.Writer, from io.Reader) { _, _ = io.Copy(to, from); done <- struct{}{} }
		go pipe(far, near)
		go pipe(near, far)
		select { // either end, or ours; closing both then ends the two copies
		case <-done:
		case <-p.ending:
		}
	})
}

// counted is a connection that ends when the page has loaded too much.
type counted struct {
	net.Conn
	proxy *proxy
}

// Read fails once the page has had all that it may load.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.proxy.mu.Lock()
	defer c.proxy.mu.Unlock()
	if c.proxy.left -= int64(n); c.proxy.left < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}
