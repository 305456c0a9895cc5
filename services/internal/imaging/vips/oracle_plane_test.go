//go:build oracle

package vips_test

import (
	"image"
	"math"
	"slices"
)

// onGray computes a gray picture from gray, both 0 to 255.
func onGray(do func(plane) plane) func(*image.NRGBA) *image.NRGBA {
	return func(in *image.NRGBA) *image.NRGBA {
		p := plane{width: in.Bounds().Dx(), height: in.Bounds().Dy()}
		eachPixel(func(c [3]float64) [3]float64 { p.at = append(p.at, 255*grayOf(c)); return c })(in)
		p = do(p)
		i := -1
		return eachPixel(func([3]float64) [3]float64 { i++; return [3]float64{p.at[i] / 255, p.at[i] / 255, p.at[i] / 255} })(in)
	}
}

// near is the value at a place, or the nearest one of the picture.
func (p plane) near(x, y int) float64 {
	return p.at[min(max(y, 0), p.height-1)*p.width+min(max(x, 0), p.width-1)]
}

// each computes every value anew.
func (p plane) each(do func(x, y int) float64) plane {
	out := plane{width: p.width, height: p.height}
	for y := range p.height {
		for x := range p.width {
			out.at = append(out.at, do(x, y))
		}
	}
	return out
}

// sobel are the differences in both directions, by the masks of Sobel.
func (p plane) sobel(x, y int) (across, down float64) {
	across = p.near(x+1, y-1) + 2*p.near(x+1, y) + p.near(x+1, y+1) - p.near(x-1, y-1) - 2*p.near(x-1, y) - p.near(x-1, y+1)
	down = p.near(x-1, y+1) + 2*p.near(x, y+1) + p.near(x+1, y+1) - p.near(x-1, y-1) - 2*p.near(x, y-1) - p.near(x+1, y-1)
	return across, down
}

func gradient(p plane) plane {
	return p.each(func(x, y int) float64 {
		across, down := p.sobel(x, y)
		return math.Abs(across) + math.Abs(down)
	})
}

func relief(degrees, strength float64) func(plane) plane {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return func(p plane) plane {
		return p.each(func(x, y int) float64 {
			across, down := p.sobel(x, y)
			return 127.5 + strength*(sin*down-cos*across)/4
		})
	}
}

// pencil is the recipe of a sketch with sigma 5 and darkness 1.5.
func pencil(p plane) plane {
	soft := p.smoothed(5)
	for i, v := range p.at {
		soft.at[i] = 255 * math.Pow(min((v+1)/(soft.at[i]+1), 1), 1.5)
	}
	return soft
}

func screened(pitch float64) func(plane) plane {
	return func(p plane) plane {
		return p.each(func(x, y int) float64 {
			turn := math.Sqrt2 * math.Pi / pitch
			return 127.5 + 4*(p.near(x, y)-127.5-127.5*math.Cos(turn*float64(x))*math.Cos(turn*float64(y)))
		})
	}
}

// squares averages squares within a box.
func squares(edge int, box image.Rectangle) func(*image.NRGBA) *image.NRGBA {
	return func(in *image.NRGBA) *image.NRGBA {
		out := image.NewNRGBA(in.Bounds())
		copy(out.Pix, in.Pix)
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := box.Min.X; x < box.Max.X; x++ {
				left, top := x-(x-box.Min.X)%edge, y-(y-box.Min.Y)%edge
				out.SetNRGBA(x, y, mean(in, image.Rect(left, top, left+edge, top+edge).Intersect(box)))
			}
		}
		return out
	}
}

// rise is t²(3 − 2t), clipped.
func rise(t float64) float64 {
	t = min(max(t, 0), 1)
	return t * t * (3 - 2*t)
}

// darkened is a vignette of a gray.
func darkened(strength, softness, gray float64) func(*image.NRGBA) *image.NRGBA {
	return func(in *image.NRGBA) *image.NRGBA {
		w, h := in.Bounds().Dx(), in.Bounds().Dy()
		i := -1
		return eachPixel(func(c [3]float64) [3]float64 {
			i++
			u, v := 2*float64(i%w)/float64(w-1)-1, 2*float64(i/w)/float64(h-1)-1
			share := strength * rise((math.Hypot(u, v)/math.Sqrt2-1+softness)/softness)
			for k := range c {
				c[k] = c[k]*(1-share) + gray*share
			}
			return c
		})(in)
	}
}

