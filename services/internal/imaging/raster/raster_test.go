package raster_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/raster"
)

// picture makes one of the pixels that a function says.
func picture(width, height, bands int, at func(x, y int) []byte) raster.Picture {
	p := raster.Picture{Width: width, Height: height, Bands: bands}
	for y := range height {
		for x := range width {
			p.Pix = append(p.Pix, at(x, y)...)
		}
	}
	return p
}

// noise has every kind of pixel, always the same.
func noise(width, height, bands int) raster.Picture {
	seed := uint32(1)
	return picture(width, height, bands, func(int, int) []byte {
		pixel := make([]byte, bands)
		for i := range pixel {
			seed = seed*1664525 + 1013904223
			pixel[i] = byte(seed >> 24)
		}
		return pixel
	})
}

// blank is a picture of the same kind.
func blank(p raster.Picture) raster.Picture {
	p.Pix = make([]byte, len(p.Pix))
	return p
}

// colours are those of the pixels that are not clear.
func colours(p raster.Picture) map[string]bool {
	seen, opaque := map[string]bool{}, p.Bands%2 == 1
	for at := 0; at < len(p.Pix); at += p.Bands {
		last := at + p.Bands
		if !opaque {
			last--
		}
		if opaque || p.Pix[last] > 0 {
			seen[string(p.Pix[at:last])] = true
		}
	}
	return seen
}

func TestQuantize_KeepsWithinThePalette(t *testing.T) {
	t.Parallel()
	for bands := 1; bands <= 4; bands++ {
		for _, dither := range []bool{false, true} {
			for _, n := range []int{2, 7, 256} {
				src := noise(60, 50, bands)
				dst := blank(src)
				raster.Quantize(dst, src, n, dither)
				if got := len(colours(dst)); got > n || got < 2 {
					t.Errorf("%d bands, dither %t: got %d colours, want 2 to %d", bands, dither, got, n)
				}
				if bands%2 == 0 && !sameBand(dst, src, bands-1) {
					t.Errorf("%d bands: the opacity has changed", bands)
				}
			}
		}
	}
}

func sameBand(a, b raster.Picture, band int) bool {
	for at := band; at < len(a.Pix); at += a.Bands {
		if a.Pix[at] != b.Pix[at] {
			return false
		}
	}
	return true
}

func TestQuantize_OfFewColoursIsExact(t *testing.T) {
	t.Parallel()
	// Two of the three are neighbours, which no histogram of 32 values tells apart; the fourth is clear.
	some := [][]byte{{128, 128, 128, 255}, {129, 128, 128, 255}, {1, 2, 3, 90}, {77, 77, 77, 0}}
	src := picture(16, 16, 4, func(x, y int) []byte { return some[(x+y)%4] })
	dst := blank(src)
	raster.Quantize(dst, src, 3, true)
	if !bytes.Equal(dst.Pix, src.Pix) {
		t.Error("the picture has changed")
	}
}

func TestQuantize_FindsTheColours(t *testing.T) {
	t.Parallel()
	// Four colours with a little noise; the clear one does not count.
	some := [][]byte{{250, 10, 10, 255}, {10, 250, 10, 255}, {10, 10, 250, 255}, {240, 240, 240, 0}}
	src := picture(64, 64, 4, func(x, y int) []byte {
		c := bytes.Clone(some[(x/4+y/4)%4])
		c[(x+y)%3] += byte(x*y%5) - 2
		return c
	})
	for _, colour := range raster.PaletteOf(src, 3).Colours {
		near := 0
		for _, want := range some[:3] {
			if off(colour[0], want[0])+off(colour[1], want[1])+off(colour[2], want[2]) <= 6 {
				near++
			}
		}
		if near != 1 {
			t.Errorf("the palette has %v, which is none of the picture's", colour)
		}
	}
}

func off(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }

func TestQuantize_OfNothing(t *testing.T) {
	t.Parallel()
	src := picture(4, 4, 2, func(x, _ int) []byte { return []byte{byte(x), 0} })
	dst := blank(src)
	raster.Quantize(dst, src, 2, true)
	if !bytes.Equal(dst.Pix, src.Pix) {
		t.Error("clear pixels have changed")
	}
}

func TestQuantize_DitherKeepsTheMean(t *testing.T) {
	t.Parallel()
	src := picture(256, 64, 1, func(x, _ int) []byte { return []byte{byte(x)} })
	dst := blank(src)
	raster.Quantize(dst, src, 2, true)
	sum := 0
	for i := range src.Pix {
		sum += int(dst.Pix[i]) - int(src.Pix[i])
	}
	if mean := sum / len(src.Pix); mean < -2 || mean > 2 {
		t.Errorf("the picture is %d lighter than before", mean)
	}
}

