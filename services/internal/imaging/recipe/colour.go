package recipe

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/image/colornames"
)

// Colour is a colour in sRGB with its opacity, 0 (clear) to 255.
type Colour struct{ R, G, B, A uint8 }

// colourForms says how colours are written.
const colourForms = "a colour: a CSS name such as white, #rgb, #rgba, #rrggbb or #rrggbbaa"

// ParseColour reads the names and the hexadecimal forms of CSS Color Module Level 4, transparent among them, in any
// case. It fails for anything else.
func ParseColour(text string) (Colour, error) {
	name := strings.ToLower(text)
	if named, ok := colornames.Map[name]; ok {
		return Colour{R: named.R, G: named.G, B: named.B, A: named.A}, nil
	}
	switch name {
	case "transparent":
		return Colour{}, nil
	case "rebeccapurple": // the one name that CSS has and SVG 1.1 had not
		return Colour{R: 0x66, G: 0x33, B: 0x99, A: 255}, nil
	}
	digits, found := strings.CutPrefix(text, "#")
	if len(digits) == 3 || len(digits) == 4 {
		var each strings.Builder
		for _, digit := range []byte(digits) {
			each.Write([]byte{digit, digit})
		}
		digits = each.String()
	}
	if len(digits) == 6 {
		digits += "ff"
	}
	bits, err := strconv.ParseUint(digits, 16, 32)
	if !found || len(digits) != 8 || err != nil {
		return Colour{}, fmt.Errorf("read colour %q: not %s", text, colourForms)
	}
	return Colour{R: uint8(bits >> 24), G: uint8(bits >> 16), B: uint8(bits >> 8), A: uint8(bits)}, nil //nolint:gosec // each takes its byte
}

// colour checks an optional colour; empty is none.
func (c *checker) colour(param, text string) {
	if _, err := ParseColour(text); text != "" && err != nil {
		c.wrong(param, text, "%s", colourForms)
	}
}

// colourOr reads an optional colour. It fails with an [Error].
func colourOr(text string, other Colour) (Colour, error) {
	if text == "" {
		return other, nil
	}
	colour, err := ParseColour(text)
	if err != nil {
		return Colour{}, Errorf(InvalidParams, "%s", err.Error())
	}
	return colour, nil
}
