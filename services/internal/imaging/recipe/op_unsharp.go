package recipe

// UnsharpOp is the classic unsharp mask: v + amount·(v − blurred), for each of red, green and blue, where the difference
// exceeds the threshold. See [SharpenOp] for one that leaves colours and flat areas alone.
type UnsharpOp struct {
	// Sigma is the standard deviation of the mask in pixels, 0.3 to 100; 1 by default.
	Sigma *float64 `json:"sigma,omitempty"`
	// Amount is how much of the difference is added, -1 (which blurs) to 10; 1 by default, and 0 changes nothing.
	Amount *float64 `json:"amount,omitempty"`
	// Threshold is the least difference that counts, as a share of the whole range: 0 to 1; 0.05 by default.
	Threshold *float64 `json:"threshold,omitempty"`
}

// Name is unsharp.
func (*UnsharpOp) Name() string { return "unsharp" }

// Actions sharpens.
func (o *UnsharpOp) Actions(Size) ([]Action, error) {
	amount := orElse(o.Amount, 1)
	if amount == 0 {
		return nil, nil
	}
	return []Action{Unsharp{Sigma: orElse(o.Sigma, 1), Amount: amount, Threshold: 255 * orElse(o.Threshold, 0.05)}}, nil
}

func (o *UnsharpOp) check(c *checker) {
	c.within("sigma", o.Sigma, 0.3, 100)
	c.within("amount", o.Amount, -1, 10)
	c.within("threshold", o.Threshold, 0, 1)
}