// miniature is a tilt shift.
func miniature(position, width, sigma float64) func(*image.NRGBA) *image.NRGBA {
	return func(in *image.NRGBA) *image.NRGBA {
		w, h := in.Bounds().Dx(), in.Bounds().Dy()
		var soft [3]plane
		for k := range soft {
			soft[k] = plane{width: w, height: h}
		}
		eachPixel(func(c [3]float64) [3]float64 {
			for k, v := range c {
				soft[k].at = append(soft[k].at, v)
			}
			return c
		})(in)
		for k := range soft {
			soft[k] = soft[k].smoothed(sigma)
		}
		i := -1
		return eachPixel(func(c [3]float64) [3]float64 {
			i++
			away := math.Abs((float64(i/w)+0.5)/float64(h) - position)
			share := rise((away - width/2) / width)
			for k := range c {
				c[k] = c[k]*(1-share) + soft[k].at[i]*share
			}
			return c
		})(in)
	}
}

// denoised is the guided filter under a Gaussian of 2 pixels.
func denoised(lightness, chroma float64) func(lab) {
	return func(l lab) {
		for i, p := range []plane{l.l, l.a, l.b} {
			noise := []float64{lightness, chroma, chroma}[i]
			square := p.each(func(x, y int) float64 { return p.near(x, y) * p.near(x, y) }).smoothed(2)
			middle := p.smoothed(2)
			a, b := plane{p.width, p.height, slices.Clone(p.at)}, plane{p.width, p.height, slices.Clone(p.at)}
			for i := range p.at {
				variance := max(square.at[i]-middle.at[i]*middle.at[i], 0)
				a.at[i] = variance / (variance + noise*noise)
				b.at[i] = (1 - a.at[i]) * middle.at[i]
			}
			a, b = a.smoothed(2), b.smoothed(2)
			for i := range p.at {
				p.at[i] = a.at[i]*p.at[i] + b.at[i]
			}
		}
	}
}

// medians takes the median of each channel within a square.
func medians(radius int) func(*image.NRGBA) *image.NRGBA {
	return func(in *image.NRGBA) *image.NRGBA {
		out := image.NewNRGBA(in.Bounds())
		w, h := in.Bounds().Dx(), in.Bounds().Dy()
		for i := range out.Pix {
			var values []uint8
			for v := -radius; v <= radius; v++ {
				for u := -radius; u <= radius; u++ {
					x, y := min(max(i/4%w+u, 0), w-1), min(max(i/4/w+v, 0), h-1)
					values = append(values, in.Pix[in.PixOffset(x, y)+i%4])
				}
			}
			slices.Sort(values)
			out.Pix[i] = values[len(values)/2]
		}
		return out
	}
}

// ridges are where the steepness of a blurred picture is larger than on both sides, four times as light as it is high.
func ridges(sigma float64) func(plane) plane {
	return func(p plane) plane {
		soft := p.smoothed(sigma)
		// Between four pixels, as libvips has it.
		slope := func(x, y int) (across, down float64) {
			a, b, c, d := soft.near(x-1, y-1), soft.near(x, y-1), soft.near(x-1, y), soft.near(x, y)
			return (b - a + d - c) / 2, (c - a + d - b) / 2
		}
		steep := p.each(func(x, y int) float64 { return math.Hypot(slope(x, y)) })
		return p.each(func(x, y int) float64 {
			across, down := slope(x, y)
			here := steep.near(x, y)
			if here == 0 {
				return 0
			}
			u, v := int(math.Round(across/here)), int(math.Round(down/here))
			if here < steep.near(x+u, y+v) || here < steep.near(x-u, y-v) {
				return 0
			}
			return 4 * here * sigma * math.Sqrt(2*math.Pi)
		})
	}
}
