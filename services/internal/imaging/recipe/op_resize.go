package recipe

// ResizeOp makes a picture of exactly the given size, and stretches it when the ratio differs. With one edge the other
// follows by the picture's ratio; with Scale both do.
type ResizeOp struct {
	// Box needs an edge or an aspect ratio, unless Scale is given.
	Box
	// Scale multiplies both edges, 0.001 to 10. It excludes width, height and aspect_ratio.
	Scale *float64 `json:"scale,omitempty"`
}

// Name is resize.
func (*ResizeOp) Name() string { return "resize" }

// Actions scales, with a Lanczos 3 kernel to become smaller and a bicubic one to become larger.
func (o *ResizeOp) Actions(in Size) ([]Action, error) {
	if o.Scale != nil {
		return scaleTo(in, in.times(*o.Scale*orElse(o.DPR, 1))), nil
	}
	return scaleTo(in, o.size(in)), nil
}

func (o *ResizeOp) check(c *checker) {
	c.box(o.Box)
	c.within("scale", o.Scale, 0.001, 10)
	if !o.sized() && o.Scale == nil {
		c.wrong("width", nil, "width, height or both, an aspect_ratio, or scale")
	}
	if o.sized() && o.Scale != nil {
		c.wrong("scale", *o.Scale, "either scale, or width, height and aspect_ratio")
	}
}

// scaleTo is the action for a new size, none when it is the old one.
func scaleTo(in, out Size) []Action {
	if in == out {
		return nil
	}
	return []Action{Scale{Size: out}}
}
