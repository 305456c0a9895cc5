package recipe

import "math"

// tone makes a curve of one function for all three channels. The function maps 0 (black) to 1 (white); what leaves this
// range is clipped.
func tone(f func(float64) float64) Curve {
	table := table(f)
	return Curve{Red: table, Green: table, Blue: table}
}

// table tabulates a function from 0 to 1 for the values of 8 bits.
func table(f func(float64) float64) (t [256]uint8) {
	for i := range t {
		t[i] = level(f(float64(i) / 255))
	}
	return t
}

// level rounds a value from 0 to 1 to 8 bits, and clips what lies outside.
func level(v float64) uint8 { return uint8(math.Round(255 * min(max(v, 0), 1))) }

// linear is the light that an sRGB value stands for, both 0 to 1 (IEC 61966-2-1).
func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// encoded is the sRGB value of light, the inverse of [linear].
func encoded(light float64) float64 {
	if light <= 0.0031308 {
		return light * 12.92
	}
	return 1.055*math.Pow(light, 1/2.4) - 0.055
}

// stop is a colour at a place of a gradient, from 0 to 1.
type stop struct {
	at     float64
	colour Colour
}

// gradient is the curve that gives a gray picture the colours of a gradient: straight lines in sRGB between stops in
// ascending order, and the outer colours beyond.
func gradient(stops []stop) Curve {
	channel := func(of func(Colour) uint8) [256]uint8 {
		return table(func(v float64) float64 {
			before := stops[0]
			for _, after := range stops {
				if v <= after.at {
					share := 1.0
					if after.at > before.at {
						share = (v - before.at) / (after.at - before.at)
					}
					return (float64(of(before.colour))*(1-share) + float64(of(after.colour))*share) / 255
				}
				before = after
			}
			return float64(of(before.colour)) / 255
		})
	}
	return Curve{
		Red:   channel(func(c Colour) uint8 { return c.R }),
		Green: channel(func(c Colour) uint8 { return c.G }),
		Blue:  channel(func(c Colour) uint8 { return c.B }),
	}
}

// even spreads colours evenly over a gradient.
func even(colours ...Colour) []stop {
	stops := make([]stop, len(colours))
	for i, colour := range colours {
		stops[i] = stop{at: float64(i) / float64(max(1, len(colours)-1)), colour: colour}
	}
	return stops
}

// shades is the gradient from black by a colour to white. The colour lies where it is as light as what it replaces, so
// that the picture's lightness stays: at its luma by Rec. 709.
func shades(c Colour) []stop {
	luma := (0.2126*float64(c.R) + 0.7152*float64(c.G) + 0.0722*float64(c.B)) / 255
	return []stop{{0, Colour{A: 255}}, {luma, c}, {1, Colour{255, 255, 255, 255}}}
}
