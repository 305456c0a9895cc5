package recipe

// FillOp makes a picture of exactly the given size that is covered all over: scaled by the larger of the two ratios,
// then what sticks out is cut off.
type FillOp struct {
	// Box needs both edges, or an aspect ratio.
	Box
	// Placement says which part stays. X and Y count pixels of the result.
	Placement
	Focus
	// Zoom comes closer: 2 shows half as much of the picture in each direction, at the same size. It is 1 to 100; 1 by
	// default.
	Zoom *float64 `json:"zoom,omitempty"`
	// Enlarge lets a small picture grow, as it does by default. With false it is only cut, and the result is smaller
	// than asked for.
	Enlarge *bool `json:"enlarge,omitempty"`
	// Shrink lets a large picture become smaller, as it does by default. With false it is only cut.
	Shrink *bool `json:"shrink,omitempty"`
	// KeepSmaller leaves a picture alone that is smaller than the box in both directions. One that is smaller in one of
	// them still grows.
	KeepSmaller bool `json:"keep_smaller,omitempty"`
}

// Name is fill.
func (*FillOp) Name() string { return "fill" }

// Actions scales to cover, then crops. A close look at a small part is cut out first, so that no picture comes up that
// is large all over.
func (o *FillOp) Actions(in Size) ([]Action, error) {
	box, zoom := o.size(in), orElse(o.Zoom, 1)
	if o.KeepSmaller && in.Width < box.Width && in.Height < box.Height {
		return nil, nil
	}
	wanted := zoom * max(float64(box.Width)/float64(in.Width), float64(box.Height)/float64(in.Height))
	factor := bounded(wanted, o.Enlarge == nil || *o.Enlarge, o.Shrink == nil || *o.Shrink)
	if factor < wanted {
		box = box.Within(in)
	}
	if factor > 1 && zoom > 1 {
		return cutAndScale(o.cut(o.Focus, box.times(1/factor).Within(in), in, 1/factor), in, box), nil
	}
	cover := in.times(factor)
	// Rounding must not leave the box uncovered by a pixel.
	cover = Size{Width: max(cover.Width, box.Width), Height: max(cover.Height, box.Height)}
	actions := scaleTo(in, cover)
	if cut := o.cut(o.Focus, box, cover, 1); cut != nil {
		actions = append(actions, cut)
	}
	return actions, nil
}

func (o *FillOp) check(c *checker) {
	c.wholeBox(o.Box)
	c.placement(o.Placement, o.Focus)
	c.within("zoom", o.Zoom, 1, 100)
}

// cutAndScale cuts, if there is anything to cut, and brings the rest to the size.
func cutAndScale(cut Action, in, out Size) []Action {
	if cut == nil {
		return scaleTo(in, out)
	}
	return append([]Action{cut}, scaleTo(cut.Result(in), out)...)
}
