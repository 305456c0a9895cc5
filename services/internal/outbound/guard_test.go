package outbound_test

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/outbound"
)

func newGuard(t testing.TB, allow ...string) *outbound.Guard {
	t.Helper()
	cfg := outbound.DefaultConfig()
	cfg.Allow = allow
	guard, err := outbound.NewGuard(cfg)
	if err != nil {
		t.Fatal(err)
	}
	guard.SetOwn(ownAddress("8.8.4.4"))
	return guard
}

func ownAddress(addr string) func() ([]net.Addr, error) {
	return func() ([]net.Addr, error) {
		return []net.Addr{&net.IPNet{IP: net.ParseIP(addr), Mask: net.CIDRMask(24, 32)}}, nil
	}
}

// why returns what the guard says about an address on a port that is open, "" for a public one.
func why(g *outbound.Guard, addr netip.Addr) string {
	var refused *outbound.BlockedError
	if err := g.CheckAddrPort(netip.AddrPortFrom(addr, 443)); errors.As(err, &refused) {
		return refused.Why
	}
	return ""
}

func TestGuard_CheckAddrPort(t *testing.T) {
	t.Parallel()
	guard := newGuard(t)
	for addr, want := range map[string]string{
		// What has to work.
		"8.8.8.8": "", "1.1.1.1": "", "93.184.216.34": "", "172.15.255.255": "", "172.32.0.1": "", "100.63.255.255": "",
		"100.128.0.1": "", "192.0.1.1": "", "198.17.255.255": "", "198.20.0.1": "", "223.255.255.255": "", "11.0.0.1": "",
		"168.63.129.15": "", "2606:4700::1111": "", "2a00:1450:4001::1": "", "2001:4860:4860::8888": "", "::ffff:8.8.8.8": "",
		"64:ff9b::8.8.8.8": "", "2a00:1450::5efe:808:808": "",
		// IPv4 in the plain.
		"0.0.0.0": "this host on this network", "0.1.2.3": "this network", "10.0.0.1": "private network", "100.64.0.1": "shared address space",
		"100.100.100.200": "cloud metadata", "127.0.0.1": "loopback", "127.255.255.254": "loopback",
		"169.254.169.254": "link-local", "169.254.170.2": "link-local", "172.16.0.1": "private network",
		"172.31.255.255": "private network", "192.0.0.1": "ipv4 service continuity prefix", "192.0.0.192": "protocol assignments",
		"192.0.2.1": "documentation", "192.31.196.1": "AS112", "192.52.193.1": "AMT", "192.88.99.1": "6to4 relay",
		"192.168.1.1": "private network", "192.175.48.1": "AS112", "198.18.0.1": "benchmarking",
		"198.19.255.255": "benchmarking", "198.51.100.1": "documentation", "203.0.113.1": "documentation",
		"224.0.0.1": "multicast", "239.255.255.255": "multicast", "240.0.0.1": "reserved", "255.255.255.255": "limited broadcast",
		"168.63.129.16": "cloud host agent", "8.8.4.4": "this machine", "::ffff:8.8.4.4": "this machine",
		// IPv6 in the plain.
		"::": "this network", "::1": "loopback", "100::1": "discard only", "100:0:0:1::1": "dummy prefix",
		"2001:1::1": "port control protocol anycast", "2001:2::1": "benchmarking", "2001:10::1": "deprecated (previously orchid)",
		"2001:5::1":   "protocol assignments",
		"2001:db8::1": "documentation", "2620:4f:8000::1": "AS112", "3fff::1": "documentation", "3fff:fff::1": "documentation",
		"5f00::1": "segment routing", "fc00::1": "private network", "fd12:3456::1": "private network",
		"fd00:ec2::254": "cloud metadata", "fd20:ce::254": "cloud metadata", "fe80::1": "link-local", "fe80::1%eth0": "link-local",
		"fec0::1": "site-local", "ff02::1": "multicast", "ff0e::1": "multicast", "4000::1": "not public IPv6",
		"1::1": "not public IPv6", "e000::1": "not public IPv6",
		// IPv4 within IPv6.
		"::ffff:127.0.0.1": "loopback", "::ffff:169.254.169.254": "link-local", "::ffff:10.0.0.1": "private network",
		"::127.0.0.1": "not public IPv6", "::ffff:0:127.0.0.1": "not public IPv6", "64:ff9b::127.0.0.1": "loopback",
		"64:ff9b::169.254.169.254": "link-local", "64:ff9b::8.8.4.4": "this machine", "64:ff9b:1::10.0.0.1": "local NAT64",
		"64:ff9b:1::8.8.8.8": "local NAT64", "2002:7f00:1::1": "6to4 of loopback", "2002:a9fe:a9fe::1": "6to4 of link-local", "2002:808:808::1": "6to4",
		"2001:0:4136:e378:8000:63bf:80ff:fffe": "Teredo of loopback",
		"2001:0:7f00:1:8000:63bf:f7f7:f7f7":    "Teredo of loopback", "2001:0:4136:e378:8000:63bf:f7f7:f7f7": "Teredo",
		"2606:4700::1111%eth0": "zone", "2a00:1450::5efe:7f00:1": "loopback",
		"2a00:1450::200:5efe:10.0.0.1": "private network", "fe80::5efe:8.8.8.8": "link-local",
	} {
		if got := why(guard, netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %q, want %q", addr, got, want)
		}
	}
	if got := why(guard, netip.Addr{}); got == "" {
		t.Error("no address at all is let through")
	}
}

