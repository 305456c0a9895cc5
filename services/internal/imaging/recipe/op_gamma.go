package recipe

import "math"

// GammaOp raises every value, from 0 to 1, to the power 1 / gamma. Black and white stay.
type GammaOp struct {
	// Gamma is 0.1 (darker) to 10 (lighter); 1, the default, changes nothing.
	Gamma *float64 `json:"gamma,omitempty"`
}

// Name is gamma.
func (*GammaOp) Name() string { return "gamma" }

// Actions applies the power.
func (o *GammaOp) Actions(Size) ([]Action, error) {
	gamma := orElse(o.Gamma, 1)
	if gamma == 1 {
		return nil, nil
	}
	return []Action{tone(func(v float64) float64 { return math.Pow(v, 1/gamma) })}, nil
}

func (o *GammaOp) check(c *checker) { c.within("gamma", o.Gamma, 0.1, 10) }
