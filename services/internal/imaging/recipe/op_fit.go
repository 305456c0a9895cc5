package recipe

// FitOp makes the largest picture of the same ratio inside a box. Nothing is cut off.
type FitOp struct {
	// Width and Height are the box in pixels, 1 to 16383. At least one is given; the other side is then open.
	Width  *int `json:"width,omitempty"`
	Height *int `json:"height,omitempty"`
	// Enlarge lets a small picture grow to the box. By default it stays as it is.
	Enlarge bool `json:"enlarge,omitempty"`
}

// Name is fit.
func (*FitOp) Name() string { return "fit" }

// Actions scales by the smaller of the two ratios between box and picture.
func (o *FitOp) Actions(in Size) ([]Action, error) {
	factor := 1e9
	if o.Width != nil {
		factor = min(factor, float64(*o.Width)/float64(in.Width))
	}
	if o.Height != nil {
		factor = min(factor, float64(*o.Height)/float64(in.Height))
	}
	if !o.Enlarge {
		factor = min(factor, 1)
	}
	return scaleTo(in, in.times(factor)), nil
}

func (o *FitOp) check(c *checker) {
	c.edge("width", o.Width)
	c.edge("height", o.Height)
	if o.Width == nil && o.Height == nil {
		c.wrong("width", nil, "width, height or both")
	}
}
