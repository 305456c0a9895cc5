package raster

import "math"

// oklab is a colour in Oklab, as B. Ottosson published it in 2020: lightness 0 to 1, green to red, blue to yellow.
type oklab struct{ l, a, b float64 }

// vivid is the largest chroma of sRGB in Oklab, near to that of its magenta.
const vivid = 0.32

// linear is the light of each value of sRGB (IEC 61966-2-1), 0 to 1.
var linear = func() (table [256]float64) {
	for i := range table {
		v := float64(i) / 255
		if v <= 0.04045 {
			table[i] = v / 12.92
			continue
		}
		table[i] = math.Pow((v+0.055)/1.055, 2.4)
	}
	return table
}()

func toOklab(r, g, b uint8) oklab {
	lr, lg, lb := linear[r], linear[g], linear[b]
	l := math.Cbrt(0.4122214708*lr + 0.5363325363*lg + 0.0514459929*lb)
	m := math.Cbrt(0.2119034982*lr + 0.6806995451*lg + 0.1073969566*lb)
	s := math.Cbrt(0.0883024619*lr + 0.2817188376*lg + 0.6299787005*lb)
	return oklab{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

func (c oklab) bytes() (r, g, b uint8) {
	l := c.l + 0.3963377774*c.a + 0.2158037573*c.b
	m := c.l - 0.1055613458*c.a - 0.0638541728*c.b
	s := c.l - 0.0894841775*c.a - 1.2914855480*c.b
	l, m, s = l*l*l, m*m*m, s*s*s
	return gammaOf(4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		gammaOf(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		gammaOf(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s)
}

// gammaOf is the value of sRGB for an amount of light, cut off at both ends.
func gammaOf(light float64) uint8 {
	v := 1.055*math.Pow(max(light, 0), 1/2.4) - 0.055
	if light <= 0.0031308 {
		v = 12.92 * light
	}
	return uint8(math.Round(255 * min(max(v, 0), 1)))
}

// ReplaceColour puts src onto dst, which has the same size and bands: red, green and blue, and alpha or not. Pixels whose hue
// and chroma are within tolerance of a colour's move by what lies between it and another one: wholly within half of
// tolerance, and then less and less. Tolerance is a share of the largest chroma of sRGB.
func ReplaceColour(dst, src Picture, from, to [3]uint8, tolerance float64) {
	key, other := toOklab(from[0], from[1], from[2]), toOklab(to[0], to[1], to[2])
	reach := tolerance * vivid
	copy(dst.Pix, src.Pix)
	last, lastNew := [3]uint8{}, [3]uint8{}
	known := false
	for at := 0; at < len(src.Pix); at += src.Bands {
		pixel := [3]uint8(src.Pix[at : at+3])
		if !known || pixel != last { // neighbours are often alike
			last, lastNew, known = pixel, replaced(pixel, key, other, reach), true
		}
		copy(dst.Pix[at:at+3], lastNew[:])
	}
}

func replaced(pixel [3]uint8, key, other oklab, reach float64) [3]uint8 {
	c := toOklab(pixel[0], pixel[1], pixel[2])
	// Rounding to bytes puts even equal colours a little apart.
	const rounding = 0.004
	distance := max(math.Hypot(c.a-key.a, c.b-key.b)-rounding, 0)
	weight := 1.0
	if distance > reach/2 {
		weight = 2 * (1 - distance/max(reach, math.SmallestNonzeroFloat64))
	}
	if weight <= 0 {
		return pixel
	}
	weight = min(weight, 1)
	c.l += weight * (other.l - key.l)
	c.a += weight * (other.a - key.a)
	c.b += weight * (other.b - key.b)
	r, g, b := c.bytes()
	return [3]uint8{r, g, b}
}
