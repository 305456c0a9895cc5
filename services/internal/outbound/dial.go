package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"net/netip"
	"strconv"
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
	// ftp lets connections to the port of FTP through, which nothing else may reach.
	ftp bool
}

// ftpPort is where FTP servers listen.
const ftpPort = 21

// check asks the guard about an address of a host.
func (d *dialer) check(name string, ap netip.AddrPort) error {
	if d.ftp && ap.Port() == ftpPort {
		ap = netip.AddrPortFrom(ap.Addr(), 80) // the address is judged all the same
	}
	return d.guard.check(name, ap)
}

// DialContext resolves the host, refuses it when any of its addresses is refused, and connects to the first that
// answers. The transport calls it with a context that outlives the request, so that a connection which comes too late
// serves the next one; hence the deadlines of its own.
func (d *dialer) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	hostText, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, blocked("the address has no valid port")
	}
	name, targets, err := d.targets(ctx, hostText, uint16(port))
	if err != nil {
		return nil, err
	}
	return d.connect(ctx, name, targets)
}

// targets resolves a host and lets the guard judge all of its addresses: an answer that mixes public and private ones is
// an attack or a mistake, and taking the good ones would leave the choice to whoever answers next time.
func (d *dialer) targets(ctx context.Context, hostText string, port uint16) (name string, targets []netip.AddrPort, err error) {
	h, err := parseHost(hostText)
	if err != nil {
		return "", nil, err
	}
	addrs := []netip.Addr{h.addr}
	if !h.addr.IsValid() {
		if addrs, err = d.resolve(ctx, h.name); err != nil {
			return "", nil, err
		}
	}
	for _, addr := range addrs {
		target := netip.AddrPortFrom(addr, port)
		if err := d.check(h.name, target); err != nil {
			return "", nil, err
		}
		targets = append(targets, target)
	}
	return h.name, targets, nil
}

func (d *dialer) resolve(ctx context.Context, name string) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d.dnsTimeout, &deadlineError{"name resolution"})
	defer cancel()
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil {
		trace.DNSStart(httptrace.DNSStartInfo{Host: name})
		defer trace.DNSDone(httptrace.DNSDoneInfo{})
	}
	addrs, err := d.resolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return nil, asDNSError(err, name)
	}
	if len(addrs) == 0 {
		return nil, &net.DNSError{Err: "no addresses", Name: name, IsNotFound: true}
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
func (d *dialer) connect(ctx context.Context, name string, targets []netip.AddrPort) (net.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d.connectTimeout, &deadlineError{"connecting"})
	defer cancel()
	end := time.Now().Add(d.connectTimeout)
	control := controlBy(func(ap netip.AddrPort) error { return d.check(name, ap) })
	var first error
	for i, target := range targets {
		dial := net.Dialer{Timeout: time.Until(end) / time.Duration(len(targets)-i), ControlContext: control}
		conn, err := dial.DialContext(ctx, "tcp", target.String())
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
