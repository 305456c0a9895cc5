package recipe

// OrientOp turns and mirrors the picture as a viewer does with a file of that EXIF orientation. A source's own
// orientation has been applied before the first step.
type OrientOp struct {
	// Orientation is the value of the EXIF tag 0x0112, 1 to 8: 1 changes nothing, 2 mirrors left and right, 3 is a half turn,
	// 4 mirrors top and bottom, 5 mirrors at the diagonal from the upper left, 6 is a quarter turn clockwise, 7 mirrors at
	// the other diagonal, 8 is a quarter turn counter-clockwise.
	Orientation *int `json:"orientation,omitempty"`
}

// Name is orient.
func (*OrientOp) Name() string { return "orient" }

// Actions turns, then flips.
func (o *OrientOp) Actions(Size) ([]Action, error) {
	return map[int][]Action{
		2: {Flip{}},
		3: {Turn{Quarters: 2}},
		4: {Flip{Vertical: true}},
		5: {Turn{Quarters: 1}, Flip{}},
		6: {Turn{Quarters: 1}},
		7: {Turn{Quarters: 3}, Flip{}},
		8: {Turn{Quarters: 3}},
	}[*o.Orientation], nil
}

func (o *OrientOp) check(c *checker) {
	const want = "a whole number from 1 to 8"
	switch {
	case o.Orientation == nil:
		c.wrong("orientation", nil, want)
	case *o.Orientation < 1 || *o.Orientation > 8:
		c.wrong("orientation", *o.Orientation, want)
	}
}
