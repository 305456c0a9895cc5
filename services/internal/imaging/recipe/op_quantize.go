package recipe

// QuantizeOp reduces the picture to few colours of its own. Each of an animation's frames has its own. Opacity stays, and
// clear pixels do not count.
//
// The palette is found by splitting boxes of the colour space where their variance is largest, until there are enough,
// and moving the colours to the middle of what is nearest to them (Lloyd's algorithm), on a histogram of 32 values a
// channel. A picture of no more colours stays exactly as it is.
type QuantizeOp struct {
	// Colours is how many are left at most, 2 to 256; 256 by default.
	Colours *int `json:"colors,omitempty"`
	// Dither spreads the error of each pixel to its neighbours, so that the colours between seem to be there (Floyd and
	// Steinberg). By default it does not.
	Dither bool `json:"dither,omitempty"`
}

// Name is quantize.
func (*QuantizeOp) Name() string { return "quantize" }

// Actions reduces the colours.
func (o *QuantizeOp) Actions(Size) ([]Action, error) {
	return []Action{Quantize{Colours: count(o.Colours, 256), Dither: o.Dither}}, nil
}

func (o *QuantizeOp) check(c *checker) { c.count("colors", o.Colours, 2, 256) }

// count is an optional whole number or its default.
func count(value *int, other int) int {
	if value == nil {
		return other
	}
	return *value
}

// count checks an optional whole number.
func (c *checker) count(param string, value *int, low, high int) {
	if value != nil && (*value < low || *value > high) {
		c.wrong(param, *value, "a whole number from %d to %d", low, high)
	}
}
