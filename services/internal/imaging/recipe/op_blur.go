package recipe

// BlurOp blurs with a Gaussian.
type BlurOp struct {
	// Sigma is the standard deviation in pixels, 0.3 to 250; 1.5 by default. Below 0.3 the kernel is a single pixel.
	Sigma *float64 `json:"sigma,omitempty"`
}

// Name is blur.
func (*BlurOp) Name() string { return "blur" }

// Actions blurs.
func (o *BlurOp) Actions(Size) ([]Action, error) {
	return []Action{Blur{Sigma: orElse(o.Sigma, 1.5)}}, nil
}

func (o *BlurOp) check(c *checker) { c.within("sigma", o.Sigma, 0.3, 250) }

// orElse is an optional number's value or its default.
func orElse(value *float64, other float64) float64 {
	if value == nil {
		return other
	}
	return *value
}
