package recipe

import "math"

// HueOp turns all hues, with the matrix of the CSS filter hue-rotate() (W3C Filter Effects Module Level 1, 8.5). Grays
// stay as they are.
type HueOp struct {
	// Degrees is the angle, -360 to 360: 120 turns red towards green. 0, the default, and full turns change nothing.
	Degrees *float64 `json:"degrees,omitempty"`
}

// Name is hue.
func (*HueOp) Name() string { return "hue" }

// Actions mixes the channels.
func (o *HueOp) Actions(Size) ([]Action, error) {
	degrees := math.Mod(orElse(o.Degrees, 0), 360)
	if degrees == 0 {
		return nil, nil
	}
	return []Action{Recombine{Matrix: hueTurned(degrees)}}, nil
}

func (o *HueOp) check(c *checker) { c.within("degrees", o.Degrees, -360, 360) }
