package outbound_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/idna"
)

// near tells whether an address surely means somebody near, by the standard library alone.
func near(addr netip.Addr) bool {
	return addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() || addr.IsMulticast() || addr.IsUnspecified()
}

var (
	nat64    = netip.MustParsePrefix("64:ff9b::/96")
	sixTo4   = netip.MustParsePrefix("2002::/16")
	teredo   = netip.MustParsePrefix("2001::/32")
	unicast6 = netip.MustParsePrefix("2000::/3")
)

func FuzzGuard_CheckAddrPort(f *testing.F) {
	for _, vectors := range []map[string]string{forbidden, public} {
		for _, addr := range vectors {
			f.Add(netip.MustParseAddr(addr).AsSlice(), uint16(443))
		}
	}
	f.Add([]byte{1}, uint16(443))
	guard := newGuard(f)
	f.Fuzz(func(t *testing.T, raw []byte, port uint16) {
		addr, ok := netip.AddrFromSlice(raw)
		err := guard.CheckAddrPort(netip.AddrPortFrom(addr, port))
		if !ok {
			if err == nil {
				t.Errorf("%x is no address and is let through", raw)
			}
			return
		}
		if err == nil && port < 1024 && port != 80 && port != 443 {
			t.Errorf("port %d of %s is let through", port, addr)
		}
		verdict := why(guard, addr)
		if addr.Is4() {
			checkIPv4(t, addr, verdict)
			return
		}
		checkIPv6(t, addr, verdict)
	})
}

// checkIPv4 holds an address to its own verdict in the other spellings.
func checkIPv4(t *testing.T, addr netip.Addr, verdict string) {
	t.Helper()
	guard := newGuard(t)
	if near(addr) && verdict == "" {
		t.Errorf("%s is let through", addr)
	}
	if mapped := why(guard, netip.AddrFrom16(addr.As16())); mapped != verdict {
		t.Errorf("%s is %q, and mapped %q", addr, verdict, mapped)
	}
	b := addr.As4()
	translated := nat64.Addr().As16()
	copy(translated[12:], b[:])
	if got := why(guard, netip.AddrFrom16(translated)); got != verdict {
		t.Errorf("%s is %q, and by NAT64 %q", addr, verdict, got)
	}
	isatap := netip.MustParseAddr("2a00:1450::5efe:0:0").As16()
	copy(isatap[12:], b[:])
	if got := why(guard, netip.AddrFrom16(isatap)); got != verdict {
		t.Errorf("%s is %q, and by ISATAP %q", addr, verdict, got)
	}
}

func checkIPv6(t *testing.T, addr netip.Addr, verdict string) {
	t.Helper()
	guard := newGuard(t)
	if addr.Is4In6() {
		if plain := why(guard, addr.Unmap()); plain != verdict {
			t.Errorf("%s is %q, and %s %q", addr, verdict, addr.Unmap(), plain)
		}
		return
	}
	switch {
	case near(addr) && verdict == "", sixTo4.Contains(addr) && verdict == "", teredo.Contains(addr) && verdict == "":
		t.Errorf("%s is let through", addr)
	case nat64.Contains(addr):
		if inner := why(guard, last4(addr)); inner != verdict {
			t.Errorf("%s is %q, and %s %q", addr, verdict, last4(addr), inner)
		}
	case !unicast6.Contains(addr) && verdict == "":
		t.Errorf("%s is outside 2000::/3 and let through", addr)
	}
}

func FuzzGuard_CheckURL(f *testing.F) {
	for _, vectors := range []map[string]string{forbidden, public} {
		for _, addr := range vectors {
			f.Add("http://" + hostIn(addr) + "/")
		}
	}
	for _, rawURL := range []string{
		"https://a:b@c:1/", "http://[::1%25x]:9/", "ftp://a/", "http:///", "http://%zz/", "http://127.1/", "http://0x7f.1/", "http://017700000001/",
		"http://１２７．０．０．１/", "http://127。0。0。1/", "http://bücher.example/", "http://a.localhost./", `http://a\@b/`, "http://a:65536/",
		"http://127.0.0.1../", "http://xn--/", "http://ß.example/", "http://a\u200db/", "http://①.0.0.1/",
	} {
		f.Add(rawURL)
	}
	guard := newGuard(f)
	resolver := names{addrs: []string{"93.184.216.34"}}
	f.Fuzz(func(t *testing.T, rawURL string) {
		err := guard.CheckURL(rawURL)
		if err != nil {
			if err.Error() == "" {
				t.Errorf("%q is refused without a reason", rawURL)
			}
			return
		}
		u, err := url.Parse(rawURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Hostname() == "" {
			t.Fatalf("%q is let through (%v)", rawURL, err)
		}
		if strings.ContainsAny(u.Host, " \t\r\n\\@/?#%\x00") {
			t.Errorf("%q is let through with the host %q", rawURL, u.Host)
		}
		// What package http makes of the host before it connects.
		host := u.Hostname()
		if strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII }) {
			if host, err = idna.Lookup.ToASCII(host); err != nil {
				t.Fatalf("%q is let through, and no name can be made of its host: %v", rawURL, err)
			}
		}
		if addr, err := netip.ParseAddr(strings.TrimSuffix(host, ".")); err == nil && (near(addr.Unmap()) || why(guard, addr) != "") {
			t.Errorf("%q is let through, and is %s: %q", rawURL, addr, why(guard, addr))
		}
		if bare := strings.ToLower(strings.TrimSuffix(host, ".")); bare == "localhost" || strings.HasSuffix(bare, ".localhost") {
			t.Errorf("%q is let through", rawURL)
		}
		// Creation and dial agree, and package http takes the address for one, too.
		if _, err := guard.DialTargets(t.Context(), resolver, host, 443); err != nil {
			t.Errorf("%q is let through when it is named, and refused when it is dialled: %v", rawURL, err)
		}
		if _, err := http.NewRequestWithContext(t.Context(), http.MethodPost, rawURL, nil); err != nil {
			t.Errorf("%q is let through, and no request can be made of it: %v", rawURL, err)
		}
	})
}
