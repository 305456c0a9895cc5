package outbound

import (
	"embed"
	"encoding/csv"
	"fmt"
	"io/fs"
	"net/netip"
	"strings"
)

// tier says what opens a special range.
type tier int

const (
	// closed ranges open only to an allowance of addresses that lies within them.
	closed tier = iota
	// loopback is closed, but that a host allowed by name may be there.
	loopback
	// private ranges open to any allowance that covers the address, to a host allowed by name, and to the one switch.
	private
	// carrier ranges get the verdict of the IPv4 address in their last 32 bits.
	carrier
	// tunnel ranges are closed, and the IPv4 addresses in them have to pass even where they are opened.
	tunnel
)

type special struct {
	prefix netip.Prefix
	tier   tier
	why    string
}

//go:embed registry/*.csv
var registry embed.FS

// specials lists what is not public: every row of IANA's special-purpose registries and our own. The most specific row
// decides, and ours where both have one.
//
// The rows that the registries call globally reachable are refused with the others. Those for port control and TURN are
// answered by one's own gateway; AS112 answers questions that should not have been asked; AMT is a relay; ORCHID and drone
// tags are names, which no packet reaches. Nobody has a receiver or a picture there. The one exception is NAT64, which
// carries an IPv4 address and is judged by it.
func specials() ([]special, error) {
	rows := ourSpecials()
	known := map[netip.Prefix]bool{}
	for _, row := range rows {
		known[row.prefix] = true
	}
	files, err := fs.Glob(registry, "registry/*.csv")
	if err != nil {
		return nil, fmt.Errorf("find the registries of IANA: %w", err)
	}
	for _, file := range files {
		published, err := readRegistry(file)
		if err != nil {
			return nil, err
		}
		for _, row := range published {
			if !known[row.prefix] {
				rows = append(rows, row)
			}
		}
	}
	return rows, nil
}

// readRegistry reads a registry as IANA publishes it. A block may have a footnote, and a row several blocks.
func readRegistry(file string) ([]special, error) {
	f, err := registry.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	defer f.Close() //nolint:errcheck // it lies in the program
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	var rows []special
	for _, record := range records[1:] {
		for block := range strings.SplitSeq(record[0], ",") {
			block, _, _ = strings.Cut(strings.TrimSpace(block), " ")
			prefix, err := netip.ParsePrefix(block)
			if err != nil {
				return nil, fmt.Errorf("read %s: block %q: %w", file, record[0], err)
			}
			rows = append(rows, special{prefix, closed, strings.ToLower(strings.Trim(record[1], `"`))})
		}
	}
	return rows, nil
}

// ourSpecials are the rows that need something else than to be closed, those with a shorter name, what clouds have put
// elsewhere, and the three blocks that make up everything outside 2000::/3, where all public IPv6 is.
func ourSpecials() []special {
	row := func(prefix string, t tier, why string) special {
		return special{netip.MustParsePrefix(prefix), t, why}
	}
	return []special{
		row("0.0.0.0/8", closed, "this network"),
		row("10.0.0.0/8", private, "private network"),
		row("100.64.0.0/10", private, "shared address space"),
		row("100.100.100.200/32", closed, "cloud metadata"), // Alibaba's, within the shared space
		row("127.0.0.0/8", loopback, "loopback"),
		row("168.63.129.16/32", closed, "cloud host agent"), // Azure's, at a public address
		row("169.254.0.0/16", closed, "link-local"),         // nearly everybody's metadata
		row("172.16.0.0/12", private, "private network"),
		row("192.0.0.0/24", closed, "protocol assignments"), // Oracle's metadata is at 192.0.0.192
		row("192.0.2.0/24", closed, "documentation"),
		row("192.31.196.0/24", closed, "AS112"),
		row("192.52.193.0/24", closed, "AMT"),
		row("192.88.99.0/24", closed, "6to4 relay"),
		row("192.168.0.0/16", private, "private network"),
		row("192.175.48.0/24", closed, "AS112"),
		row("198.18.0.0/15", closed, "benchmarking"),
		row("198.51.100.0/24", closed, "documentation"),
		row("203.0.113.0/24", closed, "documentation"),
		row("224.0.0.0/4", closed, "multicast"), // in a registry of its own
		row("240.0.0.0/4", closed, "reserved"),

		// The first of them holds two old spellings of IPv4, ::a.b.c.d (compatible) and ::ffff:0:a.b.c.d (translated): no
		// network takes either any more, so nothing public is lost with them.
		row("::/3", closed, "not public IPv6"),
		row("4000::/2", closed, "not public IPv6"),
		row("8000::/1", closed, "not public IPv6"),
		row("::/128", closed, "this network"),
		row("::1/128", loopback, "loopback"),
		row("64:ff9b::/96", carrier, "NAT64"),
		// Where the IPv4 address sits in these depends on the site, so nobody else can judge by it.
		row("64:ff9b:1::/48", closed, "local NAT64"),
		row("100::/64", closed, "discard only"),
		row("100:0:0:1::/64", closed, "dummy prefix"),
		row("2001::/23", closed, "protocol assignments"),
		// The IPv4 addresses in these two are those of a router or of a NAT, and the host is behind it. With the public
		// address of our own router or NAT, that is a host of our own network: a public address within proves nothing, so
		// none of them passes. Both mechanisms are dead, and no receiver is lost.
		row("2001::/32", tunnel, "Teredo"),
		row("2002::/16", tunnel, "6to4"),
		row("2001:db8::/32", closed, "documentation"),
		row("2620:4f:8000::/48", closed, "AS112"),
		row("3fff::/20", closed, "documentation"),
		row("5f00::/16", closed, "segment routing"),
		row("fc00::/7", private, "private network"),
		row("fd00:ec2::/32", closed, "cloud metadata"),    // Amazon's: metadata, names and time
		row("fd20:ce::254/128", closed, "cloud metadata"), // Google's
		row("fd00:42::42/128", closed, "cloud metadata"),  // Scaleway's
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

// tunnelled returns the IPv4 addresses in one of 6to4, or the server's and the client's in one of Teredo, which writes the
// client's inverted.
func tunnelled(addr netip.Addr) []netip.Addr {
	b := addr.As16()
	if b[1] == 2 {
		return []netip.Addr{netip.AddrFrom4([4]byte(b[2:6]))}
	}
	return []netip.Addr{
		netip.AddrFrom4([4]byte(b[4:8])), netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]}),
	}
}

// isISATAP tells whether the interface half of an IPv6 address says that packets for it are tunnelled to the IPv4
// address in its last 32 bits (RFC 5214).
func isISATAP(addr netip.Addr) bool {
	b := addr.As16()
	return addr.Is6() && (b[8] == 0 || b[8] == 2) && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe
}
