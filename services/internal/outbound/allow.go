package outbound

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// allowance is what may be reached beyond the public addresses.
type allowance struct {
	prefixes []netip.Prefix
	names    map[string]bool
}

// allowed reads Allow.
func (c Config) allowed() (allowance, error) {
	a := allowance{names: map[string]bool{}}
	var errs []error
	for _, entry := range c.Allow {
		if prefix, err := parsePrefix(entry); err == nil {
			a.prefixes = append(a.prefixes, prefix)
			continue
		}
		h, err := parseHost(entry)
		if err != nil || h.name == "" {
			errs = append(errs, fmt.Errorf("RINGBACK_OUTBOUND_ALLOW=%q: expected an address such as 127.0.0.1, a network such as "+
				"10.0.0.0/8 or a host such as hooks.example.internal", entry))
			continue
		}
		a.names[h.name] = true
	}
	return a, errors.Join(errs...)
}

func parsePrefix(entry string) (netip.Prefix, error) {
	if !strings.Contains(entry, "/") {
		addr, err := netip.ParseAddr(entry)
		if err != nil {
			return netip.Prefix{}, err
		}
		return addr.WithZone("").Unmap().Prefix(addr.WithZone("").Unmap().BitLen())
	}
	prefix, err := netip.ParsePrefix(entry)
	if err != nil {
		return netip.Prefix{}, err
	}
	// An IPv4 network in its IPv6 spelling is kept as what it is, because addresses are compared unmapped.
	if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
		return netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96).Masked(), nil
	}
	return prefix.Masked(), nil
}

func (a allowance) empty() bool { return len(a.prefixes) == 0 && len(a.names) == 0 }

// opens tells whether an address is allowed, and by which name one came to it.
//
// A network says nothing about what is behind a carrier, so that takes the address itself, and a closed range takes a
// network within it: 0.0.0.0/0 opens the private networks and not 169.254.169.254. A name opens where it leads, private
// networks and loopback included, because whoever runs the installation trusts its owner; but never a closed range,
// where clouds keep their credentials: that would be one change of a DNS record away.
func (a allowance) opens(name string, addr netip.Addr, row special, isSpecial, carries bool) bool {
	within := 0
	switch {
	case carries:
		within = addr.BitLen()
	case isSpecial && row.tier != private:
		within = row.prefix.Bits()
	}
	if a.covers(addr, within) {
		return true
	}
	return !carries && a.names[name] && (!isSpecial || row.tier == private || row.tier == loopback)
}

// covers tells whether a network of at least the given number of bits holds the address.
func (a allowance) covers(addr netip.Addr, bits int) bool {
	for _, p := range a.prefixes {
		if p.Contains(addr) && p.Bits() >= bits {
			return true
		}
	}
	return false
}
