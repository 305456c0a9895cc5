package outbound_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/internal/outbound"
)

// forbidden are the 45 addresses by which guards of other systems were compared: every special range, every spelling of
// an IPv4 address within IPv6, and where clouds keep their metadata.
var forbidden = map[string]string{
	"loopback":                    "127.0.0.1",
	"loopback, elsewhere":         "127.255.255.254",
	"unspecified":                 "0.0.0.0",
	"this network":                "0.1.2.3",
	"private 10":                  "10.0.0.1",
	"private 172.16":              "172.31.255.254",
	"private 192.168":             "192.168.1.1",
	"carrier-grade NAT":           "100.64.0.1",
	"link-local":                  "169.254.1.1",
	"metadata of most clouds":     "169.254.169.254",
	"metadata of containers":      "169.254.170.2",
	"metadata of Alibaba":         "100.100.100.200",
	"metadata of Oracle":          "192.0.0.192",
	"host agent of Azure":         "168.63.129.16",
	"protocol assignments":        "192.0.0.8",
	"documentation 1":             "192.0.2.1",
	"documentation 2":             "198.51.100.1",
	"documentation 3":             "203.0.113.1",
	"6to4 relay":                  "192.88.99.1",
	"benchmarking":                "198.18.0.1",
	"multicast":                   "224.0.0.1",
	"reserved":                    "240.0.0.1",
	"broadcast":                   "255.255.255.255",
	"IPv6 unspecified":            "::",
	"IPv6 loopback":               "::1",
	"IPv6 link-local":             "fe80::1",
	"IPv6 site-local":             "fec0::1",
	"IPv6 unique local":           "fd00::1",
	"IPv6 metadata of Amazon":     "fd00:ec2::254",
	"IPv6 multicast":              "ff02::1",
	"IPv6 documentation":          "2001:db8::1",
	"IPv6 documentation, the new": "3fff::1",
	"IPv6 discard only":           "100::1",
	"IPv6 dummy":                  "100:0:0:1::1",
	"IPv6 benchmarking":           "2001:2::1",
	"IPv6 segment routing":        "5f00::1",
	"IPv4-mapped loopback":        "::ffff:127.0.0.1",
	"IPv4-mapped metadata":        "::ffff:a9fe:a9fe",
	"IPv4-compatible loopback":    "::127.0.0.1",
	"IPv4-translated loopback":    "::ffff:0:127.0.0.1",
	"NAT64 of metadata":           "64:ff9b::169.254.169.254",
	"NAT64 of a site":             "64:ff9b:1::7f00:1",
	"6to4 of a private network":   "2002:a00:1::1",
	"Teredo of loopback":          "2001:0:4136:e378:8000:63bf:80ff:fffe",
	"ISATAP of a private network": "2a00:1450::5efe:10.0.0.1",
}

// public are addresses that have to work, in each spelling of one address that a network takes.
var public = map[string]string{
	"IPv4": "93.184.216.34", "IPv4-mapped": "::ffff:93.184.216.34", "IPv4-mapped, in hexadecimal": "::ffff:5db8:d822",
	"IPv4-mapped, in full": "0:0:0:0:0:ffff:5db8:d822", "NAT64": "64:ff9b::93.184.216.34", "NAT64, in hexadecimal": "64:ff9b::5db8:d822",
	"ISATAP": "2a00:1450::5efe:93.184.216.34", "IPv6": "2606:4700::1111", "IPv6, in full": "2606:4700:0000:0000:0000:0000:0000:1111",
	"IPv6, in capitals": "2A00:1450:4001::1", "beside the private networks": "172.32.0.1", "beside the shared space": "100.128.0.1",
	"beside Azure's agent": "168.63.129.17", "beside Teredo": "2001:200::1", "beside 6to4": "2003::1", "beside documentation": "3fff:1000::1",
}

// hostIn writes an address as a URL has it.
func hostIn(addr string) string {
	if strings.Contains(addr, ":") {
		return "[" + addr + "]"
	}
	return addr
}

