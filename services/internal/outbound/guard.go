package outbound

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// ownRefresh is how long the list of this machine's addresses is used before it is read again.
const ownRefresh = time.Minute

// Guard decides which addresses may be reached. It is safe for concurrent use.
type Guard struct {
	allow     allowance
	private   bool
	httpsOnly bool
	specials  []special
	own       func() ([]net.Addr, error)

	mu      sync.Mutex
	ownRead time.Time
	ownSet  map[netip.Addr]bool
}

// NewGuard makes a guard that lets public addresses through and what cfg opens. It fails when an entry of Allow is
// neither an address nor a network nor a host.
func NewGuard(cfg Config) (*Guard, error) {
	allow, err := cfg.allowed()
	if err != nil {
		return nil, err
	}
	rows, err := specials()
	if err != nil {
		return nil, err
	}
	return &Guard{
		allow: allow, private: cfg.Private, httpsOnly: cfg.HTTPSOnly, specials: rows, own: net.InterfaceAddrs,
	}, nil
}

// CheckURL tells at once, without asking for names, whether an address that a client gave can be reached: its form, its
// port, and the address itself where it is numeric. nil is no promise, because what a name leads to is only known when
// connecting; any other answer is a [*BlockedError]. The same judge is asked again then, for every address of a name.
func (g *Guard) CheckURL(rawURL string) error {
	_, err := g.parse(rawURL)
	return err
}

// parse reads an address that passes.
func (g *Guard) parse(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, blocked("the address is not a valid URL")
	}
	u.Host = strings.TrimSuffix(u.Host, ":") // an empty port is none
	return u, g.checkURL(u)
}

func (g *Guard) checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return blocked("the address does not begin with http:// or https://")
	case u.Scheme == "http" && g.httpsOnly:
		return blocked("the address does not begin with https://, and nothing else is used here")
	case u.User != nil:
		return blocked("the address holds a user name or password")
	case u.Hostname() == "":
		return blocked("the address names no host")
	}
	port, err := portOf(u)
	if err != nil {
		return err
	}
	h, err := parseHost(u.Hostname())
	if err != nil {
		return err
	}
	switch {
	case h.addr.IsValid():
		return g.CheckAddrPort(netip.AddrPortFrom(h.addr, port))
	case isLocalhost(h.name):
		return g.check(h.name, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port))
	case !publicPort(port) && g.allow.empty():
		// Otherwise the name may lead to an allowed address, where every port is open; connecting will tell.
		return blockedPort(port)
	}
	return nil
}

// CheckAddrPort judges one numeric address. It returns nil or a [*BlockedError].
func (g *Guard) CheckAddrPort(ap netip.AddrPort) error { return g.check("", ap) }

// check judges a numeric address, and which name led to it. All ways to an answer end here.
func (g *Guard) check(name string, ap netip.AddrPort) error {
	v := g.judge(name, ap.Addr())
	if v.why != "" {
		return &BlockedError{Reason: "the address is not public", Addr: ap.Addr(), Why: v.why}
	}
	if ap.Port() == 0 || !v.allowed && !publicPort(ap.Port()) {
		return blockedPort(ap.Port())
	}
	return nil
}

// Control is for [net.Dialer.ControlContext]: it refuses a connection after the name is resolved and before the first
// packet. It returns nil or a [*BlockedError].
func (g *Guard) Control(ctx context.Context, network, address string, conn syscall.RawConn) error {
	return controlBy(g.CheckAddrPort)(ctx, network, address, conn)
}

// controlBy is [Guard.Control] by what a check says.
func controlBy(check func(netip.AddrPort) error) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, network, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil || (network != "tcp4" && network != "tcp6") {
			return blocked("the address is not one of TCP")
		}
		return check(ap)
	}
}

// verdict is what becomes of an address: refused when why says something, let through otherwise, and allowed, on every
// port, when that is by an entry of Allow.
type verdict struct {
	why     string
	allowed bool
}

func (g *Guard) judge(name string, addr netip.Addr) verdict {
	if !addr.IsValid() {
		return verdict{why: "not an address"}
	}
	zone := addr.Zone()
	addr = addr.WithZone("").Unmap()
	row, isSpecial := find(g.specials, addr)
	if isSpecial && row.tier == tunnel && !g.allow.covers(addr, addr.BitLen()) {
		for _, inner := range tunnelled(addr) {
			if v := g.judge("", inner); v.why != "" {
				return verdict{why: row.why + " of " + v.why}
			}
		}
	}
	carries := isSpecial && row.tier == carrier || !isSpecial && isISATAP(addr)
	if g.allow.opens(name, addr, row, isSpecial, carries) {
		return verdict{allowed: true}
	}
	switch {
	case zone != "" && !isSpecial:
		return verdict{why: "zone"} // which names an interface of this machine: nothing that is public has one
	case zone != "":
		return verdict{why: row.why}
	case g.isOwn(addr) && (!isSpecial || row.tier == private):
		return verdict{why: "this machine"} // also where the private networks are open
	case carries:
		return g.judge(name, carried(addr))
	case isSpecial && row.tier == private && g.private:
		return verdict{}
	case isSpecial:
		return verdict{why: row.why}
	}
	return verdict{}
}

// isOwn tells whether addr is on this machine: what connects to itself goes around the firewall in front of it. Where
// the list cannot be read, as in some sandboxes, the last one holds; the rule guards what is public anyway.
func (g *Guard) isOwn(addr netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ownSet == nil || time.Since(g.ownRead) > ownRefresh {
		g.ownRead = time.Now()
		g.readOwn()
	}
	return g.ownSet[addr]
}

func (g *Guard) readOwn() {
	set := map[netip.Addr]bool{}
	addrs, err := g.own()
	if err != nil && g.ownSet != nil {
		return
	}
	for _, a := range addrs {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			set[prefix.Addr().WithZone("").Unmap()] = true
		}
	}
	g.ownSet = set
}

func portOf(u *url.URL) (uint16, error) {
	switch {
	case u.Port() != "":
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil || port == 0 {
			return 0, blocked("the address has no valid port")
		}
		return uint16(port), nil
	case u.Scheme == "https":
		return 443, nil
	}
	return 80, nil
}

func publicPort(port uint16) bool { return port == 80 || port == 443 || port >= 1024 }
