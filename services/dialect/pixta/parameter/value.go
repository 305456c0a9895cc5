package parameter

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// largest is the longest edge of a picture in pixels: more is made smaller, and not refused.
const largest = 8192

// check says what would have been right in the place of a value; empty when the value is.
func (d definition) check(value string) (want string) {
	ok := false
	switch d.kind {
	case text:
		ok, want = utf8.ValidString(value), "a text in UTF-8"
	case whole, decimal:
		ok, want = d.number(value)
	case extent:
		_, ok = parseExtent(value)
		want = "a whole number of pixels from 1, or a share from 0.0 to 1.0"
	case flag:
		_, ok = parseFlag(value)
		want = "true or false"
	case word:
		ok, want = slices.Contains(d.words, value), "one of "+strings.Join(d.words, ", ")
	case words:
		ok, want = d.all(value), "a list of "+strings.Join(d.words, ", ")
	case ratio:
		_, ok = parseRatio(value)
		want = "a ratio such as 16:9"
	case rect:
		_, ok = parseRect(value)
		want = "x,y,w,h in pixels or shares, where x may be left, center or right and y top, middle or bottom"
	default:
		ok, want = d.looks(value)
	}
	if ok {
		return ""
	}
	return want
}

// looks checks colours, pictures and what is drawn with them.
func (d definition) looks(value string) (ok bool, want string) {
	_, isColour := parseColour(value)
	const colours = "a CSS name, or 3, 4, 6 or 8 hexadecimal digits, of which 4 and 8 begin with the opacity"
	switch d.kind {
	case colour:
		return isColour, colours
	case filling:
		return isColour || slices.Contains(d.words, value), "one of " + strings.Join(d.words, ", ") + ", or " + colours
	case pair:
		_, ok = parsePair(value)
		return ok, "two colours with a comma between"
	case line:
		_, _, ok = parseLine(value)
		return ok, "a thickness of 1 to 100 pixels and a colour, with a comma between"
	case corners:
		_, ok = parseCorners(value)
		return ok, "one radius in pixels, or four with commas between"
	case layer:
		return isColour || isPicture(value), "a colour, an address or a path"
	default:
		return isPicture(value), "an address or a path"
	}
}

// number checks a number. One out of a range that is not strict is brought into it later.
func (d definition) number(value string) (ok bool, want string) {
	n, ok := parseNumber(value)
	want = "a number"
	if d.kind == whole {
		ok, want = ok && n == math.Trunc(n), "a whole number"
	}
	if d.strict {
		ok = ok && n >= d.low && n <= d.high
		want += fmt.Sprintf(" from %g to %g", d.low, d.high)
	}
	return ok, want
}

func (d definition) all(value string) bool {
	for part := range strings.SplitSeq(value, ",") {
		if !slices.Contains(d.words, strings.TrimSpace(part)) {
			return false
		}
	}
	return true
}

// parseNumber reads a decimal number without an exponent, as people write them.
func parseNumber(value string) (float64, bool) {
	if strings.Trim(value, "+-.0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(value, 64)
	return n, err == nil
}

// parseFlag reads a boolean.
func parseFlag(value string) (on, ok bool) {
	switch strings.ToLower(value) {
	case "true", "1", "yes":
		return true, true
	case "false", "0", "no":
		return false, true
	default:
		return false, false
	}
}

// length is a number of pixels, or a share of an edge.
type length struct {
	amount float64
	share  bool
}

// parseExtent reads pixels or a share: 0.5 is one, and so is 1, because no picture is one pixel wide.
func parseExtent(value string) (length, bool) {
	n, ok := parseNumber(value)
	switch {
	case !ok || n <= 0:
		return length{}, false
	case n <= 1:
		return length{amount: n, share: true}, true
	case n != math.Trunc(n):
		return length{}, false
	default:
		return length{amount: min(n, largest)}, true
	}
}

// times is the length for a screen with so many pixels in the place of one.
func (l length) times(factor float64) length {
	l.amount *= factor
	if !l.share {
		l.amount = max(1, math.Round(l.amount))
	}
	return l
}

// recipe is the length as the recipe writes it.
func (l length) recipe() *recipe.Length {
	if l.share {
		return recipe.Share(l.amount)
	}
	return recipe.Pixels(int(l.amount))
}

// parseColour reads a CSS name, or 3, 4, 6 or 8 hexadecimal digits, opacity first, into what the recipe writes.
func parseColour(value string) (string, bool) {
	digits := strings.ToLower(strings.TrimPrefix(value, "#"))
	if !strings.HasPrefix(value, "#") && strings.Trim(digits, "0123456789abcdef") != "" {
		_, err := recipe.ParseColour(digits)
		return digits, err == nil
	}
	switch len(digits) {
	case 4:
		digits = digits[1:] + digits[:1]
	case 8:
		digits = digits[2:] + digits[:2]
	}
	if _, err := recipe.ParseColour("#" + digits); err == nil {
		return "#" + digits, true
	}
	return "", false
}

func parsePair(value string) (two [2]string, ok bool) {
	first, second, found := strings.Cut(value, ",")
	one, ok := parseColour(strings.TrimSpace(first))
	other, also := parseColour(strings.TrimSpace(second))
	return [2]string{one, other}, found && ok && also
}

func parseLine(value string) (width int, colour string, ok bool) {
	thick, rest, found := strings.Cut(value, ",")
	width, err := strconv.Atoi(strings.TrimSpace(thick))
	colour, ok = parseColour(strings.TrimSpace(rest))
	return width, colour, found && ok && err == nil && width >= 1 && width <= 100
}

func parseCorners(value string) (radii [4]int, ok bool) {
	parts := strings.Split(value, ",")
	if len(parts) != 1 && len(parts) != 4 {
		return radii, false
	}
	for i := range radii {
		n, err := strconv.Atoi(strings.TrimSpace(parts[i%len(parts)]))
		if err != nil || n < 0 {
			return radii, false
		}
		radii[i] = min(n, largest)
	}
	return radii, true
}

func parseRatio(value string) (recipe.Ratio, bool) {
	across, down, found := strings.Cut(value, ":")
	w, ok := parseNumber(across)
	h, also := parseNumber(down)
	if !found {
		h, also = 1, true
	}
	r := w / h
	return recipe.Ratio(r), ok && also && r >= 0.001 && r <= 1000
}

// isPicture tells whether a text can name a picture: an address, or a path in the source.
func isPicture(value string) bool {
	return value != "" && len(value) <= maxPath && utf8.ValidString(value) && !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' })
}

// maxPath bounds addresses and paths, in bytes.
const maxPath = 2048
