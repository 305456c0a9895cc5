package recipe

// LimitOp keeps a picture within a box: one that is larger becomes the largest picture of the same ratio inside it, and
// any other stays as it is.
type LimitOp struct {
	// Box needs an edge or an aspect ratio. With one edge the other side is open.
	Box
}

// Name is limit.
func (*LimitOp) Name() string { return "limit" }

// Actions scales down, by the smaller of the two ratios between box and picture.
func (o *LimitOp) Actions(in Size) ([]Action, error) {
	return scaleTo(in, o.inside(in, false, true)), nil
}

func (o *LimitOp) check(c *checker) { c.openBox(o.Box) }
