package recipe

// SharpenOp sharpens edges: libvips' sharpen, an unsharp mask on the lightness of LAB, with its own defaults for flat
// (0) and jagged (3) areas and for the threshold between them (2).
type SharpenOp struct {
	// Sigma is the standard deviation of the mask in pixels, 0.3 to 10; 1 by default.
	Sigma *float64 `json:"sigma,omitempty"`
}

// Name is sharpen.
func (*SharpenOp) Name() string { return "sharpen" }

// Actions sharpens.
func (o *SharpenOp) Actions(Size) ([]Action, error) {
	return []Action{Sharpen{Sigma: orElse(o.Sigma, 1)}}, nil
}

func (o *SharpenOp) check(c *checker) { c.within("sigma", o.Sigma, 0.3, 10) }
