package imaging

import (
	"fmt"
	"strconv"
	"strings"
)

// Bytes is a size that reads and prints as 512MiB.
type Bytes int64

// units are the suffixes, the largest first.
var units = []struct {
	suffix string
	shift  int
}{{"GiB", 30}, {"MiB", 20}, {"KiB", 10}, {"B", 0}}

// String prints the size in the largest unit that divides it.
func (b Bytes) String() string {
	for _, u := range units {
		if b != 0 && int64(b)%(1<<u.shift) == 0 {
			return strconv.FormatInt(int64(b)>>u.shift, 10) + u.suffix
		}
	}
	return "0B"
}

// MarshalText is String.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads a whole number with B, KiB, MiB or GiB behind it. It fails for anything else.
func (b *Bytes) UnmarshalText(text []byte) error {
	for _, u := range units {
		digits, found := strings.CutSuffix(string(text), u.suffix)
		if !found {
			continue
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || n < 0 || n > (1<<62)>>u.shift {
			break
		}
		*b = Bytes(n << u.shift)
		return nil
	}
	return fmt.Errorf("read size %q: expected a whole number with B, KiB, MiB or GiB behind it", text)
}
