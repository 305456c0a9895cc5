package recipe

import "math"

// EmbossOp makes a gray relief that is lit from one side: the derivative of gray in the direction of the light, by the
// 3 × 3 masks of Sobel, on a middle gray. Opacity stays.
type EmbossOp struct {
	// Angle is where the light comes from in degrees, -360 to 360: 0 is the right, 90 above; 135, the upper left, by
	// default.
	Angle *float64 `json:"angle,omitempty"`
	// Strength multiplies the relief, 0 (flat gray) to 10; 1 by default.
	Strength *float64 `json:"strength,omitempty"`
}

// Name is emboss.
func (*EmbossOp) Name() string { return "emboss" }

// Actions draws the relief.
func (o *EmbossOp) Actions(Size) ([]Action, error) {
	return []Action{Gray{}, Emboss{Degrees: math.Mod(orElse(o.Angle, 135), 360), Strength: orElse(o.Strength, 1)}}, nil
}

func (o *EmbossOp) check(c *checker) {
	c.within("angle", o.Angle, -360, 360)
	c.within("strength", o.Strength, 0, 10)
}
