package recipe

// ClearColorOp makes a colour transparent, wherever in the picture it is: a background of one colour most of all. A pixel
// has the colour when no channel is further from it than the tolerance. A format without transparency shows white in its
// place.
type ClearColorOp struct {
	// Tolerance is how far a channel may be from the colour's, in percent of its range: 0 (the same) to 100; 10 by default.
	Tolerance *float64 `json:"tolerance,omitempty"`
	// Color is the colour, whose opacity is ignored; by default that of the upper left pixel.
	Color string `json:"color,omitempty"`
}

// Name is clear_color.
func (*ClearColorOp) Name() string { return "clear_color" }

// Actions clears the colour.
func (o *ClearColorOp) Actions(Size) ([]Action, error) {
	clear := ClearColour{Tolerance: percent(o.Tolerance, 10)}
	if o.Color != "" {
		colour, err := solid(o.Color, Colour{})
		if err != nil {
			return nil, err
		}
		clear.Colour = &colour
	}
	return []Action{clear}, nil
}

func (o *ClearColorOp) check(c *checker) {
	c.within("tolerance", o.Tolerance, 0, 100)
	c.colour("color", o.Color)
}

// percent is an optional share of a channel's range, of 255.
func percent(share *float64, other float64) float64 { return orElse(share, other) / 100 * 255 }
