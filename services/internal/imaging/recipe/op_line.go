package recipe

// LineOp draws a straight line on the picture, from the middle of one pixel to the middle of another. What lies outside
// is left out.
type LineOp struct {
	// X and Y are the pixel where the line begins, in pixels from the picture's upper left corner, -1000000 to 1000000, or
	// shares of its width and height, "-1000%" to "1000%"; absent is 0.
	X *Length `json:"x,omitempty"`
	Y *Length `json:"y,omitempty"`
	// ToX and ToY are the pixel where it ends, in pixels from the picture's upper left corner, -1000000 to 1000000, or
	// shares of its width and height, "-1000%" to "1000%".
	ToX *Length `json:"to_x,omitempty"`
	ToY *Length `json:"to_y,omitempty"`
	// Width is how thick the line is in pixels, 0.1 to 1000; 1 by default.
	Width *float64 `json:"width,omitempty"`
	// Color is that of the line; white by default.
	Color string `json:"color,omitempty"`
	// Round ends the line with half a disc beyond both ends.
	Round bool `json:"round,omitempty"`
}

// Name is line.
func (*LineOp) Name() string { return "line" }

// Actions draws the line.
func (o *LineOp) Actions(in Size) ([]Action, error) {
	return []Action{Drawing{
		Line: true, X: o.X.of(in.Width) + 0.5, Y: o.Y.of(in.Height) + 0.5,
		ToX: o.ToX.of(in.Width) + 0.5, ToY: o.ToY.of(in.Height) + 0.5,
		Stroke: orElse(o.Width, 1), StrokeColour: checkedColour(o.Color, Colour{255, 255, 255, 255}), Round: o.Round,
	}}, nil
}

func (o *LineOp) check(c *checker) {
	c.length("x", o.X, -farthest, farthest)
	c.length("y", o.Y, -farthest, farthest)
	c.length("to_x", o.ToX, -farthest, farthest)
	c.length("to_y", o.ToY, -farthest, farthest)
	const want = `a whole number of pixels, or a share such as "50%%"`
	if o.ToX == nil {
		c.wrong("to_x", nil, want)
	}
	if o.ToY == nil {
		c.wrong("to_y", nil, want)
	}
	c.within("width", o.Width, 0.1, 1000)
	c.colour("color", o.Color)
}