func TestGuard_Allow(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		allow     string
		open, not []string
	}{
		"OneAddress":          {"127.0.0.1", []string{"127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1"}, []string{"127.0.0.2", "::1"}},
		"MappedSpelling":      {"::ffff:10.0.0.0/104", []string{"10.2.3.4"}, []string{"192.168.0.1"}},
		"PrivateNetwork":      {"10.0.0.0/8", []string{"10.255.0.1"}, []string{"192.168.0.1", "127.0.0.1"}},
		"EverythingIsNotAll":  {"0.0.0.0/0", []string{"10.0.0.1", "192.168.0.1", "100.64.0.1", "8.8.4.4"}, []string{"127.0.0.1", "169.254.169.254", "168.63.129.16", "100.100.100.200", "224.0.0.1"}},
		"EverythingOfIPv6":    {"::/0", []string{"fd00::1"}, []string{"::1", "fe80::1", "fd00:ec2::254", "4000::1", "64:ff9b::127.0.0.1"}},
		"WholeSpecialRange":   {"169.254.0.0/16", []string{"169.254.169.254"}, []string{"127.0.0.1"}},
		"WiderThanSpecial":    {"169.0.0.0/8", nil, []string{"169.254.169.254"}},
		"MetadataByName":      {"fd00:ec2::254", []string{"fd00:ec2::254"}, []string{"fd00:ec2::255"}},
		"ThisMachineByItself": {"8.8.4.4", []string{"8.8.4.4"}, []string{"10.0.0.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			guard := newGuard(t, row.allow)
			for _, addr := range row.open {
				if got := why(guard, netip.MustParseAddr(addr)); got != "" {
					t.Errorf("%s is refused as %q", addr, got)
				}
			}
			for _, addr := range row.not {
				if parsed, err := netip.ParseAddr(addr); err == nil && why(guard, parsed) == "" {
					t.Errorf("%s is let through", addr)
				}
			}
		})
	}
}

func TestGuard_Ports(t *testing.T) {
	t.Parallel()
	guard := newGuard(t, "10.0.0.0/8")
	for ap, open := range map[string]bool{
		"8.8.8.8:80": true, "8.8.8.8:443": true, "8.8.8.8:8080": true, "8.8.8.8:1024": true, "8.8.8.8:65535": true,
		"8.8.8.8:22": false, "8.8.8.8:25": false, "8.8.8.8:1023": false, "8.8.8.8:0": false, "10.0.0.1:25": true,
	} {
		if err := guard.CheckAddrPort(netip.MustParseAddrPort(ap)); (err == nil) != open {
			t.Errorf("%s: %v, want open %t", ap, err, open)
		}
	}
}

func TestGuard_OwnAddressesUnreadable(t *testing.T) {
	t.Parallel()
	guard := newGuard(t)
	guard.SetOwn(func() ([]net.Addr, error) { return nil, errors.New("no netlink here") })
	if got := why(guard, netip.MustParseAddr("8.8.4.4")); got != "" {
		t.Errorf("refused as %q, want public addresses to go on working", got)
	}
	if got := why(guard, netip.MustParseAddr("10.0.0.1")); got == "" {
		t.Error("a private address is let through")
	}
}

