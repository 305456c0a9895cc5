package blitline

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// readColour reads a colour as ImageMagick writes it: a name, gray0 to gray100 among them, hexadecimal digits, of which
// there may be four for a channel, rgb() and rgba(). The result is one of the recipe's.
func readColour(text string) (string, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "none" {
		return "transparent", true
	}
	if _, err := recipe.ParseColour(text); err == nil {
		return text, true
	}
	if _, err := recipe.ParseColour("#" + text); err == nil && len(text) >= 6 { // some clients forget the sign
		return "#" + text, true
	}
	if digits, ok := strings.CutPrefix(text, "#"); ok && (len(digits) == 12 || len(digits) == 16) {
		var short strings.Builder
		short.WriteByte('#')
		for i := 0; i < len(digits); i += 4 {
			short.WriteString(digits[i : i+2])
		}
		_, err := recipe.ParseColour(short.String())
		return short.String(), err == nil
	}
	if level, ok := strings.CutPrefix(strings.Replace(text, "grey", "gray", 1), "gray"); ok {
		percent, err := strconv.Atoi(level)
		gray := uint8(math.Round(clamp(float64(percent), 0, 100) * 255 / 100))
		return fmt.Sprintf("#%02x%02x%02x", gray, gray, gray), err == nil && percent >= 0 && percent <= 100
	}
	return readFunction(text)
}

// readFunction reads rgb() and rgba().
func readFunction(text string) (string, bool) {
	kind, rest, found := strings.Cut(text, "(")
	inside, closed := strings.CutSuffix(rest, ")")
	values := strings.Split(inside, ",")
	if !found || !closed || (kind != "rgb" && kind != "rgba") || len(values) != 3 && len(values) != 4 {
		return "", false
	}
	bytes := [4]uint8{3: 255}
	for i, value := range values {
		number, percent := strings.CutSuffix(strings.TrimSpace(value), "%")
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || math.IsNaN(v) {
			return "", false
		}
		switch {
		case percent:
			v = v * 255 / 100
		case i == 3: // opacity is a share
			v *= 255
		}
		bytes[i] = uint8(math.Round(clamp(v, 0, 255)))
	}
	return fmt.Sprintf("#%02x%02x%02x%02x", bytes[0], bytes[1], bytes[2], bytes[3]), true
}

// faded is a colour with its opacity multiplied.
func faded(colour string, opacity float64) string {
	c, err := recipe.ParseColour(colour)
	if err != nil || opacity >= 1 {
		return colour
	}
	return fmt.Sprintf("#%02x%02x%02x%02x", c.R, c.G, c.B, uint8(math.Round(float64(c.A)*max(opacity, 0))))
}
