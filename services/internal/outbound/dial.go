package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"net/netip"
	"time"
)

// Resolver turns names into addresses; [net.Resolver] is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// dialer connects to names and addresses that the guard lets through.
type dialer struct {
	guard          *Guard
	resolver       Resolver
	dnsTimeout     time.Duration
	connectTimeout time.Duration
}

// DialContext resolves the host, refuses it when any of its addresses is refused, and connects to the first that
// answers. The transport calls it with a context that outlives the request, so that a connection which comes too late
// serves the next one; hence the deadlines of its own.
func (d *dialer) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := net.DefaultResolver.LookupPort(ctx, "tcp", portText)
	if err != nil {
		return nil, err
	}
	addrs, err := d.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	// All of them first: an answer that mixes public and private addresses is an attack or a mistake, and taking the good
	// ones would leave the choice to whoever answers next time.
	for _, addr := range addrs {
		if err := d.guard.CheckAddrPort(netip.AddrPortFrom(addr, uint16(port))); err != nil { //nolint:gosec // LookupPort returns 0 to 65535
			return nil, err
		}
	}
	return d.connect(ctx, addrs, uint16(port)) //nolint:gosec // as above
}

func (d *dialer) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, d.dnsTimeout, &deadlineError{"name resolution"})
	defer cancel()
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil {
		trace.DNSStart(httptrace.DNSStartInfo{Host: host})
		defer trace.DNSDone(httptrace.DNSDoneInfo{})
	}
	addrs, err := d.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, asDNSError(err, host)
	}
	if len(addrs) == 0 {
		return nil, &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
	}
	for i, addr := range addrs {
		addrs[i] = addr.Unmap()
	}
	return addrs, nil
}

// asDNSError keeps a failure to resolve from looking like any other timeout.
func asDNSError(err error, host string) error {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return err
	}
	return fmt.Errorf("%w: %w", &net.DNSError{Err: err.Error(), Name: host}, err)
}

// connect tries the addresses in turn, each with its share of the time, as the standard library does within a family.
func (d *dialer) connect(ctx context.Context, addrs []netip.Addr, port uint16) (net.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d.connectTimeout, &deadlineError{"connecting"})
	defer cancel()
	end := time.Now().Add(d.connectTimeout)
	var first error
	for i, addr := range addrs {
		dial := net.Dialer{Timeout: time.Until(end) / time.Duration(len(addrs)-i), ControlContext: d.guard.Control}
		conn, err := dial.DialContext(ctx, "tcp", netip.AddrPortFrom(addr, port).String())
		if err == nil {
			return conn, nil
		}
		if first == nil {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, first
}
