package recipe

// TiltShiftOp keeps a horizontal band sharp and blurs what is above and below, as on a photograph of a miniature. The
// blur sets in smoothly, over as much again as the band on both sides.
type TiltShiftOp struct {
	// Position is the middle of the band, 0 (top) to 1 (bottom); 0.5 by default.
	Position *float64 `json:"position,omitempty"`
	// Width is the height of the band as a share of the picture's, 0.01 to 1; 0.2 by default.
	Width *float64 `json:"width,omitempty"`
	// Sigma is the standard deviation of the blur in pixels, 0.3 to 100; 5 by default.
	Sigma *float64 `json:"sigma,omitempty"`
}

// Name is tilt_shift.
func (*TiltShiftOp) Name() string { return "tilt_shift" }

// Actions blurs all but the band.
func (o *TiltShiftOp) Actions(Size) ([]Action, error) {
	return []Action{TiltShift{
		Position: orElse(o.Position, 0.5), Width: orElse(o.Width, 0.2), Sigma: orElse(o.Sigma, 5),
	}}, nil
}

func (o *TiltShiftOp) check(c *checker) {
	c.within("position", o.Position, 0, 1)
	c.within("width", o.Width, 0.01, 1)
	c.within("sigma", o.Sigma, 0.3, 100)
}