// TestGuard_CreationAndDialAgree asks for every vector at each of the places where the guard stands: when a client names
// the address, when a name leads to it, when the transport dials it, and when the socket is made.
func TestGuard_CreationAndDialAgree(t *testing.T) {
	t.Parallel()
	if len(forbidden) != 45 {
		t.Fatalf("%d vectors, want 45", len(forbidden))
	}
	guard := newGuard(t)
	check := func(name, text string, open bool) {
		addr := netip.MustParseAddr(text)
		_, byName := guard.DialTargets(t.Context(), names{addrs: []string{text}}, "pictures.example.com", 443)
		_, mixed := guard.DialTargets(t.Context(), names{addrs: []string{"93.184.216.34", text}}, "pictures.example.com", 443)
		_, dialled := guard.DialTargets(t.Context(), nil, text, 443)
		for place, err := range map[string]error{
			"when it is named": guard.CheckURL("https://" + hostIn(text) + "/"), "with a dot at the end": dotted(guard, text),
			"behind a name": byName, "behind a name, beside a public one": mixed, "when it is dialled": dialled,
			"when the socket is made": guard.ControlFor("", "tcp6", netip.AddrPortFrom(addr, 443).String()),
			"by itself":               guard.CheckAddrPort(netip.AddrPortFrom(addr, 443)),
		} {
			var refused *outbound.BlockedError
			if (err == nil) != open || err != nil && !errors.As(err, &refused) {
				t.Errorf("%s, %s, %s: %v, want open %t", name, text, place, err, open)
			}
		}
	}
	for name, text := range forbidden {
		check(name, text, false)
	}
	for name, text := range public {
		check(name, text, true)
	}
}

// dotted asks about an IPv4 address that is written as the absolute name; IPv6 has no such spelling.
func dotted(guard *outbound.Guard, addr string) error {
	if strings.Contains(addr, ":") {
		return guard.CheckURL("https://" + hostIn(addr) + "/")
	}
	return guard.CheckURL("https://" + addr + "./")
}

