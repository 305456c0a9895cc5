package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ByteSize is a number of bytes, read and printed with a unit.
type ByteSize int64

// The units that a [ByteSize] is written in: powers of 1000 and of 1024.
const (
	Byte ByteSize = 1

	KB = 1000 * Byte
	MB = 1000 * KB
	GB = 1000 * MB
	TB = 1000 * GB

	KiB = 1024 * Byte
	MiB = 1024 * KiB
	GiB = 1024 * MiB
	TiB = 1024 * GiB
)

// ErrByteSize is returned when a text is not a size.
var ErrByteSize = errors.New(`expected a size such as 512KiB, 20MB or a plain number of bytes`)

type unit struct {
	name string
	size ByteSize
}

// units returns the units, the largest first, so that the first one that divides a size writes it shortest.
func units() []unit {
	return []unit{
		{"TiB", TiB}, {"TB", TB}, {"GiB", GiB}, {"GB", GB}, {"MiB", MiB}, {"MB", MB}, {"KiB", KiB}, {"KB", KB}, {"B", Byte},
	}
}

// ParseByteSize reads a whole number with one of the units B, KB, MB, GB, TB, KiB, MiB, GiB or TiB, in any case, or with
// none for bytes. It returns [ErrByteSize] for anything else, a negative size or one that does not fit.
func ParseByteSize(text string) (ByteSize, error) {
	text = strings.TrimSpace(text)
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	name := strings.TrimSpace(text[len(digits):])
	factor := Byte
	if name != "" {
		factor = 0
	}
	for _, u := range units() {
		if strings.EqualFold(u.name, name) {
			factor = u.size
		}
	}
	// ParseUint refuses signs, fractions and exponents alike.
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || factor == 0 || n > uint64(math.MaxInt64/factor) { //nolint:gosec // the quotient is not negative
		return 0, fmt.Errorf("%q: %w", text, ErrByteSize)
	}
	return ByteSize(n) * factor, nil
}

// String writes the size in the largest unit that leaves a whole number; [ParseByteSize] reads it back exactly.
func (b ByteSize) String() string {
	for _, u := range units() {
		if b != 0 && b%u.size == 0 {
			return strconv.FormatInt(int64(b/u.size), 10) + u.name
		}
	}
	return "0B"
}

// MarshalText writes the size as String does. It never fails.
func (b ByteSize) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads the size as [ParseByteSize] does, and leaves b alone when that fails.
func (b *ByteSize) UnmarshalText(text []byte) error {
	size, err := ParseByteSize(string(text))
	if err != nil {
		return err
	}
	*b = size
	return nil
}
