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
	allow    []netip.Prefix
	specials []special
	own      func() ([]net.Addr, error)

	mu      sync.Mutex
	ownRead time.Time
	ownSet  map[netip.Addr]bool
}

// NewGuard makes a guard that lets public addresses through and those in cfg.Allow. It fails when an entry of Allow is
// neither an address nor a network.
func NewGuard(cfg Config) (*Guard, error) {
	allow, err := cfg.allowed()
	if err != nil {
		return nil, err
	}
	return &Guard{allow: allow, specials: specials(), own: net.InterfaceAddrs}, nil
}

// CheckURL tells at once, without asking for names, whether an address that a client gave can be reached: its form, its
// port, and the address itself where it is numeric. nil is no promise, because what a name leads to is only known when
// connecting; any other answer is a [*BlockedError].
func (g *Guard) CheckURL(rawURL string) error {
	u, err := url.Parse(rawURL)
	if err != nil {
		return blocked("the address is not a valid URL")
	}
	return g.checkURL(u)
}

func (g *Guard) checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return blocked("the address does not begin with http:// or https://")
	case u.User != nil:
		return blocked("the address holds a user name or password")
	case u.Hostname() == "":
		return blocked("the address names no host")
	}
	port, err := portOf(u)
	if err != nil {
		return err
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		return g.CheckAddrPort(netip.AddrPortFrom(addr, port))
	}
	if strings.Contains(host, ":") || endsInNumber(host) {
		// Such as 2130706433 or 0x7f.1: some resolvers read these as addresses, and no host has such a name.
		return blocked("the address names its host neither by a name nor by a usual IP address")
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return g.CheckAddrPort(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port))
	}
	// A name may lead to an allowed address, where every port is open; connecting will tell.
	if !publicPort(port) && len(g.allow) == 0 {
		return blockedPort(port)
	}
	return nil
}

// CheckAddrPort judges one numeric address. It returns nil or a [*BlockedError].
func (g *Guard) CheckAddrPort(ap netip.AddrPort) error {
	v := g.judge(ap.Addr())
	if v.why != "" {
		return &BlockedError{Reason: "the address is not public", Addr: ap.Addr(), Why: v.why}
	}
	if !v.allowed && !publicPort(ap.Port()) {
		return blockedPort(ap.Port())
	}
	return nil
}

// Control is for [net.Dialer.ControlContext]: it refuses a connection after the name is resolved and before the first
// packet. It returns nil or a [*BlockedError].
func (g *Guard) Control(_ context.Context, network, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || (network != "tcp4" && network != "tcp6") {
		return blocked("the address is not one of TCP")
	}
	return g.CheckAddrPort(ap)
}

// verdict is what becomes of an address: refused when why says something, let through otherwise, and allowed when that
// is by an entry of Allow.
type verdict struct {
	why     string
	allowed bool
}

func (g *Guard) judge(addr netip.Addr) verdict {
	if !addr.IsValid() {
		return verdict{why: "not an address"}
	}
	addr = addr.WithZone("").Unmap()
	row, isSpecial := find(g.specials, addr)
	carries := isSpecial && row.tier == carrier || !isSpecial && isISATAP(addr)
	within := 0
	switch {
	case carries:
		within = addr.BitLen() // a network says nothing about what is behind it
	case isSpecial && row.tier == closed:
		within = row.prefix.Bits()
	}
	if g.allows(addr, within) {
		return verdict{allowed: true}
	}
	switch {
	case carries:
		return g.judge(carried(addr))
	case isSpecial:
		return verdict{why: row.why}
	case g.isOwn(addr):
		return verdict{why: "this machine"}
	}
	return verdict{}
}

// allows tells whether an entry of Allow with at least the given number of bits covers addr.
func (g *Guard) allows(addr netip.Addr, bits int) bool {
	for _, p := range g.allow {
		if p.Contains(addr) && p.Bits() >= bits {
			return true
		}
	}
	return false
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

// endsInNumber is the test by which browsers take a host for an IPv4 address: its last label is a number.
func endsInNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(strings.TrimPrefix(last, "0x"), 16, 64)
	isHex := strings.HasPrefix(last, "0x") && (err == nil || last == "0x")
	return isHex || (last != "" && strings.Trim(last, "0123456789") == "")
}
