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
	// Inside cuts the turned picture to the largest upright box that shows no corner. By default the picture grows instead.
	Inside bool `json:"inside,omitempty"`
}

// Name is rotate.
func (*RotateOp) Name() string { return "rotate" }

// Actions turns by quarters where that is enough.
func (o *RotateOp) Actions(in Size) ([]Action, error) {
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
	turned := Rotate{Degrees: degrees, Background: background}
	if !o.Inside {
		return []Action{turned}, nil
	}
	around, box := turned.Result(in), innerBox(in, degrees)
	x, y := Center.place(box, around)
	return []Action{turned, Crop{X: x, Y: y, Size: box}}, nil
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

// innerBox is the largest upright box within a picture turned by an angle that is no multiple of 90 degrees, two pixels
// smaller on each side, for the interpolation and because libvips' box around the turned picture is a pixel off at times.
// Either all four of its corners touch the turned edges, so that w·cos + h·sin = W and w·sin + h·cos = H; or, in a narrow
// picture, only two of them touch, one on each long edge, and w·h is largest where w·sin = h·cos = half the short edge, or
// the other way round.
func innerBox(in Size, degrees float64) Size {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	sin, cos = math.Abs(sin), math.Abs(cos)
	w, h := float64(in.Width), float64(in.Height)
	long, short := max(w, h), min(w, h)
	var inner [2]float64
	switch double := 2 * sin * cos; {
	case short <= double*long && w >= h:
		inner = [2]float64{short / 2 / sin, short / 2 / cos}
	case short <= double*long:
		inner = [2]float64{short / 2 / cos, short / 2 / sin}
	default:
		inner = [2]float64{(w*cos - h*sin) / (cos*cos - sin*sin), (h*cos - w*sin) / (cos*cos - sin*sin)}
	}
	return Size{Width: edge(math.Floor(inner[0]) - 4), Height: edge(math.Floor(inner[1]) - 4)}
}
