package recipe

import "math"

// OutlineOp draws a line around the picture's own shape, behind it. The picture becomes transparent around itself, and
// grows as far as the line reaches.
type OutlineOp struct {
	// Width is how thick the line is in pixels, 1 to 100; 5 by default.
	Width *float64 `json:"width,omitempty"`
	// Sigma is the standard deviation of its blur in pixels, 0 (sharp), the default, to 50.
	Sigma float64 `json:"sigma,omitempty"`
	// Color is that of the line, with its opacity; black by default.
	Color string `json:"color,omitempty"`
}

// Name is outline.
func (*OutlineOp) Name() string { return "outline" }

// Actions lays the line behind.
func (o *OutlineOp) Actions(Size) ([]Action, error) {
	colour, err := colourOr(o.Color, Colour{A: math.MaxUint8})
	if err != nil || colour.A == 0 {
		return nil, err
	}
	return []Action{Outline{Width: orElse(o.Width, 5), Sigma: o.Sigma, Colour: colour}}, nil
}

func (o *OutlineOp) check(c *checker) {
	c.within("width", o.Width, 1, 100)
	c.between("sigma", o.Sigma, 0, 50)
	c.colour("color", o.Color)
}

// Reach is by how many pixels the picture grows on each side.
func (a Outline) Reach() int { return int(math.Ceil(a.Width + 3*a.Sigma)) }

// Result is the size with the line.
func (a Outline) Result(in Size) Size {
	return Size{Width: in.Width + 2*a.Reach(), Height: in.Height + 2*a.Reach()}
}
