package recipe

// NegateOp turns every value v of red, green and blue into 255 − v, as on a photographic negative. Opacity stays. It
// takes no parameters.
type NegateOp struct{}

// Name is negate.
func (*NegateOp) Name() string { return "negate" }

// Actions inverts the values.
func (*NegateOp) Actions(Size) ([]Action, error) {
	return []Action{tone(func(v float64) float64 { return 1 - v })}, nil
}

func (*NegateOp) check(*checker) {}
