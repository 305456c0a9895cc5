package recipe

// TrimOp cuts off a border of one colour. A pixel belongs to the border when no channel is further from the border's
// colour than the tolerance, or when it is clear. Where the border itself is clear, only the opacity of a pixel counts. A
// picture that is nothing but border stays as it is. In an animation the first frame decides for all.
type TrimOp struct {
	// Tolerance is how far a colour may be from the border's, in percent of the range of a channel: 0 (the same) to 100; 10
	// by default.
	Tolerance *float64 `json:"tolerance,omitempty"`
	// Color is the border's colour: a CSS name, #rgb, #rgba, #rrggbb or #rrggbbaa; by default that of the upper left pixel.
	Color string `json:"color,omitempty"`
	// Padding is how much of the border to leave, in pixels, 0 to 16383; 0 by default.
	Padding *int `json:"padding,omitempty"`
}

// Name is trim.
func (*TrimOp) Name() string { return "trim" }

// Actions trims.
func (o *TrimOp) Actions(Size) ([]Action, error) {
	trim := Trim{Tolerance: percent(o.Tolerance, 10)}
	if o.Padding != nil {
		trim.Padding = *o.Padding
	}
	if o.Color != "" {
		colour, err := colourOr(o.Color, Colour{})
		if err != nil {
			return nil, err
		}
		trim.Border = &colour
	}
	return []Action{trim}, nil
}

func (o *TrimOp) check(c *checker) {
	c.within("tolerance", o.Tolerance, 0, 100)
	c.colour("color", o.Color)
	if o.Padding != nil && (*o.Padding < 0 || *o.Padding > MaxEdge) {
		c.wrong("padding", *o.Padding, "a whole number of pixels, 0 to %d", MaxEdge)
	}
}
