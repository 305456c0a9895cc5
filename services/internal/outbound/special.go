package outbound

import "net/netip"

// tier says what opens a special range.
type tier int

const (
	// closed ranges open only to an allowance that lies within them.
	closed tier = iota
	// private ranges open to any allowance that covers the address.
	private
	// carrier ranges get the verdict of the IPv4 address in their last 32 bits.
	carrier
)

type special struct {
	prefix netip.Prefix
	tier   tier
	why    string
}

// specials lists what is not public: IANA's special-purpose registries for IPv4 and IPv6 (October 2025), what clouds
// have put elsewhere, and the three blocks that make up everything outside 2000::/3. The most specific row decides.
func specials() []special {
	row := func(prefix string, t tier, why string) special {
		return special{netip.MustParsePrefix(prefix), t, why}
	}
	return []special{
		row("0.0.0.0/8", closed, "this network"),
		row("10.0.0.0/8", private, "private network"),
		row("100.64.0.0/10", private, "shared address space"),
		row("100.100.100.200/32", closed, "cloud metadata"),
		row("127.0.0.0/8", closed, "loopback"),
		row("168.63.129.16/32", closed, "cloud host agent"),
		row("169.254.0.0/16", closed, "link-local"),
		row("172.16.0.0/12", private, "private network"),
		row("192.0.0.0/24", closed, "protocol assignments"),
		row("192.0.2.0/24", closed, "documentation"),
		row("192.31.196.0/24", closed, "AS112"),
		row("192.52.193.0/24", closed, "AMT"),
		row("192.88.99.0/24", closed, "6to4 relay"),
		row("192.168.0.0/16", private, "private network"),
		row("192.175.48.0/24", closed, "AS112"),
		row("198.18.0.0/15", closed, "benchmarking"),
		row("198.51.100.0/24", closed, "documentation"),
		row("203.0.113.0/24", closed, "documentation"),
		row("224.0.0.0/4", closed, "multicast"),
		row("240.0.0.0/4", closed, "reserved"),

		row("::/3", closed, "not public IPv6"),
		row("4000::/2", closed, "not public IPv6"),
		row("8000::/1", closed, "not public IPv6"),
		row("::/128", closed, "this network"),
		row("::1/128", closed, "loopback"),
		row("64:ff9b::/96", carrier, "NAT64"),
		// Where the IPv4 address sits in these depends on the site, so nobody else can judge by it.
		row("64:ff9b:1::/48", closed, "local NAT64"),
		row("100::/64", closed, "discard only"),
		row("100:0:0:1::/64", closed, "dummy prefix"),
		row("2001::/23", closed, "protocol assignments"),
		row("2001::/32", closed, "Teredo"),
		row("2001:db8::/32", closed, "documentation"),
		row("2002::/16", closed, "6to4"),
		row("2620:4f:8000::/48", closed, "AS112"),
		row("3fff::/20", closed, "documentation"),
		row("5f00::/16", closed, "segment routing"),
		row("fc00::/7", private, "private network"),
		row("fd00:ec2::254/128", closed, "cloud metadata"),
		row("fd20:ce::254/128", closed, "cloud metadata"),
		row("fe80::/10", closed, "link-local"),
		row("fec0::/10", closed, "site-local"),
		row("ff00::/8", closed, "multicast"),
	}
}

// find returns the most specific row that holds addr, if any.
func find(rows []special, addr netip.Addr) (special, bool) {
	var best special
	found := false
	for _, row := range rows {
		if row.prefix.Contains(addr) && (!found || row.prefix.Bits() > best.prefix.Bits()) {
			best, found = row, true
		}
	}
	return best, found
}

// carried returns the IPv4 address in the last 32 bits of an IPv6 one.
func carried(addr netip.Addr) netip.Addr {
	b := addr.As16()
	return netip.AddrFrom4([4]byte(b[12:]))
}

// isISATAP tells whether the interface half of an IPv6 address says that packets for it are tunnelled to the IPv4
// address in its last 32 bits (RFC 5214).
func isISATAP(addr netip.Addr) bool {
	b := addr.As16()
	return addr.Is6() && (b[8] == 0 || b[8] == 2) && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe
}
