package recipe

import "math"

// ExposureOp multiplies light, as a longer or shorter exposure does: sRGB values are decoded to light (IEC 61966-2-1),
// multiplied by 2 to the power of the stops, clipped and encoded again.
type ExposureOp struct {
	// Stops is -5 to 5: each doubles or, below 0, halves the light. 0, the default, changes nothing.
	Stops *float64 `json:"stops,omitempty"`
}

// Name is exposure.
func (*ExposureOp) Name() string { return "exposure" }

// Actions multiplies the light.
func (o *ExposureOp) Actions(Size) ([]Action, error) {
	stops := orElse(o.Stops, 0)
	if stops == 0 {
		return nil, nil
	}
	factor := math.Exp2(stops)
	return []Action{tone(func(v float64) float64 { return encoded(linear(v) * factor) })}, nil
}

func (o *ExposureOp) check(c *checker) { c.within("stops", o.Stops, -5, 5) }
