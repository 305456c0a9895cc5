package raster_test

import (
	"math"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/raster"
)

// TestDilate compares with the distance to every pixel of the shape.
func TestDilate(t *testing.T) {
	t.Parallel()
	dots := noise(37, 29, 1)
	for i, value := range dots.Pix {
		if value < 240 { // a few are left, and some of them are too faint to count
			dots.Pix[i] = value / 3
		}
	}
	for _, radius := range []float64{1, 2.5, 6, 100} {
		got := blank(dots)
		raster.Dilate(got, dots, radius)
		for i := range dots.Pix {
			x, y := i%dots.Width, i/dots.Width
			nearest := math.Inf(1)
			for j, value := range dots.Pix {
				if value >= 128 {
					nearest = min(nearest, math.Hypot(float64(x-j%dots.Width), float64(y-j/dots.Width)))
				}
			}
			want := max(dots.Pix[i], uint8(255*min(max(radius+0.5-nearest, 0), 1)))
			if d := int(got.Pix[i]) - int(want); d < -1 || d > 1 {
				t.Fatalf("radius %g: %d at %d, %d, want %d", radius, got.Pix[i], x, y, want)
			}
		}
	}
}

func TestDilate_NothingGrowsFromNothing(t *testing.T) {
	t.Parallel()
	empty := picture(9, 7, 1, func(int, int) []byte { return []byte{127} })
	got := blank(empty)
	raster.Dilate(got, empty, 5)
	for i, value := range got.Pix {
		if value != 127 {
			t.Fatalf("pixel %d became %d", i, value)
		}
	}
}
