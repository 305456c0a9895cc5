package recipe

// farthest bounds the corner of a crop, so that no sum of it overflows anywhere.
const farthest = 1_000_000

// CropOp keeps a part of the picture: a box at a corner, or a size at a gravity. What lies outside the picture is left
// out, so the result can be smaller than asked for; a box wholly outside is an error of the output.
type CropOp struct {
	// X and Y are the upper left corner in pixels from the picture's own, -1000000 to 1000000; absent is 0. They exclude
	// Gravity.
	X *int `json:"x,omitempty"`
	Y *int `json:"y,omitempty"`
	// Width and Height are in pixels, 1 to 16383.
	Width  *int `json:"width,omitempty"`
	Height *int `json:"height,omitempty"`
	// Gravity says which part stays when no corner is given; center by default.
	Gravity Gravity `json:"gravity,omitempty"`
}

// Name is crop.
func (*CropOp) Name() string { return "crop" }

// Actions cuts the box, clamped to the picture. It fails with [CropOutside] when nothing is left.
func (o *CropOp) Actions(in Size) ([]Action, error) {
	box := Size{Width: *o.Width, Height: *o.Height}
	if o.X == nil && o.Y == nil {
		box = Size{Width: min(box.Width, in.Width), Height: min(box.Height, in.Height)}
		if cut := o.Gravity.cut(box, in); cut != nil {
			return []Action{cut}, nil
		}
		return nil, nil
	}
	left, top := corner(o.X), corner(o.Y)
	right, bottom := min(left+box.Width, in.Width), min(top+box.Height, in.Height)
	left, top = max(left, 0), max(top, 0)
	kept := Size{Width: right - left, Height: bottom - top}
	if kept.Width <= 0 || kept.Height <= 0 {
		return nil, Errorf(CropOutside, "the crop of %d × %d pixels at %d, %d lies outside the picture of %d × %d pixels",
			box.Width, box.Height, corner(o.X), corner(o.Y), in.Width, in.Height)
	}
	if kept == in {
		return nil, nil
	}
	return []Action{Crop{X: left, Y: top, Size: kept}}, nil
}

func (o *CropOp) check(c *checker) {
	c.box(o.Width, o.Height)
	c.gravity(o.Gravity)
	c.corner("x", o.X)
	c.corner("y", o.Y)
	if o.Gravity != "" && (o.X != nil || o.Y != nil) {
		c.wrong("gravity", o.Gravity, "either a gravity, or x and y")
	}
}

// corner checks an optional coordinate.
func (c *checker) corner(param string, at *int) {
	if at != nil && (*at < -farthest || *at > farthest) {
		c.wrong(param, *at, "a whole number of pixels, %d to %d", -farthest, farthest)
	}
}

// corner is a coordinate, 0 when absent.
func corner(at *int) int {
	if at == nil {
		return 0
	}
	return *at
}