// TestGuard_Spellings has hosts as attackers write them. Each is refused when it is named; and where something could be
// dialled at all, there, too.
func TestGuard_Spellings(t *testing.T) {
	t.Parallel()
	guard := newGuard(t)
	resolver := names{addrs: []string{"93.184.216.34"}} // which lies in the attacker's favour
	for name, rawURL := range map[string]string{
		"decimal": "http://2130706433/", "hexadecimal": "http://0x7f000001/", "octal": "http://017700000001/",
		"hexadecimal parts": "http://0x7f.0x0.0x0.0x1/", "octal parts": "http://0177.0.0.01/", "mixed parts": "http://0x7f.0.0.1/",
		"short": "http://127.1/", "short of three": "http://127.0.1/", "short hexadecimal": "http://0x7f.1/", "nothing": "http://0/",
		"upper-case hexadecimal": "http://0X7F000001/", "too many parts": "http://127.0.0.1.1/", "beyond 255": "http://127.0.0.256/",
		"leading zeros": "http://127.000.000.001/", "absolute": "http://127.0.0.1./", "two dots at the end": "http://127.0.0.1../",
		"short and absolute": "http://127.1./", "decimal and absolute": "http://2130706433./",
		"wide digits": "http://１２７．０．０．１/", "wide dots": "http://127。0。0。1/", "half-width dots": "http://127｡0｡0｡1/",
		"wide decimal": "http://２１３０７０６４３３/", "wide and private": "http://１０.0.0.1/", "circled digits": "http://①②⑦.⓪.⓪.①/",
		"soft hyphen": "http://127.0.0.\u00ad1/", "wide localhost": "http://ｌｏｃａｌｈｏｓｔ/", "encoded wide digits": "http://%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1/",
		"encoded dot": "http://127%2E0%2E0%2E1/", "encoded digit": "http://%31%32%37.0.0.1/", "encoded zero byte": "http://127.0.0.1%00.example.com/",
		"encoded wide dots": "http://127%E3%80%820%E3%80%820%E3%80%821/",
		"localhost":         "http://localhost/", "capitals": "http://LOCALHOST/", "absolute localhost": "http://localhost./",
		"below localhost": "http://a.localhost/", "far below localhost": "http://a.b.LocalHost./",
		"brackets around IPv4": "http://[127.0.0.1]/", "mapped": "http://[::ffff:127.0.0.1]/", "mapped in hexadecimal": "http://[::ffff:7f00:1]/",
		"mapped in full": "http://[0:0:0:0:0:ffff:7f00:1]/", "mapped in capitals": "http://[::FFFF:7F00:1]/",
		"loopback in full": "http://[0000:0000:0000:0000:0000:0000:0000:0001]/", "zone": "http://[fe80::1%25eth0]/",
		"zone of a public address": "http://[2606:4700::1111%25eth0]/", "zone of loopback": "http://[::1%25lo]/", "bare IPv6": "http://::1/",
		"open bracket": "http://[::1/", "IPv6 outside of brackets": "http://2606:4700::1111/",
		"user": "http://example.com@127.0.0.1/", "user and password": "http://example.com:80@127.0.0.1/", "empty user": "http://@127.0.0.1/",
		"user of a public host": "http://127.0.0.1@example.com/", "two users": "http://a@b@127.0.0.1/",
		"backslash": `http://example.com\@127.0.0.1/`, "backslashes for slashes": `http:\\127.0.0.1\`, "backslash in the host": `http://127.0.0.1\.example.com/`,
		"tab": "http://127.0.0.1\t.example.com/", "newline": "http://127.0.0.1\n/", "carriage return": "http://127.0.0.1\r\n/", "space": "http:// 127.0.0.1/",
		"zero byte": "http://127.0.0.1\x00/", "leading space": " http://127.0.0.1/", "delete": "http://127.0.0.1\x7f/",
		"no host": "http:///127.0.0.1/", "one slash": "http:/127.0.0.1/", "no slash": "http:127.0.0.1/", "host alone": "//127.0.0.1/",
		"port 0": "http://example.com:0/", "port 65536": "http://example.com:65536/", "port 80 and 2^16": "http://example.com:65616/",
		"port below zero": "http://example.com:-1/", "port in hexadecimal": "http://example.com:0x50/", "port with a sign": "http://example.com:+80/",
		"port in wide digits": "http://example.com:８０/", "port of mail": "http://example.com:25/", "two ports": "http://example.com:80:80/",
		"empty port": "http://127.0.0.1:/", "empty label": "http://a..example.com/", "dot in front": "http://.example.com/", "dot alone": "http://./",
		"long label": "http://" + strings.Repeat("a", 64) + ".example.com/", "long name": "http://" + strings.Repeat("a.", 126) + "aa/",
		"star": "http://*.example.com/", "quote": "http://exam'ple.com/", "semicolon": "http://example.com;127.0.0.1/", "comma": "http://a,b/",
		"file": "file:///etc/passwd", "gopher": "gopher://127.0.0.1:6379/_", "dictionary": "dict://127.0.0.1/", "FTP": "ftp://example.com/",
		"javascript": "javascript:alert(1)", "data": "data:,x", "opaque": "http:example.com",
	} {
		var refused *outbound.BlockedError
		if err := guard.CheckURL(rawURL); !errors.As(err, &refused) {
			t.Errorf("%s, %q: %v, want it refused", name, rawURL, err)
		}
		u, err := url.Parse(rawURL)
		if err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "http" || u.Port() != "" || strings.HasSuffix(strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), "localhost") {
			continue
		}
		if targets, err := guard.DialTargets(t.Context(), resolver, u.Hostname(), 80); err == nil && !strings.HasPrefix(name, "wide localhost") {
			t.Errorf("%s, %q: dialled as %v", name, rawURL, targets)
		}
	}
}

