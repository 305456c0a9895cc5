package recipe

// EqualizeOp makes all degrees of lightness about equally frequent: each is mapped to the share of the picture that is
// not lighter. It works on the lightness of CIELAB, so that colours keep their hue. Clear pixels do not count.
type EqualizeOp struct {
	// Amount is 0 (nothing changes) to 1 (all the way), the default.
	Amount *float64 `json:"amount,omitempty"`
}

// Name is equalize.
func (*EqualizeOp) Name() string { return "equalize" }

// Actions looks at all values, and evens them out.
func (o *EqualizeOp) Actions(Size) ([]Action, error) {
	return mixed(orElse(o.Amount, 1), Tune{By: Equalize{}, Lightness: true}), nil
}

func (o *EqualizeOp) check(c *checker) { c.within("amount", o.Amount, 0, 1) }
