package recipe

// AspectOp cuts the picture to a ratio: the largest box of that ratio stays. Nothing is scaled.
type AspectOp struct {
	// AspectRatio is the width divided by the height, 0.001 to 1000: a number, or a text such as "16:9".
	AspectRatio *Ratio `json:"aspect_ratio,omitempty"`
	// Placement says which part stays.
	Placement
	Focus
}

// Name is aspect.
func (*AspectOp) Name() string { return "aspect" }

// Actions crops.
func (o *AspectOp) Actions(in Size) ([]Action, error) {
	box, ratio := in, float64(*o.AspectRatio)
	if float64(in.Width) > ratio*float64(in.Height) {
		box.Width = edge(ratio * float64(in.Height))
	} else {
		box.Height = edge(float64(in.Width) / ratio)
	}
	return listed(o.cut(o.Focus, box.Within(in), in, 1)), nil
}

func (o *AspectOp) check(c *checker) {
	if o.AspectRatio == nil {
		c.wrong("aspect_ratio", nil, `a number from %g to %d, or a text such as "16:9"`, leastRatio, mostRatio)
	}
	c.ratio("aspect_ratio", o.AspectRatio)
	c.placement(o.Placement, o.Focus)
}