// TestGuard_PublicSpellings has what may look odd and is good.
func TestGuard_PublicSpellings(t *testing.T) {
	t.Parallel()
	guard := newGuard(t)
	for name, rawURL := range map[string]string{
		"name": "https://example.com/", "capitals": "HTTPS://EXAMPLE.COM/", "absolute": "https://example.com./", "empty port": "https://example.com:/",
		"umlaut": "https://bücher.example/", "Japanese": "https://例え.テスト/", "Japanese dot": "https://例え。テスト/", "punycode": "https://xn--bcher-kva.example/",
		"wide letters": "https://ｅｘａｍｐｌｅ.com/", "underscore": "https://my_host.example.com/", "digits and letters": "https://1and1.example/",
		"number in front": "https://127.0.0.1.example.com/", "reverse name": "https://1.0.0.127.in-addr.arpa/",
		"reverse name of IPv6": "https://" + strings.Repeat("1.", 32) + "ip6.arpa/", "like localhost": "https://localhost.example.com/",
		"ends like localhost": "https://notlocalhost/", "one label": "https://intranet/", "hexadecimal letters": "https://face.beef/",
		"wide digits of a public address": "http://９３.184.216.34/", "wide dots of a public address": "http://93。184。216。34/",
		"high port": "https://example.com:65535/", "first high port": "https://example.com:1024/", "user in the path": "https://example.com/@127.0.0.1",
		"address in the query": "https://example.com/?u=http://127.0.0.1/", "address in the fragment": "https://example.com/#@127.0.0.1/",
		"longest label": "https://" + strings.Repeat("a", 63) + ".example.com/",
	} {
		if err := guard.CheckURL(rawURL); err != nil {
			t.Errorf("%s, %q: %v, want it through", name, rawURL, err)
		}
		u, err := url.Parse(rawURL)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := guard.DialTargets(t.Context(), names{addrs: []string{"93.184.216.34"}}, u.Hostname(), 443); err != nil {
			t.Errorf("%s, %q: dialled: %v", name, rawURL, err)
		}
	}
}

// turns is a resolver whose answers change, as one does that wants to pass the check first.
type turns struct{ answers chan string }

func (r turns) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr(<-r.answers)}, nil
}

func TestGuard_RebindingResolver(t *testing.T) {
	t.Parallel()
	resolver := turns{make(chan string, 3)}
	for _, answer := range []string{"93.184.216.34", "127.0.0.1", "169.254.169.254"} {
		resolver.answers <- answer
	}
	guard := newGuard(t)
	if err := guard.CheckURL("https://rebinding.example/"); err != nil {
		t.Errorf("at creation: %v", err)
	}
	for i, want := range []bool{true, false, false} {
		targets, err := guard.DialTargets(t.Context(), resolver, "rebinding.example", 443)
		if (err == nil) != want {
			t.Errorf("answer %d: %v, %v, want open %t", i+1, targets, err, want)
		}
		for _, target := range targets {
			if target.Addr().IsLoopback() {
				t.Errorf("answer %d is dialled: %s", i+1, target)
			}
		}
	}
}

// TestClient_RebindingIsRefusedOnTheWire posts twice to one name: the second answer leads to another address of loopback,
// where somebody listens as well.
func TestClient_RebindingIsRefusedOnTheWire(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	resolver := turns{make(chan string, 2)}
	resolver.answers <- "127.0.0.1"
	resolver.answers <- "127.0.0.2"
	cfg := outbound.DefaultConfig()
	cfg.Allow = []string{"127.0.0.1"}
	client := newClient(t, cfg, outbound.Deps{Resolver: resolver})
	for i, class := range []string{outbound.ClassStatus, outbound.ClassBlocked} {
		got, err := client.Post(t.Context(), outbound.Request{URL: "http://rebinding.example" + port})
		if err != nil || got.Class != class {
			t.Errorf("post %d: %+v, %v, want class %s", i+1, got, err, class)
		}
		client.Close()
	}
}

func TestGuard_Private(t *testing.T) {
	t.Parallel()
	cfg := outbound.DefaultConfig()
	cfg.Private = true
	guard, err := outbound.NewGuard(cfg)
	if err != nil {
		t.Fatal(err)
	}
	guard.SetOwn(ownAddress("10.0.0.7"))
	for addr, want := range map[string]string{
		"10.0.0.1": "", "172.16.0.1": "", "192.168.0.1": "", "100.64.0.1": "", "fd00::1": "", "::ffff:10.0.0.1": "", "64:ff9b::10.0.0.1": "",
		"10.0.0.7": "this machine", "::ffff:10.0.0.7": "this machine", "127.0.0.1": "loopback", "169.254.169.254": "link-local",
		"100.100.100.200": "cloud metadata", "fd00:ec2::254": "cloud metadata", "fe80::1": "link-local", "224.0.0.1": "multicast",
		"2002:a00:1::1": "6to4", "0.0.0.0": "this host on this network",
	} {
		if got := why(guard, netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %q, want %q", addr, got, want)
		}
	}
	// The switch opens networks, not the ports of what may live in them.
	if err := guard.CheckAddrPort(netip.MustParseAddrPort("10.0.0.1:25")); err == nil {
		t.Error("port 25 of a private address is open")
	}
}

