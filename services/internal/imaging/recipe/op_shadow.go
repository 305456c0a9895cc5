package recipe

import "math"

// ShadowOp lays a shadow of the picture's own shape behind it. The picture becomes transparent around itself, and grows as
// far as the shadow reaches.
type ShadowOp struct {
	// X and Y are how far the shadow lies to the right and down, in pixels, -500 to 500; 0 by default.
	X int `json:"x,omitempty"`
	Y int `json:"y,omitempty"`
	// Sigma is the standard deviation of its blur in pixels, 0 (sharp) to 50; 5 by default. The shadow reaches three of
	// them further than the picture.
	Sigma *float64 `json:"sigma,omitempty"`
	// Colour is that of the shadow, with its opacity; #00000080 by default.
	Colour string `json:"color,omitempty"`
}

// Name is shadow.
func (*ShadowOp) Name() string { return "shadow" }

// Actions lays the shadow.
func (o *ShadowOp) Actions(Size) ([]Action, error) {
	colour, err := colourOr(o.Colour, Colour{A: 128})
	if err != nil || colour.A == 0 {
		return nil, err
	}
	return []Action{Shadow{X: o.X, Y: o.Y, Sigma: orElse(o.Sigma, 5), Colour: colour}}, nil
}

func (o *ShadowOp) check(c *checker) {
	c.between("x", float64(o.X), -500, 500)
	c.between("y", float64(o.Y), -500, 500)
	c.within("sigma", o.Sigma, 0, 50)
	c.colour("color", o.Colour)
}

// Room is the size of the picture with its shadow, and where in it the picture's own upper left corner lies.
func (a Shadow) Room(in Size) (left, top int, size Size) {
	reach := int(math.Ceil(3 * a.Sigma))
	left, top = max(0, reach-a.X), max(0, reach-a.Y)
	return left, top, Size{
		Width: left + in.Width + max(0, reach+a.X), Height: top + in.Height + max(0, reach+a.Y),
	}
}

// Result is the size with the shadow.
func (a Shadow) Result(in Size) Size {
	_, _, size := a.Room(in)
	return size
}
