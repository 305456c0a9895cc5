package recipe

// FitOp makes the largest picture of the same ratio inside a box. Nothing is cut off.
type FitOp struct {
	// Box needs an edge or an aspect ratio. With one edge the other side is open.
	Box
	// Enlarge lets a small picture grow to the box. By default it stays as it is.
	Enlarge bool `json:"enlarge,omitempty"`
	// Shrink lets a large picture become smaller, as it does by default. With false, and with enlarge, a picture only grows.
	Shrink *bool `json:"shrink,omitempty"`
	// Cover makes the smallest picture that covers the box instead: one edge is as asked for, and the other sticks out.
	Cover bool `json:"cover,omitempty"`
}

// Name is fit.
func (*FitOp) Name() string { return "fit" }

// Actions scales by the smaller of the two ratios between box and picture.
func (o *FitOp) Actions(in Size) ([]Action, error) {
	fit := o.inside
	if o.Cover {
		fit = o.around
	}
	return scaleTo(in, fit(in, o.Enlarge, o.Shrink == nil || *o.Shrink)), nil
}

func (o *FitOp) check(c *checker) { c.openBox(o.Box) }

// inside is the size of a picture that fits into the box.
func (b Box) inside(in Size, enlarge, shrink bool) Size {
	w, h := b.edges(in)
	factor := 1e9
	if w > 0 {
		factor = min(factor, w/float64(in.Width))
	}
	if h > 0 {
		factor = min(factor, h/float64(in.Height))
	}
	return in.times(bounded(factor, enlarge, shrink))
}

// around is the size of a picture that covers the box.
func (b Box) around(in Size, enlarge, shrink bool) Size {
	w, h := b.edges(in)
	return in.times(bounded(max(w/float64(in.Width), h/float64(in.Height)), enlarge, shrink))
}

// bounded is the factor, or 1 where it would go in a direction that is not allowed.
func bounded(factor float64, enlarge, shrink bool) float64 {
	if factor > 1 && !enlarge || factor < 1 && !shrink {
		return 1
	}
	return factor
}

// openBox checks a box that may be open on one side.
func (c *checker) openBox(b Box) {
	c.box(b)
	if !b.sized() {
		c.wrong("width", nil, "width, height or both, or an aspect_ratio")
	}
}