// slowly is an oil painting pixel by pixel, as its definition has it.
func slowly(src raster.Picture, radius, levels int) raster.Picture {
	return picture(src.Width, src.Height, src.Bands, func(x, y int) []byte {
		sums := make([][4]int, levels)
		for v := max(y-radius, 0); v <= min(y+radius, src.Height-1); v++ {
			for u := max(x-radius, 0); u <= min(x+radius, src.Width-1); u++ {
				at := (v*src.Width + u) * 3
				r, g, b := int(src.Pix[at]), int(src.Pix[at+1]), int(src.Pix[at+2])
				sum := &sums[(13933*r+46871*g+4732*b)>>16*levels>>8]
				sum[0], sum[1], sum[2], sum[3] = sum[0]+r, sum[1]+g, sum[2]+b, sum[3]+1
			}
		}
		best := sums[0]
		for _, sum := range sums {
			if sum[3] > best[3] {
				best = sum
			}
		}
		n := best[3]
		return []byte{byte((best[0] + n/2) / n), byte((best[1] + n/2) / n), byte((best[2] + n/2) / n)}
	})
}

func TestOilPaint_EqualsItsDefinition(t *testing.T) {
	t.Parallel()
	for _, radius := range []int{1, 3, 9} {
		src := noise(21, 13, 3)
		dst := blank(src)
		raster.OilPaint(dst, src, radius, 12)
		want := slowly(src, radius, 12)
		for i := range want.Pix {
			// Weights of 255 round otherwise than weights of 1.
			if off(dst.Pix[i], want.Pix[i]) > 1 {
				t.Fatalf("radius %d: value %d is %d, want %d", radius, i, dst.Pix[i], want.Pix[i])
			}
		}
	}
}

func TestOilPaint_ClearPixelsDoNotCount(t *testing.T) {
	t.Parallel()
	src := picture(9, 9, 4, func(x, _ int) []byte {
		if x < 6 {
			return []byte{255, 0, 0, 0}
		}
		return []byte{0, 0, 255, 255}
	})
	dst := blank(src)
	raster.OilPaint(dst, src, 4, 8)
	if got := dst.Pix[4*6 : 4*7]; !bytes.Equal(got, []byte{0, 0, 255, 255}) {
		t.Errorf("the pixel at the edge is %v, want opaque blue", got)
	}
	if !sameBand(dst, src, 3) {
		t.Error("the opacity has changed")
	}
}

func BenchmarkOilPaint(b *testing.B) {
	src := noise(1000, 1000, 3)
	dst := blank(src)
	b.SetBytes(int64(len(src.Pix)))
	for b.Loop() {
		raster.OilPaint(dst, src, 10, 64)
	}
}

func BenchmarkQuantize(b *testing.B) {
	src := noise(1000, 1000, 3)
	dst := blank(src)
	b.SetBytes(int64(len(src.Pix)))
	for b.Loop() {
		raster.Quantize(dst, src, 256, true)
	}
}

func TestMedian_EqualsItsDefinition(t *testing.T) {
	t.Parallel()
	for bands := 1; bands <= 4; bands++ {
		for _, radius := range []int{1, 2, 7, 30} {
			src := noise(17, 11, bands)
			dst := blank(src)
			raster.Median(dst, src, radius)
			for i := range dst.Pix {
				if want := medianAt(src, i, radius); dst.Pix[i] != want {
					t.Fatalf("%d bands, radius %d: value %d is %d, want %d", bands, radius, i, dst.Pix[i], want)
				}
			}
		}
	}
}

// medianAt is the median around a value, by sorting.
func medianAt(src raster.Picture, i, radius int) uint8 {
	var values []uint8
	pixel, band := i/src.Bands, i%src.Bands
	for v := -radius; v <= radius; v++ {
		for u := -radius; u <= radius; u++ {
			x := min(max(pixel%src.Width+u, 0), src.Width-1)
			y := min(max(pixel/src.Width+v, 0), src.Height-1)
			values = append(values, src.Pix[(y*src.Width+x)*src.Bands+band])
		}
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func BenchmarkMedian(b *testing.B) {
	src := noise(1000, 1000, 3)
	dst := blank(src)
	b.SetBytes(int64(len(src.Pix)))
	for b.Loop() {
		raster.Median(dst, src, 20)
	}
}
