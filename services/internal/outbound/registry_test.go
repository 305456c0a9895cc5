package outbound_test

import (
	"encoding/csv"
	"io/fs"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/outbound"
)

// reachable are the rows that are not refused as a whole, though they are in the registries, and why.
var reachable = map[string]string{
	"64:ff9b::/96":  "judged by the IPv4 address that it carries",
	"::ffff:0:0/96": "the same as the IPv4 address",
}

// rows reads a registry on its own: nothing of the guard's reading is used.
func rows(t *testing.T, family string) (date time.Time, records [][]string) {
	t.Helper()
	files, err := fs.Glob(outbound.Registry, "registry/iana-"+family+"-special-registry-*.csv")
	if err != nil || len(files) != 1 {
		t.Fatalf("%s: %d files, %v, want one", family, len(files), err)
	}
	date, err = time.Parse(time.DateOnly, regexp.MustCompile(`\d{4}-\d{2}-\d{2}`).FindString(files[0]))
	if err != nil {
		t.Fatalf("%s has no date in its name: %v", files[0], err)
	}
	file, err := outbound.Registry.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err = csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if records[0][0] != "Address Block" || records[0][8] != "Globally Reachable" {
		t.Fatalf("%s has other columns: %v", files[0], records[0])
	}
	return date, records[1:]
}

// TestGuard_AgreesWithTheRegistries goes through IANA's registries row by row: the first address of each block, the last
// and one between are refused, whatever the registry says of their reach, but for the exceptions above.
func TestGuard_AgreesWithTheRegistries(t *testing.T) {
	t.Parallel()
	guard := newGuard(t)
	for family, least := range map[string]int{"ipv4": 26, "ipv6": 25} {
		_, records := rows(t, family)
		blocks := 0
		for _, record := range records {
			for block := range strings.SplitSeq(record[0], ",") {
				block, _, _ = strings.Cut(strings.TrimSpace(block), " ")
				prefix := netip.MustParsePrefix(block)
				blocks++
				_, excepted := reachable[block]
				for _, addr := range within(prefix) {
					verdict := why(guard, addr)
					if excepted {
						if inner := why(guard, last4(addr)); verdict != inner {
							t.Errorf("%s: %s is %q, and carries one that is %q", block, addr, verdict, inner)
						}
						continue
					}
					if verdict == "" {
						t.Errorf("%s (%s, globally reachable: %s): %s is let through", block, record[1], record[8], addr)
					}
				}
			}
		}
		if blocks < least {
			t.Errorf("%s has %d blocks, want %d or more", family, blocks, least)
		}
	}
}

func TestRegistries_AreOfOneDay(t *testing.T) {
	t.Parallel()
	v4, _ := rows(t, "ipv4")
	v6, _ := rows(t, "ipv6")
	if !v4.Equal(v6) {
		t.Errorf("IPv4 is of %s and IPv6 of %s", v4, v6)
	}
}

// within returns the first address of a block, the last, and one in the middle.
func within(p netip.Prefix) []netip.Addr {
	first := p.Masked().Addr()
	last, middle := first.AsSlice(), first.AsSlice()
	for bit := p.Bits(); bit < first.BitLen(); bit++ {
		last[bit/8] |= 1 << (7 - bit%8)
		if bit > p.Bits() || bit == first.BitLen()-1 {
			middle[bit/8] |= 1 << (7 - bit%8)
		}
	}
	l, _ := netip.AddrFromSlice(last)
	m, _ := netip.AddrFromSlice(middle)
	return []netip.Addr{first, l, m}
}

func last4(addr netip.Addr) netip.Addr {
	b := addr.As16()
	return netip.AddrFrom4([4]byte(b[12:]))
}