func TestGuard_AllowedHost(t *testing.T) {
	t.Parallel()
	guard := newGuard(t, "hooks.example.internal", "LOCALHOST.", "bücher.example")
	for _, row := range []struct {
		host, addr string
		port       uint16
		open       bool
	}{
		{"hooks.example.internal", "10.0.0.1", 25, true},
		{"Hooks.Example.Internal.", "fd00::1", 443, true},
		{"hooks.example.internal", "127.0.0.1", 443, true},
		{"hooks.example.internal", "8.8.4.4", 443, true},
		{"hooks.example.internal", "64:ff9b::10.0.0.1", 443, true},
		{"hooks.example.internal", "93.184.216.34", 81, true},
		{"xn--bcher-kva.example", "10.0.0.1", 443, true},
		{"localhost", "127.0.0.1", 8080, true},
		{"localhost", "::1", 8080, true},
		// Where clouds keep their credentials is one change of a DNS record away.
		{"hooks.example.internal", "169.254.169.254", 80, false},
		{"hooks.example.internal", "100.100.100.200", 80, false},
		{"hooks.example.internal", "fd00:ec2::254", 80, false},
		{"hooks.example.internal", "168.63.129.16", 80, false},
		{"hooks.example.internal", "224.0.0.1", 80, false},
		{"hooks.example.internal", "0.0.0.0", 80, false},
		{"hooks.example.internal", "64:ff9b::169.254.169.254", 80, false},
		{"hooks.example.internal", "2002:a00:1::1", 80, false},
		// Neither its children nor its neighbours, nor the address by itself.
		{"a.hooks.example.internal", "10.0.0.1", 443, false},
		{"example.internal", "10.0.0.1", 443, false},
		{"10.0.0.1", "10.0.0.1", 443, false},
	} {
		_, err := guard.DialTargets(t.Context(), names{addrs: []string{row.addr}}, row.host, row.port)
		if (err == nil) != row.open {
			t.Errorf("%s at %s: %v, want open %t", row.host, row.addr, err, row.open)
		}
		if row.open {
			address := netip.AddrPortFrom(netip.MustParseAddr(row.addr), row.port).String()
			if err := guard.CheckURL(fmt.Sprintf("http://%s:%d/", row.host, row.port)); err != nil {
				t.Errorf("%s, when it is named: %v", row.host, err)
			}
			if err := guard.ControlFor(strings.TrimSuffix(strings.ToLower(row.host), "."), "tcp4", address); err != nil {
				t.Errorf("%s, when the socket is made: %v", row.host, err)
			}
			if err := guard.Control(t.Context(), "tcp4", address, nil); row.addr != "93.184.216.34" && err == nil {
				t.Errorf("%s is open without its name", row.addr)
			}
		}
	}
}

func TestGuard_AllowedTunnel(t *testing.T) {
	t.Parallel()
	guard := newGuard(t, "2002::/16", "2001::/32", "2002:7f00:2::1")
	for addr, want := range map[string]string{
		"2002:5db8:d822::1": "", "2002:7f00:1::1": "6to4 of loopback", "2002:7f00:2::1": "",
		"2001:0:4136:e378:8000:63bf:a247:27dd": "", "2001:0:4136:e378:8000:63bf:80ff:fffe": "Teredo of loopback",
		"2001:0:a9fe:a9fe:8000:63bf:a247:27dd": "Teredo of link-local",
	} {
		if got := why(guard, netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %q, want %q", addr, got, want)
		}
	}
}

func TestGuard_HTTPSOnly(t *testing.T) {
	t.Parallel()
	cfg := outbound.DefaultConfig()
	cfg.HTTPSOnly = true
	guard, err := outbound.NewGuard(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := guard.CheckURL("https://example.com/"); err != nil {
		t.Error(err)
	}
	if err := guard.CheckURL("HTTP://example.com/"); err == nil || !strings.Contains(err.Error(), "https://") {
		t.Errorf("got %v, want http refused", err)
	}
	client := newClient(t, cfg, outbound.Deps{})
	if got, err := client.Post(t.Context(), outbound.Request{URL: "http://example.com/"}); err != nil || got.Class != outbound.ClassBlocked {
		t.Errorf("post: %+v, %v, want it blocked", got, err)
	}
}
