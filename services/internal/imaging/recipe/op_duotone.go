package recipe

// DuotoneOp prints the picture in two colours: grays (those of [GrayscaleOp]) become a gradient between them.
type DuotoneOp struct {
	// Shadow is the colour for black; black by default. Its opacity is ignored.
	Shadow string `json:"shadow,omitempty"`
	// Highlight is the colour for white; white by default. Its opacity is ignored.
	Highlight string `json:"highlight,omitempty"`
	// Alpha is how opaque the print lies on the picture, 0 (nothing changes) to 1, the default.
	Alpha *float64 `json:"alpha,omitempty"`
}

// Name is duotone.
func (*DuotoneOp) Name() string { return "duotone" }

// Actions looks the colours of the gradient up.
func (o *DuotoneOp) Actions(Size) ([]Action, error) {
	shadow, err := solid(o.Shadow, Colour{})
	if err != nil {
		return nil, err
	}
	highlight, err := solid(o.Highlight, Colour{R: 255, G: 255, B: 255})
	if err != nil {
		return nil, err
	}
	return mixed(orElse(o.Alpha, 1), Gray{}, gradient(even(shadow, highlight))), nil
}

func (o *DuotoneOp) check(c *checker) {
	c.colour("shadow", o.Shadow)
	c.colour("highlight", o.Highlight)
	c.within("alpha", o.Alpha, 0, 1)
}
