package outbound

import (
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// host is what an address names: a name, or a numeric address in one of its two usual spellings.
type host struct {
	name string
	addr netip.Addr
}

const maxName = 253

// parseHost reads a host as the transport will when it connects: names go through IDNA first, which makes ASCII digits and
// dots of their wide cousins, so that １２７。０。０。１ is 127.0.0.1. What other programs would take for an address (2130706433,
// 0x7f.1, 127.1, 0177.0.0.1) is refused: no host has such a name, and resolvers disagree about them.
func parseHost(text string) (host, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return host{addr: addr}, nil
	}
	if strings.Contains(text, ":") {
		return host{}, blocked("the address names its host neither by a name nor by a usual IP address")
	}
	name, err := toASCII(text)
	if err != nil {
		return host{}, blocked("the address names no valid host")
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if addr, err := netip.ParseAddr(name); err == nil {
		return host{addr: addr}, nil
	}
	if len(name) > maxName || !validLabels(name) {
		return host{}, blocked("the address names no valid host")
	}
	if endsInNumber(name) {
		return host{}, blocked("the address names its host neither by a name nor by a usual IP address")
	}
	return host{name: name}, nil
}

// toASCII is what package http does with a host before it connects.
func toASCII(text string) (string, error) {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return idna.Lookup.ToASCII(text)
		}
	}
	return text, nil
}

// validLabels tells whether the name has labels of 1 to 63 letters, digits, hyphens and underscores.
func validLabels(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if len(label) == 0 || len(label) > 63 {
			return false
		}
		for _, c := range []byte(label) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

// endsInNumber is the test by which browsers take a host for an IPv4 address: its last label is a number.
func endsInNumber(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	_, err := strconv.ParseUint(strings.TrimPrefix(last, "0x"), 16, 64)
	isHex := strings.HasPrefix(last, "0x") && (err == nil || last == "0x")
	return isHex || (last != "" && strings.Trim(last, "0123456789") == "")
}

// isLocalhost tells of the names that mean this machine without asking anybody (RFC 6761).
func isLocalhost(name string) bool {
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}
