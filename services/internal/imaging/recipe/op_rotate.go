package recipe

import "math"

// RotateOp turns the picture clockwise. Multiples of 90 degrees lose nothing; for any other angle the picture is
// interpolated and grows to the box around it.
type RotateOp struct {
	// Degrees is the angle, -360 to 360; below 0 is counter-clockwise.
	Degrees *float64 `json:"degrees,omitempty"`
	// Background is the colour of the corners: a CSS name, #rgb, #rgba, #rrggbb or #rrggbbaa; transparent by default, which
	// a format without transparency shows as white.
	Background string `json:"background,omitempty"`
}

// Name is rotate.
func (*RotateOp) Name() string { return "rotate" }

// Actions turns by quarters where that is enough.
func (o *RotateOp) Actions(Size) ([]Action, error) {
	degrees := math.Mod(*o.Degrees, 360)
	if degrees < 0 {
		degrees += 360
	}
	if math.Mod(degrees, 90) == 0 {
		quarters := int(degrees/90) % 4
		if quarters == 0 {
			return nil, nil
		}
		return []Action{Turn{Quarters: quarters}}, nil
	}
	background, err := colourOr(o.Background, Colour{})
	if err != nil {
		return nil, err
	}
	return []Action{Rotate{Degrees: degrees, Background: background}}, nil
}

func (o *RotateOp) check(c *checker) {
	if o.Degrees == nil {
		c.wrong("degrees", nil, "a number from -360 to 360")
	}
	c.within("degrees", o.Degrees, -360, 360)
	c.colour("background", o.Background)
}

// turnedBox is the box around a picture turned by an angle: w·|cos| + h·|sin| wide and w·|sin| + h·|cos| high.
func turnedBox(in Size, degrees float64) Size {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	sin, cos = math.Abs(sin), math.Abs(cos)
	w, h := float64(in.Width), float64(in.Height)
	return Size{Width: edge(w*cos + h*sin), Height: edge(w*sin + h*cos)}
}
