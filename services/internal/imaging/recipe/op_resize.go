package recipe

// ResizeOp makes a picture of exactly the given size, and stretches it when the ratio differs. With one edge the other
// follows by the ratio; with Scale both do.
type ResizeOp struct {
	// Width and Height are in pixels, 1 to 16383. At least one is given, unless Scale is.
	Width  *int `json:"width,omitempty"`
	Height *int `json:"height,omitempty"`
	// Scale multiplies both edges, 0.001 to 10. It excludes Width and Height.
	Scale *float64 `json:"scale,omitempty"`
}

// Name is resize.
func (*ResizeOp) Name() string { return "resize" }

// Actions scales, with Lanczos 3.
func (o *ResizeOp) Actions(in Size) ([]Action, error) {
	var out Size
	switch {
	case o.Scale != nil:
		out = in.times(*o.Scale)
	case o.Width == nil:
		out = Size{Width: in.times(float64(*o.Height) / float64(in.Height)).Width, Height: *o.Height}
	case o.Height == nil:
		out = Size{Width: *o.Width, Height: in.times(float64(*o.Width) / float64(in.Width)).Height}
	default:
		out = Size{Width: *o.Width, Height: *o.Height}
	}
	return scaleTo(in, out), nil
}

func (o *ResizeOp) check(c *checker) {
	c.edge("width", o.Width)
	c.edge("height", o.Height)
	c.within("scale", o.Scale, 0.001, 10)
	sized := o.Width != nil || o.Height != nil
	if !sized && o.Scale == nil {
		c.wrong("width", nil, "width, height or both, or scale")
	}
	if sized && o.Scale != nil {
		c.wrong("scale", *o.Scale, "either scale, or width and height")
	}
}

// scaleTo is the action for a new size, none when it is the old one.
func scaleTo(in, out Size) []Action {
	if in == out {
		return nil
	}
	return []Action{Scale{Size: out}}
}
