package recipe

// CropOp keeps a part of the picture: a box at a corner, at a gravity or around a point. What lies outside the picture
// is left out, so the result can be smaller than asked for; a box wholly outside is an error of the output.
type CropOp struct {
	// Box needs both edges, or an aspect ratio.
	Box
	// Placement says which part stays. Without a gravity X and Y are the upper left corner of the box.
	Placement
	Focus
	// Zoom comes closer: with 2 a box of half the width and height is kept, and enlarged to the size asked for. It is 1 to
	// 100; 1 by default.
	Zoom *float64 `json:"zoom,omitempty"`
	// KeepRatio makes a box that is larger than the picture smaller in both directions alike, so that what is kept has its
	// ratio.
	KeepRatio bool `json:"keep_ratio,omitempty"`
}

// Name is crop.
func (*CropOp) Name() string { return "crop" }

// Actions cuts the box, clamped to the picture. It fails with [CropOutside] when nothing is left.
func (o *CropOp) Actions(in Size) ([]Action, error) {
	zoom := orElse(o.Zoom, 1)
	box := o.size(in)
	if o.KeepRatio {
		box = box.times(min(1, float64(in.Width)/float64(box.Width), float64(in.Height)/float64(box.Height)))
	}
	if zoom > 1 {
		box = box.times(1 / zoom)
	}
	cut, err := o.at(box, in)
	if err != nil || zoom == 1 {
		return listed(cut), err
	}
	kept := in
	if cut != nil {
		kept = cut.Result(in)
	}
	return cutAndScale(cut, in, kept.times(zoom)), nil
}

// at is the action that keeps the box, or nil when it is the whole picture.
func (o *CropOp) at(box, in Size) (Action, error) {
	placed := o.Placement
	if o.given() || placed.Gravity.smart() || placed.X == nil && placed.Y == nil {
		return placed.cut(o.Focus, box.Within(in), in, 1), nil
	}
	if placed.Gravity == "" {
		placed.Gravity = NorthWest
	}
	left, top := placed.Gravity.place(box, in)
	dx, dy := placed.offset(in, 1)
	left, top = left+dx, top+dy
	right, bottom := min(left+box.Width, in.Width), min(top+box.Height, in.Height)
	x, y := max(left, 0), max(top, 0)
	kept := Size{Width: right - x, Height: bottom - y}
	if kept.Width <= 0 || kept.Height <= 0 {
		return nil, Errorf(CropOutside, "the crop of %d × %d pixels at %d, %d lies outside the picture of %d × %d pixels",
			box.Width, box.Height, left, top, in.Width, in.Height)
	}
	if kept == in {
		return nil, nil
	}
	return Crop{X: x, Y: y, Size: kept}, nil
}

func (o *CropOp) check(c *checker) {
	c.wholeBox(o.Box)
	c.placement(o.Placement, o.Focus)
	c.within("zoom", o.Zoom, 1, 100)
}

// listed is a list of one action, or of none.
func listed(action Action) []Action {
	if action == nil {
		return nil
	}
	return []Action{action}
}
