package recipe

// OilPaintOp paints the picture with strokes of one colour: the most frequent lightness around each pixel is found, and
// the average colour of what has it is put there. Opacity stays, and clear pixels do not count.
type OilPaintOp struct {
	// Radius is 0 to 10 pixels: the square around a pixel has edges of 2·radius + 1. 4 by default; 0 changes nothing.
	Radius *int `json:"radius,omitempty"`
	// Levels is how many degrees of lightness are told apart, 2 (few, large strokes) to 64; 20 by default.
	Levels *int `json:"levels,omitempty"`
}

// Name is oil_paint.
func (*OilPaintOp) Name() string { return "oil_paint" }

// Actions paints.
func (o *OilPaintOp) Actions(Size) ([]Action, error) {
	radius := count(o.Radius, 4)
	if radius == 0 {
		return nil, nil
	}
	return []Action{OilPaint{Radius: radius, Levels: count(o.Levels, 20)}}, nil
}

func (o *OilPaintOp) check(c *checker) {
	c.count("radius", o.Radius, 0, 10)
	c.count("levels", o.Levels, 2, 64)
}
