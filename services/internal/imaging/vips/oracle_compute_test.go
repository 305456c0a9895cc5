//go:build oracle

package vips_test

import (
	"image"
	"math"
	"slices"
)

// plane is one channel of a picture, in whatever unit.
type plane struct {
	width, height int
	at            []float64
}

// lab is a picture in CIELAB.
type lab struct{ l, a, b plane }

// eachPixel computes every opaque pixel from 0 to 1, and clips the result.
func eachPixel(do func(c [3]float64) [3]float64) func(*image.NRGBA) *image.NRGBA {
	return func(in *image.NRGBA) *image.NRGBA {
		out := image.NewNRGBA(in.Bounds())
		for i := 0; i < len(in.Pix); i += 4 {
			c := do([3]float64{float64(in.Pix[i]) / 255, float64(in.Pix[i+1]) / 255, float64(in.Pix[i+2]) / 255})
			for k, v := range c {
				out.Pix[i+k] = uint8(math.Round(255 * min(max(v, 0), 1)))
			}
			out.Pix[i+3] = in.Pix[i+3]
		}
		return out
	}
}

func toLight(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func fromLight(v float64) float64 {
	if v <= 0.0031308 {
		return v * 12.92
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// grayOf is libvips' gray: light weighed by 0.2, 0.7 and 0.1.
func grayOf(c [3]float64) float64 {
	return math.Round(255*fromLight(0.2*toLight(c[0])+0.7*toLight(c[1])+0.1*toLight(c[2]))) / 255
}

// modulated are hue-rotate(), saturate() and brightness() of CSS one after the other, without clipping in between. Hue is
// turned about the luma of feColorMatrix.
func modulated(brightness, saturation, degrees float64) func(*image.NRGBA) *image.NRGBA {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return eachPixel(func(c [3]float64) (out [3]float64) {
		luma := 0.213*c[0] + 0.715*c[1] + 0.072*c[2]
		turn := [3]float64{
			-0.213*c[0] - 0.715*c[1] + 0.928*c[2],
			0.143*c[0] + 0.140*c[1] - 0.283*c[2],
			-0.787*c[0] + 0.715*c[1] + 0.072*c[2],
		}
		var turned [3]float64
		for i := range c {
			turned[i] = luma + cos*(c[i]-luma) + sin*turn[i]
		}
		luma = 0.213*turned[0] + 0.715*turned[1] + 0.072*turned[2]
		for i := range c {
			out[i] = brightness * (luma + saturation*(turned[i]-luma))
		}
		return out
	})
}

// stop is a colour, 0 to 255, at a place of a gradient.
type stop struct{ at, r, g, b float64 }

// printed puts the colours of a gradient in the place of grays, which are equalized first as far as they shall.
func printed(opacity, even float64, stops []stop) func(*image.NRGBA) *image.NRGBA {
	return func(in *image.NRGBA) *image.NRGBA {
		share := func(v float64) float64 { return v }
		if even > 0 {
			var grays []float64
			eachPixel(func(c [3]float64) [3]float64 { grays = append(grays, grayOf(c)); return c })(in)
			share = shares(grays)
		}
		return eachPixel(func(c [3]float64) (out [3]float64) {
			v := math.Round(255*share(grayOf(c))) / 255
			last := slices.IndexFunc(stops, func(s stop) bool { return s.at >= v })
			from, to := stops[max(last-1, 0)], stops[last]
			t := 0.0
			if to.at > from.at {
				t = (v - from.at) / (to.at - from.at)
			}
			for i, ends := range [3][2]float64{{from.r, to.r}, {from.g, to.g}, {from.b, to.b}} {
				out[i] = c[i]*(1-opacity) + (ends[0]*(1-t)+ends[1]*t)/255*opacity
			}
			return out
		})(in)
	}
}

// shares tells which share of the values beyond the least is not above a value.
func shares(values []float64) func(float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	upTo := func(v float64) float64 {
		n, _ := slices.BinarySearchFunc(sorted, v, func(a, b float64) int {
			if a <= b+1e-9 {
				return -1
			}
			return 1
		})
		return float64(n)
	}
	least := upTo(sorted[0])
	return func(v float64) float64 { return (upTo(v) - least) / (float64(len(sorted)) - least) }
}

// The white of D65, and the bend of CIELAB.
var (
	whitePoint = [3]float64{0.95047, 1, 1.08883}
	toXYZ      = [3][3]float64{{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}}
	toRGB      = [3][3]float64{{3.2406, -1.5372, -0.4986}, {-0.9689, 1.8758, 0.0415}, {0.0557, -0.2040, 1.0570}}
)

// inLab does something in CIELAB.
func inLab(do func(lab)) func(*image.NRGBA) *image.NRGBA {
	return func(in *image.NRGBA) *image.NRGBA {
		var l lab
		for _, p := range []*plane{&l.l, &l.a, &l.b} {
			p.width, p.height = in.Bounds().Dx(), in.Bounds().Dy()
		}
		eachPixel(func(c [3]float64) [3]float64 {
			var f [3]float64
			for i, row := range toXYZ {
				f[i] = cubeRoot((row[0]*toLight(c[0]) + row[1]*toLight(c[1]) + row[2]*toLight(c[2])) / whitePoint[i])
			}
			l.l.at = append(l.l.at, 116*f[1]-16)
			l.a.at = append(l.a.at, 500*(f[0]-f[1]))
			l.b.at = append(l.b.at, 200*(f[1]-f[2]))
			return c
		})(in)
		do(l)
		i := -1
		return eachPixel(func([3]float64) (out [3]float64) {
			i++
			fy := (l.l.at[i] + 16) / 116
			f := [3]float64{fy + l.a.at[i]/500, fy, fy - l.b.at[i]/200}
			for k := range f {
				f[k] = cube(f[k]) * whitePoint[k]
			}
			for k, row := range toRGB {
				out[k] = fromLight(row[0]*f[0] + row[1]*f[1] + row[2]*f[2])
			}
			return out
		})(in)
	}
}

func cubeRoot(v float64) float64 {
	if v > 0.008856 {
		return math.Cbrt(v)
	}
	return 7.787*v + 16.0/116
}

func cube(f float64) float64 {
	if f*f*f > 0.008856 {
		return f * f * f
	}
	return (f - 16.0/116) / 7.787
}

// vivid is vibrance.
func vivid(amount float64) func(*image.NRGBA) *image.NRGBA {
	return inLab(func(l lab) { l.raise(amount) })
}

func (l lab) raise(amount float64) {
	for i := range l.a.at {
		factor := 1 + amount*(1-math.Hypot(l.a.at[i], l.b.at[i])/134)
		l.a.at[i] *= factor
		l.b.at[i] *= factor
	}
}

// bytes are the values from 0 to 100 as whole numbers to 255.
func (p plane) bytes() []float64 {
	whole := make([]float64, len(p.at))
	for i, v := range p.at {
		whole[i] = math.Round(min(max(v*2.55, 0), 255))
	}
	return whole
}

func equalized(l lab) {
	whole := l.l.bytes()
	share := shares(whole)
	for i, v := range whole {
		l.l.at[i] = 100 * share(v)
	}
}

// enhanced stretches, centres and makes vivid, each to a part.
func enhanced(amount float64) func(lab) {
	return func(l lab) {
		before := lab{plane{at: slices.Clone(l.l.at)}, plane{at: slices.Clone(l.a.at)}, plane{at: slices.Clone(l.b.at)}}
		sorted := slices.Sorted(slices.Values(l.l.at))
		n := len(sorted)
		low, high := sorted[n/200], sorted[n-1-n/200]
		sum := 0.0
		for i, v := range l.l.at {
			l.l.at[i] = min(max((v-low)/(high-low), 0), 1)
			sum += l.l.at[i]
		}
		gamma := min(max(math.Log(sum/float64(n))/math.Log(0.5), 0.8), 1.25)
		for i, v := range l.l.at {
			l.l.at[i] = 100 * math.Pow(v, 1/gamma)
		}
		l.raise(0.2)
		for i := range l.l.at {
			l.l.at[i] = before.l.at[i]*(1-amount) + l.l.at[i]*amount
			l.a.at[i] = before.a.at[i]*(1-amount) + l.a.at[i]*amount
			l.b.at[i] = before.b.at[i]*(1-amount) + l.b.at[i]*amount
		}
	}
}

// smoothed is the plane under a Gaussian, with the edges repeated.
func (p plane) smoothed(sigma float64) plane {
	radius := int(math.Ceil(3.5 * sigma))
	weights, total := make([]float64, 2*radius+1), 0.0
	for i := range weights {
		d := float64(i-radius) / sigma
		weights[i] = math.Exp(-d * d / 2)
		total += weights[i]
	}
	pass := func(from plane, dx, dy int) plane {
		to := plane{from.width, from.height, make([]float64, len(from.at))}
		for y := range from.height {
			for x := range from.width {
				for i, w := range weights {
					u := min(max(x+dx*(i-radius), 0), from.width-1)
					v := min(max(y+dy*(i-radius), 0), from.height-1)
					to.at[y*from.width+x] += w / total * from.at[v*from.width+u]
				}
			}
		}
		return to
	}
	return pass(pass(p, 1, 0), 0, 1)
}

// stretched maps the values between two percentiles to the whole range, and brings their mean to the middle if it shall.
func stretched(black, white float64, apart, middle bool) func(*image.NRGBA) *image.NRGBA {
	return func(in *image.NRGBA) *image.NRGBA {
		var channels [3][]float64
		eachPixel(func(c [3]float64) [3]float64 {
			for i, v := range c {
				channels[i] = append(channels[i], v)
			}
			return c
		})(in)
		var low, high [3]float64
		for i := range channels {
			values := slices.Clone(channels[i])
			if !apart {
				values = slices.Concat(channels[:]...)
			}
			slices.Sort(values)
			n := float64(len(values))
			low[i], high[i] = values[int(black*n)], values[int((1-white)*n)]
		}
		sum, n := 0.0, 0.0
		out := eachPixel(func(c [3]float64) [3]float64 {
			for i, v := range c {
				c[i] = min(max((v-low[i])/(high[i]-low[i]), 0), 1)
				sum, n = sum+c[i], n+1
			}
			return c
		})(in)
		if !middle {
			return out
		}
		gamma := math.Log(sum/n) / math.Log(0.5)
		return eachPixel(func(c [3]float64) [3]float64 {
			for i, v := range c {
				c[i] = math.Pow(v, 1/gamma)
			}
			return c
		})(out)
	}
}
