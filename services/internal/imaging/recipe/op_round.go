package recipe

// RoundOp rounds the picture's corners off. Radii that are too large for an edge are made smaller together, by the rule
// of CSS (Backgrounds and Borders Module Level 3, 4.5).
type RoundOp struct {
	// Radius is in pixels, 0 to 16383: one number, or a list of four for the corners in the order upper left, upper right,
	// lower right, lower left. "max" makes an ellipse of the picture, and a circle of a square one.
	Radius *Radii `json:"radius,omitempty"`
	// Background is the colour outside: a CSS name, #rgb, #rgba, #rrggbb or #rrggbbaa; transparent by default, which a format
	// without transparency shows as white.
	Background string `json:"background,omitempty"`
}

// Name is round.
func (*RoundOp) Name() string { return "round" }

// Actions masks the corners.
func (o *RoundOp) Actions(in Size) ([]Action, error) {
	background, err := colourOr(o.Background, Colour{})
	if err != nil {
		return nil, err
	}
	if o.Radius.Max {
		return []Action{ellipse(in, in, background)}, nil
	}
	w, h := float64(in.Width), float64(in.Height)
	var r [4]float64
	for i, radius := range o.Radius.Corners {
		r[i] = float64(radius)
	}
	scale := 1.0
	for _, side := range []struct{ length, taken float64 }{{w, r[0] + r[1]}, {h, r[1] + r[2]}, {w, r[2] + r[3]}, {h, r[3] + r[0]}} {
		if side.taken > side.length {
			scale = min(scale, side.length/side.taken)
		}
	}
	mask := Mask{Inner: in, Background: background}
	for i := range r {
		mask.Corners[i] = Radius{X: r[i] * scale, Y: r[i] * scale}
	}
	if mask.Corners == [4]Radius{} {
		return nil, nil
	}
	return []Action{mask}, nil
}

func (o *RoundOp) check(c *checker) {
	if o.Radius == nil {
		c.wrong("radius", nil, "%s", Radii{}.kind())
	}
	c.radii("radius", o.Radius)
	c.colour("background", o.Background)
}

// ellipse keeps the ellipse within a box in the middle of the picture.
func ellipse(box, in Size, background Colour) Mask {
	mask := Mask{X: float64(in.Width-box.Width) / 2, Y: float64(in.Height-box.Height) / 2, Inner: box, Background: background}
	for i := range mask.Corners {
		mask.Corners[i] = Radius{X: float64(box.Width) / 2, Y: float64(box.Height) / 2}
	}
	return mask
}
