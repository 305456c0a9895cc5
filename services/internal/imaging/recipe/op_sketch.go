package recipe

// SketchOp draws the picture with a pencil. Its recipe is the "dodge" of a darkroom: gray divided by its own blur, so that
// even areas become white and only what is darker than its surroundings leaves a line. Opacity stays.
type SketchOp struct {
	// Sigma is the standard deviation of the blur in pixels, 0.5 (fine lines) to 50 (broad shades); 5 by default.
	Sigma *float64 `json:"sigma,omitempty"`
	// Darkness is the power that the result is raised to, 0.1 (faint) to 10 (black); 1.5 by default.
	Darkness *float64 `json:"darkness,omitempty"`
}

// Name is sketch.
func (*SketchOp) Name() string { return "sketch" }

// Actions draws.
func (o *SketchOp) Actions(Size) ([]Action, error) {
	faint := 1 / orElse(o.Darkness, 1.5)
	darker, err := (&GammaOp{Gamma: &faint}).Actions(Size{})
	if err != nil {
		return nil, err
	}
	return append([]Action{Gray{}, Sketch{Sigma: orElse(o.Sigma, 5)}}, darker...), nil
}

func (o *SketchOp) check(c *checker) {
	c.within("sigma", o.Sigma, 0.5, 50)
	c.within("darkness", o.Darkness, 0.1, 10)
}
