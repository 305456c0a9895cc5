package config

import (
	"fmt"
	"io"
	"log/slog"
)

// mask is what stands wherever a secret would.
const mask = "•••"

// Secret is a text that never shows itself: every way of printing, logging or encoding it gives "•••", the empty one
// included, so that a whole Config may be logged without a list of what to leave out. Two gaps are Go's own: package fmt
// calls no methods on unexported fields, and package json none on the keys of a map, so keep a Secret in neither.
type Secret string

// Reveal returns the text itself. Call it only where the secret is used.
func (s Secret) Reveal() string { return string(s) }

// String returns the mask.
func (s Secret) String() string { return mask }

// GoString returns the mask, for %#v.
func (s Secret) GoString() string { return mask }

// Format writes the mask for every verb. Without it a verb that does not suit a string, such as %d, would make fmt
// print the value in its complaint.
func (s Secret) Format(f fmt.State, _ rune) {
	// A state that cannot be written to has nowhere to report to either.
	_, _ = io.WriteString(f, mask)
}

// MarshalText returns the mask, for XML, YAML and flags. It never fails.
func (s Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }

// MarshalJSON returns the mask as a JSON string. It never fails.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + mask + `"`), nil }

// LogValue returns the mask, for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(mask) }
