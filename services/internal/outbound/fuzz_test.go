package outbound_test

import (
	"bytes"
	"net/netip"
	"net/url"
	"testing"
)

// local tells whether an address surely means somebody near.
func local(addr netip.Addr) bool { return addr.IsLoopback() || addr.IsPrivate() }

// tunnels tells whether packets for an IPv6 address end at the IPv4 address in its last 32 bits.
func tunnels(addr netip.Addr) bool {
	b := addr.As16()
	return addr.Is4In6() || netip.MustParsePrefix("64:ff9b::/96").Contains(addr) ||
		bytes.Equal(b[8:12], []byte{0, 0, 0x5e, 0xfe}) || bytes.Equal(b[8:12], []byte{2, 0, 0x5e, 0xfe})
}

func FuzzGuard_CheckAddrPort(f *testing.F) {
	for _, addr := range []string{
		"127.0.0.1", "8.8.8.8", "::ffff:10.0.0.1", "64:ff9b::10.2.3.4", "fe80::1%lo", "2a00::5efe:7f00:1", "2a00::1",
	} {
		f.Add(netip.MustParseAddr(addr).AsSlice(), uint16(443))
	}
	f.Add([]byte{1}, uint16(443))
	guard := newGuard(f)
	f.Fuzz(func(t *testing.T, raw []byte, port uint16) {
		addr, ok := netip.AddrFromSlice(raw)
		if got := guard.CheckAddrPort(netip.AddrPortFrom(addr, port)); !ok && got == nil {
			t.Errorf("%x is no address and is let through", raw)
		}
		if !ok {
			return
		}
		verdict := why(guard, addr)
		if addr.Is4() {
			if mapped := why(guard, netip.AddrFrom16(addr.As16())); mapped != verdict {
				t.Errorf("%s is %q, and mapped %q", addr, verdict, mapped)
			}
			if local(addr) && verdict == "" || addr == netip.AddrFrom4([4]byte{8, 8, 8, 8}) && verdict != "" {
				t.Errorf("%s is %q", addr, verdict)
			}
			return
		}
		b := addr.As16()
		inner := netip.AddrFrom4([4]byte(b[12:]))
		if tunnels(addr) && verdict == "" && (local(inner) || why(guard, inner) != "") {
			t.Errorf("%s is let through, and %s is %q", addr, inner, why(guard, inner))
		}
		if addr == netip.MustParseAddr("2a00::1") && verdict != "" {
			t.Errorf("%s is public and %q", addr, verdict)
		}
		if !tunnels(addr) && !netip.MustParsePrefix("2000::/3").Contains(addr) && verdict == "" {
			t.Errorf("%s is outside 2000::/3 and let through", addr)
		}
	})
}

func FuzzGuard_CheckURL(f *testing.F) {
	for _, rawURL := range []string{"http://127.0.0.1/", "https://a:b@c:1/", "http://[::1%25x]:9/", "ftp://a/", "http:///", "http://%zz/"} {
		f.Add(rawURL)
	}
	guard := newGuard(f)
	f.Fuzz(func(t *testing.T, rawURL string) {
		err := guard.CheckURL(rawURL)
		if err != nil && err.Error() == "" {
			t.Errorf("%q is refused without a reason", rawURL)
		}
		if err != nil {
			return
		}
		u, err := url.Parse(rawURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Hostname() == "" {
			t.Fatalf("%q is let through (%v)", rawURL, err)
		}
		if addr, err := netip.ParseAddr(u.Hostname()); err == nil && why(guard, addr) != "" {
			t.Errorf("%q is let through, and %s is %q", rawURL, addr, why(guard, addr))
		}
	})
}
