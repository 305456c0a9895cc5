package recipe

import "math"

// ShearOp slants the picture: its rows are moved to the side, the lower the further, and then its columns down, the further
// right the more. It is interpolated and grows to the box around it.
type ShearOp struct {
	// X is by how many degrees upright lines lean, -80 to 80: above 0 their lower end lies to the right. 0 by default.
	X float64 `json:"x,omitempty"`
	// Y is by how many degrees level lines lean after that, -80 to 80: above 0 their right end lies lower. 0 by default.
	Y float64 `json:"y,omitempty"`
	// Background is the colour of the corners: a CSS name, #rgb, #rgba, #rrggbb or #rrggbbaa; transparent by default, which
	// a format without transparency shows as white.
	Background string `json:"background,omitempty"`
}

// Name is shear.
func (*ShearOp) Name() string { return "shear" }

// Actions slants.
func (o *ShearOp) Actions(in Size) ([]Action, error) {
	if o.X == 0 && o.Y == 0 {
		return nil, nil
	}
	background, err := colourOr(o.Background, Colour{})
	if err != nil {
		return nil, err
	}
	across, down := math.Tan(o.X*math.Pi/180), math.Tan(o.Y*math.Pi/180)
	w, h := float64(in.Width), float64(in.Height)
	at := func(x, y float64) Point {
		x += across * y
		return Point{X: x, Y: y + down*x}
	}
	return warped([4]Point{at(0, 0), at(w, 0), at(w, h), at(0, h)}, background)
}

func (o *ShearOp) check(c *checker) {
	const most = 80
	c.between("x", o.X, -most, most)
	c.between("y", o.Y, -most, most)
	c.colour("background", o.Background)
}