func TestGuard_CheckURL(t *testing.T) {
	t.Parallel()
	guard := newGuard(t)
	for rawURL, want := range map[string]string{
		"https://example.com/a.jpg?x=1": "", "http://example.com:8080/": "", "HTTPS://EXAMPLE.com": "", "https://bücher.example/": "",
		"http://8.8.8.8/": "", "http://[2606:4700::1111]:8443/": "", "https://1and1.example/": "", "https://face.beef/": "",
		"https://example.com.:443/": "",

		"": "http://", "example.com": "http://", "//example.com/": "http://", "ftp://example.com/": "http://",
		"file:///etc/passwd": "http://", "gopher://x/": "http://", "http:example.com": "no host", "http://": "no host",
		"http://:80/": "no host", "http:///path": "no host",
		"https://user@example.com/": "user name", "https://user:pw@example.com/": "user name", "http://@127.0.0.1/": "user name",
		"http://exa mple.com/": "not a valid URL", "http://example.com:port/": "not a valid URL", "http://[::1/": "not a valid URL",
		"http://example.com:99999/": "no valid port", "http://example.com:0/": "no valid port",
		"http://example.com:25/": "port 25 may not", "https://8.8.8.8:22/": "port 22 may not",
		"http://127.0.0.1/": "not public", "http://127.0.0.1./": "not public", "http://[::1]/": "not public",
		"http://[::ffff:127.0.0.1]/": "not public", "http://[fe80::1%25eth0]/": "not public", "http://localhost:8080/": "not public",
		"http://a.LocalHost./": "not public", "http://169.254.169.254/latest/meta-data/": "not public",
		"http://2130706433/": "usual IP address", "http://0x7f000001/": "usual IP address", "http://0x7f.1/": "usual IP address",
		"http://0177.0.0.1/": "usual IP address", "http://127.1/": "usual IP address", "http://1.2.3.4.5/": "usual IP address",
		"http://example.0x7f/": "usual IP address", "http://x.256/": "usual IP address",
	} {
		err := guard.CheckURL(rawURL)
		var refused *outbound.BlockedError
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v, want it through", rawURL, err)
		case want != "" && (!errors.As(err, &refused) || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", rawURL, err, want)
		}
	}
	open := newGuard(t, "127.0.0.1")
	for _, rawURL := range []string{"http://127.0.0.1:25/", "http://localhost/", "http://internal.example:81/"} {
		if err := open.CheckURL(rawURL); err != nil {
			t.Errorf("%s: %v, want it through beside an allowance", rawURL, err)
		}
	}
}

func TestBlockedError_KeepsAddressFromClient(t *testing.T) {
	t.Parallel()
	var refused *outbound.BlockedError
	err := newGuard(t).CheckAddrPort(netip.MustParseAddrPort("10.1.2.3:80"))
	if !errors.As(err, &refused) || strings.Contains(err.Error(), "10.1") || refused.Addr.String() != "10.1.2.3" {
		t.Errorf("error = %q with %+v", err, refused)
	}
}

func TestConfig_Validate(t *testing.T) {
	t.Parallel()
	if err := outbound.DefaultConfig().Validate(); err != nil {
		t.Errorf("default: %v", err)
	}
	cfg := outbound.Config{Allow: []string{"10.0.0.0/8", "localhost", "0x7f.1", "10.0.0.0/33"}, FetchRedirects: -1}
	err := cfg.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	want := []string{
		`RINGBACK_OUTBOUND_ALLOW="0x7f.1": expected an address such as 127.0.0.1, a network such as 10.0.0.0/8 or a host such as hooks.example.internal`,
		`RINGBACK_OUTBOUND_ALLOW="10.0.0.0/33": expected an address such as 127.0.0.1, a network such as 10.0.0.0/8 or a host such as hooks.example.internal`,
		"RINGBACK_OUTBOUND_FETCH_TIMEOUT=0s: expected more than nothing",
		"RINGBACK_OUTBOUND_FETCH_MAX_SIZE=0B: expected more than nothing",
		"RINGBACK_OUTBOUND_POST_TIMEOUT=0s: expected more than nothing",
		"RINGBACK_OUTBOUND_DNS_TIMEOUT=0s: expected more than nothing",
		"RINGBACK_OUTBOUND_CONNECT_TIMEOUT=0s: expected more than nothing",
		"RINGBACK_OUTBOUND_IDLE_TOTAL=0: expected more than nothing",
		"RINGBACK_OUTBOUND_IDLE_PER_HOST=0: expected more than nothing",
		"RINGBACK_OUTBOUND_FETCH_REDIRECTS=-1: expected 0 or more",
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}
