package recipe

// ColorizeOp lays a flat colour over the picture. Opacity stays.
type ColorizeOp struct {
	// Colour is what is laid over; gray (#808080) by default. Its opacity is ignored.
	Colour string `json:"color,omitempty"`
	// Amount is 0 (nothing changes) to 1 (only the colour is left); 0.5 by default.
	Amount *float64 `json:"amount,omitempty"`
}

// Name is colorize.
func (*ColorizeOp) Name() string { return "colorize" }

// Actions blends.
func (o *ColorizeOp) Actions(Size) ([]Action, error) {
	colour, err := solid(o.Colour, Colour{R: 128, G: 128, B: 128})
	amount := orElse(o.Amount, 0.5)
	if err != nil || amount == 0 {
		return nil, err
	}
	towards := func(value uint8) [256]uint8 {
		return table(func(v float64) float64 { return v*(1-amount) + float64(value)/255*amount })
	}
	return []Action{Curve{Red: towards(colour.R), Green: towards(colour.G), Blue: towards(colour.B)}}, nil
}

func (o *ColorizeOp) check(c *checker) {
	c.colour("color", o.Colour)
	c.within("amount", o.Amount, 0, 1)
}
