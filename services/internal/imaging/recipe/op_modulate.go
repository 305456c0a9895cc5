package recipe

import "math"

// ModulateOp changes brightness, saturation and hue at once, as the CSS filters hue-rotate(), saturate() and brightness()
// do in this order, but without clipping in between.
type ModulateOp struct {
	// Brightness multiplies all values, 0 (black) to 10; 1, the default, changes nothing.
	Brightness *float64 `json:"brightness,omitempty"`
	// Saturation is 0 (gray) to 10; 1, the default, changes nothing.
	Saturation *float64 `json:"saturation,omitempty"`
	// Hue is the angle by which hues are turned in degrees, -360 to 360; 0, the default, changes nothing.
	Hue *float64 `json:"hue,omitempty"`
}

// Name is modulate.
func (*ModulateOp) Name() string { return "modulate" }

// Actions mixes the channels, once.
func (o *ModulateOp) Actions(Size) ([]Action, error) {
	brightness, saturation := orElse(o.Brightness, 1), orElse(o.Saturation, 1)
	hue := math.Mod(orElse(o.Hue, 0), 360)
	if saturation == 1 && hue == 0 {
		return (&ChannelsOp{Red: &brightness, Green: &brightness, Blue: &brightness}).Actions(Size{})
	}
	return []Action{Recombine{Matrix: brightened(brightness).after(saturated(saturation)).after(hueTurned(hue))}}, nil
}

func (o *ModulateOp) check(c *checker) {
	c.within("brightness", o.Brightness, 0, 10)
	c.within("saturation", o.Saturation, 0, 10)
	c.within("hue", o.Hue, -360, 360)
}
