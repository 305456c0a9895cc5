package recipe

// FillOp makes a picture of exactly the given size that is covered all over: scaled by the larger of the two ratios,
// then what sticks out is cut off.
type FillOp struct {
	// Width and Height are in pixels, 1 to 16383.
	Width  *int `json:"width,omitempty"`
	Height *int `json:"height,omitempty"`
	// Gravity says which part stays; center by default.
	Gravity Gravity `json:"gravity,omitempty"`
	// Enlarge lets a small picture grow, as it does by default. With false it is only cut, and the result is smaller
	// than asked for.
	Enlarge *bool `json:"enlarge,omitempty"`
}

// Name is fill.
func (*FillOp) Name() string { return "fill" }

// Actions scales to cover, then crops.
func (o *FillOp) Actions(in Size) ([]Action, error) {
	box := Size{Width: *o.Width, Height: *o.Height}
	factor := max(float64(box.Width)/float64(in.Width), float64(box.Height)/float64(in.Height))
	if o.Enlarge != nil && !*o.Enlarge && factor > 1 {
		factor = 1
		box = Size{Width: min(box.Width, in.Width), Height: min(box.Height, in.Height)}
	}
	cover := in.times(factor)
	// Rounding must not leave the box uncovered by a pixel.
	cover = Size{Width: max(cover.Width, box.Width), Height: max(cover.Height, box.Height)}
	actions := scaleTo(in, cover)
	if cut := o.Gravity.cut(box, cover); cut != nil {
		actions = append(actions, cut)
	}
	return actions, nil
}

func (o *FillOp) check(c *checker) {
	c.box(o.Width, o.Height)
	c.gravity(o.Gravity)
}

// box checks two lengths that are both needed.
func (c *checker) box(width, height *int) {
	c.edge("width", width)
	c.edge("height", height)
	if width == nil {
		c.wrong("width", nil, "a whole number of pixels, 1 to %d", MaxEdge)
	}
	if height == nil {
		c.wrong("height", nil, "a whole number of pixels, 1 to %d", MaxEdge)
	}
}
