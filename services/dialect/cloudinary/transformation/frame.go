package transformation

import (
	"math"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// corners is a radius: max, or one for each corner from the upper left clockwise.
type corners struct {
	max    bool
	radius [4]float64
}

// orders are which value each corner takes, from the upper left clockwise, where there are one to four values.
var orders = [][4]int{{0, 0, 0, 0}, {0, 1, 0, 1}, {0, 1, 2, 1}, {0, 1, 2, 3}}

func checkRadius(text string) error {
	if text == "max" {
		return nil
	}
	parts := strings.Split(text, ":")
	if len(parts) > len(orders) {
		return invalid("radius", text)
	}
	for _, part := range parts {
		e, ok := parseExpression(part)
		if !ok || e.isText() || e.plain() && (e.first.literal.number < 0 || e.first.literal.number > recipe.MaxEdge) {
			return invalid("radius", text)
		}
	}
	return nil
}

// corners reads r_.
func (c *call) corners() (*corners, error) {
	text := c.params.get("r")
	switch text {
	case "":
		return nil, nil
	case "max":
		return &corners{max: true}, nil
	}
	if err := checkRadius(text); err != nil {
		return nil, err
	}
	var values []float64
	for part := range strings.SplitSeq(text, ":") {
		v, err := c.evaluate("r", part)
		if err != nil {
			return nil, err
		}
		if v.number < 0 || v.number > recipe.MaxEdge {
			return nil, invalid("radius", text)
		}
		values = append(values, math.Round(v.number))
	}
	found := &corners{}
	for i, from := range orders[len(values)-1] {
		found.radius[i] = values[from]
	}
	return found, nil
}

// border is a line around the picture.
type border struct {
	width  int
	colour string
}

// thickest is the thickest border in pixels.
const thickest = 1000

// parseBorder reads a border such as 4px_solid_rgb:0066ff.
func parseBorder(text string) (border, bool) {
	thickness, rest, _ := strings.Cut(text, "px_")
	colour, isSolid := strings.CutPrefix(rest, "solid_")
	width, ok := wholeNumber(thickness, 0, thickest)
	parsed, isColour := parseColour(colour)
	return border{width, parsed}, ok && isSolid && isColour
}

func checkBorder(text string) error {
	if _, ok := parseBorder(text); !ok {
		return invalid("border", text)
	}
	return nil
}

// frame rounds the corners and draws a border along them.
func (c *call) frame() error {
	round, err := c.corners()
	if err != nil {
		return err
	}
	line, _ := parseBorder(c.params.get("bo"))
	if round == nil {
		return c.line(line)
	}
	if line.width == 0 {
		return c.round(*round, "")
	}
	// A ring: the corners that the inner edge cuts off and the straight border are of one colour, and the outer edge is cut
	// where the border is as thick in the corners as along the edges.
	if err := c.round(*round, line.colour); err != nil {
		return err
	}
	if err := c.line(line); err != nil {
		return err
	}
	for i, radius := range round.radius {
		if radius > 0 {
			round.radius[i] = min(radius+float64(line.width), recipe.MaxEdge)
		}
	}
	return c.round(*round, "")
}

func (c *call) line(b border) error {
	if b.width == 0 {
		return nil
	}
	if !solid(b.colour) {
		c.on.opaque = false
	}
	return c.on.then(&recipe.BorderOp{Width: recipe.Pixels(b.width), Color: b.colour})
}

func (c *call) round(to corners, outside string) error {
	if outside == "" && to != (corners{}) {
		c.on.opaque = false
	}
	radii := &recipe.Radii{Max: to.max}
	for i, radius := range to.radius {
		radii.Corners[i] = int(radius)
	}
	return c.on.then(&recipe.RoundOp{Radius: radii, Background: outside})
}
