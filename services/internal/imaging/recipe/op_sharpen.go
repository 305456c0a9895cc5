package recipe

// SharpenOp sharpens edges: an unsharp mask on the lightness of CIELAB (0 to 100), which raises jagged areas more than
// flat ones. Differences from the blurred lightness are multiplied by flat up to the threshold, and by amount beyond;
// no pixel gets lighter by more than 10 or darker by more than 20.
type SharpenOp struct {
	// Sigma is the standard deviation of the mask in pixels, 0.3 to 10; 1 by default.
	Sigma *float64 `json:"sigma,omitempty"`
	// Amount is how much jagged areas are sharpened, 0 to 10; 3 by default.
	Amount *float64 `json:"amount,omitempty"`
	// Flat is how much flat areas are sharpened, 0 to 10; 0 by default, so that noise is not.
	Flat *float64 `json:"flat,omitempty"`
	// Threshold is the difference in lightness between flat and jagged, 0 to 100; 2 by default.
	Threshold *float64 `json:"threshold,omitempty"`
}

// Name is sharpen.
func (*SharpenOp) Name() string { return "sharpen" }

// Actions sharpens.
func (o *SharpenOp) Actions(Size) ([]Action, error) {
	sharpen := Sharpen{
		Sigma: orElse(o.Sigma, 1), Amount: orElse(o.Amount, 3), Flat: orElse(o.Flat, 0), Threshold: orElse(o.Threshold, 2),
	}
	if sharpen.Amount == 0 && sharpen.Flat == 0 {
		return nil, nil
	}
	return []Action{sharpen}, nil
}

func (o *SharpenOp) check(c *checker) {
	c.within("sigma", o.Sigma, 0.3, 10)
	c.within("amount", o.Amount, 0, 10)
	c.within("flat", o.Flat, 0, 10)
	c.within("threshold", o.Threshold, 0, 100)
}
