package transformation

import (
	"math"
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// angleWords are the angles that are no numbers.
var angleWords = []string{"hflip", "vflip", "exif", "ignore", "auto_left", "auto_right"}

func checkAngle(text string) error {
	for _, part := range angles(text) {
		if n, ok := parseDecimal(part); !slices.Contains(angleWords, part) && (!ok || math.Abs(n) > farthest) {
			return invalid("angle", text)
		}
	}
	return nil
}

// angles takes apart what is joined by dots. A dot between digits may be that of a decimal number: hflip.45 are two angles,
// and 4.5 is one.
func angles(text string) []string {
	if _, ok := parseDecimal(text); ok {
		return []string{text}
	}
	return strings.Split(text, ".")
}

// autoTurn turns the picture by a quarter where it lies and the size that is asked for stands, or the other way round.
func (c *call) autoTurn() error {
	for _, part := range angles(c.params.get("a")) {
		degrees := 90.0
		switch part {
		case "auto_left":
			degrees = -90
		case "auto_right":
		default:
			continue
		}
		a, err := c.box(false)
		if err != nil {
			return err
		}
		if c.on.lost != "" {
			return c.unknown("a_" + part)
		}
		if a.Width == nil || a.Height == nil {
			continue
		}
		_, box, err := a.resized().Apply(c.on.size)
		if err != nil {
			return asError(err)
		}
		in := c.on.size
		if (box.Width > box.Height) != (in.Width > in.Height) && box.Width != box.Height && in.Width != in.Height {
			return c.on.then(&recipe.RotateOp{Degrees: &degrees})
		}
	}
	return nil
}

// turn turns and mirrors, in the order that is written.
func (c *call) turn() error {
	text := c.params.get("a")
	if text == "" {
		return nil
	}
	for _, part := range angles(text) {
		var op recipe.Operation
		switch part {
		case "hflip":
			op = &recipe.FlipOp{}
		case "vflip":
			op = &recipe.FlipOp{Direction: "vertical"}
		case "exif", "ignore", "auto_left", "auto_right":
			continue // upright is how pictures are read; the others have been seen to
		default:
			degrees, ok := parseDecimal(part)
			if !ok {
				return invalid("angle", text)
			}
			degrees = math.Mod(degrees, 360)
			turned := &recipe.RotateOp{Degrees: &degrees}
			colour, flat, err := c.background()
			if err != nil {
				return err
			}
			if flat {
				turned.Background = colour
			}
			if math.Mod(degrees, 90) != 0 && (!flat || !solid(colour)) {
				c.on.opaque = false
			}
			op = turned
		}
		if err := c.on.then(op); err != nil {
			return err
		}
	}
	return nil
}
