package recipe

// BlurOp blurs with a Gaussian. What is clear lends no colour to what is not.
type BlurOp struct {
	// Sigma is the standard deviation in pixels, 0.3 to 250; 1.5 by default. Below 0.3 the kernel is a single pixel.
	Sigma *float64 `json:"sigma,omitempty"`
	// Region is the part to blur; by default the whole picture.
	Region *Region `json:"region,omitempty"`
}

// Name is blur.
func (*BlurOp) Name() string { return "blur" }

// Actions blurs. It fails with [CropOutside] when the region lies outside the picture.
func (o *BlurOp) Actions(in Size) ([]Action, error) {
	return o.Region.only(in, Blur{Sigma: orElse(o.Sigma, 1.5)})
}

func (o *BlurOp) check(c *checker) {
	c.within("sigma", o.Sigma, 0.3, 250)
	c.region(o.Region)
}

// orElse is an optional number's value or its default.
func orElse(value *float64, other float64) float64 {
	if value == nil {
		return other
	}
	return *value
}
