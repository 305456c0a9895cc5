package recipe

// VignetteOp blends the corners into a colour, in ellipses of the picture's ratio. Opacity stays. A pixel whose distance
// from the centre is d, 1 in the corners, is blended by strength·t²(3 − 2t), where t rises from 0 at d = 1 − softness to 1
// at d = 1.
type VignetteOp struct {
	// Strength is how much of the colour there is in the corners, 0 (nothing changes) to 1; 0.5 by default.
	Strength *float64 `json:"strength,omitempty"`
	// Softness is where it begins, 0.01 (only in the corners) to 1 (at the centre); 0.8 by default.
	Softness *float64 `json:"softness,omitempty"`
	// Colour is that of the corners; black by default. Its opacity is ignored.
	Colour string `json:"color,omitempty"`
}

// Name is vignette.
func (*VignetteOp) Name() string { return "vignette" }

// Actions blends.
func (o *VignetteOp) Actions(Size) ([]Action, error) {
	colour, err := solid(o.Colour, Colour{})
	strength := orElse(o.Strength, 0.5)
	if err != nil || strength == 0 {
		return nil, err
	}
	return []Action{Vignette{Strength: strength, Softness: orElse(o.Softness, 0.8), Colour: colour}}, nil
}

func (o *VignetteOp) check(c *checker) {
	c.within("strength", o.Strength, 0, 1)
	c.within("softness", o.Softness, 0.01, 1)
	c.colour("color", o.Colour)
}
