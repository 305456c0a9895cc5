package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"time"
)

const (
	// maxHeaderBytes bounds the header of an answer. The default of package http lets ten megabytes in.
	maxHeaderBytes = 64 << 10
	// idleTimeout is how long an unused connection is kept; most servers close theirs after 60 to 120 seconds.
	idleTimeout = 90 * time.Second
	// writeBuffer and readBuffer are what a connection has for what it sends and for answers. A usual post fits into the
	// first, so that it is one write, and the header of a usual answer into the second; what is larger goes past them. For
	// the connections to ten thousand endpoints they are 25 MB, and the defaults of 4 KiB each more than three times that.
	writeBuffer = 2 << 10
	readBuffer  = 512
	// pingAfter finds HTTP/2 connections whose other end went away without a word.
	pingAfter = 20 * time.Second
)

// Deps are what a Client needs from outside; the zero value works.
type Deps struct {
	// Version is the one in the User-Agent, "dev" when empty.
	Version string
	// Resolver resolves names, the system's when nil.
	Resolver Resolver
	// RootCAs are whom certificates are trusted by, the system's when nil.
	RootCAs *x509.CertPool
}

// Client fetches sources and posts notifications. It keeps connections for the next request and is safe for concurrent
// use; share one.
type Client struct {
	cfg       Config
	guard     *Guard
	transport *http.Transport
	fetcher   *http.Client
	dialer    *dialer
	ftp       *dialer
	userAgent string
}

// New makes a Client. It fails as [Config.Validate] does. Call Close when done.
func New(cfg Config, deps Deps) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("outbound: %w", err)
	}
	guard, err := NewGuard(cfg)
	if err != nil {
		return nil, fmt.Errorf("outbound: %w", err)
	}
	if deps.Resolver == nil {
		deps.Resolver = net.DefaultResolver
	}
	if deps.Version == "" {
		deps.Version = "dev"
	}
	d := dialer{guard: guard, resolver: deps.Resolver, dnsTimeout: cfg.DNSTimeout, connectTimeout: cfg.ConnectTimeout}
	forFTP := d
	forFTP.ftp = true
	c := &Client{cfg: cfg, guard: guard, transport: newTransport(cfg, &d, deps), dialer: &d, ftp: &forFTP, userAgent: "Ringback/" + deps.Version}
	c.fetcher = &http.Client{Transport: c.transport, CheckRedirect: c.checkRedirect}
	return c, nil
}

// newTransport is tuned for many posts to few hosts: with the two idle connections for each host of the default one,
// half of the time goes into connecting.
func newTransport(cfg Config, d *dialer, deps Deps) *http.Transport {
	return &http.Transport{
		// A proxy would connect for us, behind the guard's back.
		Proxy:                  nil,
		DialContext:            d.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: deps.RootCAs},
		TLSHandshakeTimeout:    cfg.ConnectTimeout,
		DisableCompression:     true, // so that the bytes that are counted are the bytes that came
		MaxResponseHeaderBytes: maxHeaderBytes,
		MaxIdleConns:           cfg.IdleTotal,
		MaxIdleConnsPerHost:    cfg.IdlePerHost,
		IdleConnTimeout:        idleTimeout,
		ReadBufferSize:         readBuffer,
		WriteBufferSize:        writeBuffer,
		ForceAttemptHTTP2:      true, // a dialer of one's own turns it off
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: cfg.ConnectTimeout},
	}
}

// Guard returns the guard, for checks at the time when an address is given.
func (c *Client) Guard() *Guard { return c.guard }

// DialContext connects to a host and a port that the guard lets through, for protocols of the caller's own. [Classify] says
// what its error means.
func (c *Client) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return c.dialer.DialContext(ctx, network, address)
}

// CheckURL says what [Guard.CheckURL] does.
func (c *Client) CheckURL(rawURL string) error { return c.guard.CheckURL(rawURL) }

// Close lets go of unused connections. Requests under way are not disturbed.
func (c *Client) Close() { c.transport.CloseIdleConnections() }
