package recipe

// MonochromeOp prints the picture in shades of one colour: grays (those of [GrayscaleOp]) become a gradient from black
// by the colour to white, in which the colour stands where it is as light as the gray it replaces.
type MonochromeOp struct {
	// Colour is the one colour; gray (#808080) by default. Its opacity is ignored.
	Colour string `json:"color,omitempty"`
	// Alpha is how opaque the print lies on the picture, 0 (nothing changes) to 1, the default.
	Alpha *float64 `json:"alpha,omitempty"`
}

// Name is monochrome.
func (*MonochromeOp) Name() string { return "monochrome" }

// Actions looks the shades up.
func (o *MonochromeOp) Actions(Size) ([]Action, error) {
	colour, err := solid(o.Colour, Colour{R: 128, G: 128, B: 128})
	if err != nil {
		return nil, err
	}
	return mixed(orElse(o.Alpha, 1), Gray{}, gradient(shades(colour))), nil
}

func (o *MonochromeOp) check(c *checker) {
	c.colour("color", o.Colour)
	c.within("alpha", o.Alpha, 0, 1)
}
