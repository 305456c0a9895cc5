package recipe

import (
	"fmt"
	"strconv"
	"strings"
)

// Colour is a colour in sRGB with its opacity, 0 (clear) to 255.
type Colour struct{ R, G, B, A uint8 }

// ParseColour reads #rgb, #rrggbb, #rrggbbaa, white, black and transparent. It fails for anything else.
func ParseColour(text string) (Colour, error) {
	switch text {
	case "white":
		return Colour{255, 255, 255, 255}, nil
	case "black":
		return Colour{A: 255}, nil
	case "transparent":
		return Colour{}, nil
	}
	digits, found := strings.CutPrefix(text, "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	if len(digits) == 6 {
		digits += "ff"
	}
	bits, err := strconv.ParseUint(digits, 16, 32)
	if !found || len(digits) != 8 || err != nil {
		return Colour{}, fmt.Errorf("read colour %q: not #rgb, #rrggbb, #rrggbbaa, white, black or transparent", text)
	}
	return Colour{R: uint8(bits >> 24), G: uint8(bits >> 16), B: uint8(bits >> 8), A: uint8(bits)}, nil //nolint:gosec // each takes its byte
}
