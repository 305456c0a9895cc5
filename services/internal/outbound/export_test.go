package outbound

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// SetOwn replaces the list of this machine's addresses.
func (g *Guard) SetOwn(own func() ([]net.Addr, error)) { g.own = own }

// DialTargets is what dialing does before the first packet: it returns the addresses that it would connect to.
func (g *Guard) DialTargets(ctx context.Context, resolver Resolver, host string, port uint16) ([]netip.AddrPort, error) {
	_, targets, err := (&dialer{guard: g, resolver: resolver, dnsTimeout: time.Minute}).targets(ctx, host, port)
	return targets, err
}

// ControlFor is the guard's last look, when the socket is made.
func (g *Guard) ControlFor(name, network, address string) error {
	d := dialer{guard: g}
	return controlBy(func(ap netip.AddrPort) error { return d.check(name, ap) })(context.Background(), network, address, nil)
}

// Registry is the embedded copy of IANA's registries.
var Registry = registry
