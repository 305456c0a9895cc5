package raster_test

import (
	"slices"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/raster"
)

func TestClearColour(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		colour    *[3]uint8
		tolerance float64
		want      []byte // opacities
	}{
		"the corner's":   {nil, 0, []byte{0, 255, 255, 0}},
		"near to it":     {nil, 5, []byte{0, 0, 255, 0}},
		"another colour": {&[3]uint8{0, 0, 255}, 0, []byte{200, 255, 0, 255}},
		"everything":     {nil, 255, []byte{0, 0, 0, 0}},
	}
	src := raster.Picture{Width: 2, Height: 2, Bands: 4, Pix: []byte{
		250, 10, 10, 200, 245, 10, 15, 255,
		0, 0, 255, 255, 250, 10, 10, 255,
	}}
	for name, row := range rows {
		got := blank(src)
		raster.ClearColour(got, src, row.colour, row.tolerance)
		if opacities := []byte{got.Pix[3], got.Pix[7], got.Pix[11], got.Pix[15]}; !slices.Equal(opacities, row.want) {
			t.Errorf("%s: opacities %v, want %v", name, opacities, row.want)
		}
	}
	gray := raster.Picture{Width: 2, Height: 1, Bands: 2, Pix: []byte{7, 255, 9, 255}}
	got := blank(gray)
	raster.ClearColour(got, gray, nil, 1)
	if !slices.Equal(got.Pix, []byte{7, 0, 9, 255}) {
		t.Errorf("gray became %v", got.Pix)
	}
}

func TestReplaceColour(t *testing.T) {
	t.Parallel()
	red, blue := [3]uint8{200, 30, 30}, [3]uint8{30, 30, 200}
	replaced := func(pixel [3]uint8, tolerance float64) [3]uint8 {
		src := raster.Picture{Width: 1, Height: 1, Bands: 3, Pix: pixel[:]}
		got := blank(src)
		raster.ReplaceColour(got, src, red, blue, tolerance)
		return [3]uint8(got.Pix)
	}
	near := func(a, b [3]uint8) bool {
		for i := range a {
			if d := int(a[i]) - int(b[i]); d < -2 || d > 2 {
				return false
			}
		}
		return true
	}
	for _, tolerance := range []float64{0, 0.25, 1} {
		if got := replaced(red, tolerance); !near(got, blue) {
			t.Errorf("tolerance %g: the colour itself became %v, want %v", tolerance, got, blue)
		}
	}
	for _, far := range [][3]uint8{{30, 200, 30}, {128, 128, 128}, blue} {
		if got := replaced(far, 0.25); got != far {
			t.Errorf("%v became %v", far, got)
		}
	}
	light := replaced([3]uint8{230, 80, 72}, 0.6)
	if light[2] <= blue[2] || light[2] < light[0] {
		t.Errorf("a lighter red became %v, want a lighter blue", light)
	}
}

// TestReplaceColour_LeavesShadesApart moves every gray by nothing but lightness.
func TestReplaceColour_LeavesShadesApart(t *testing.T) {
	t.Parallel()
	last := -1
	for v := range 200 {
		src := raster.Picture{Width: 1, Height: 1, Bands: 3, Pix: []byte{uint8(v), uint8(v), uint8(v)}}
		got := blank(src)
		raster.ReplaceColour(got, src, [3]uint8{100, 100, 100}, [3]uint8{120, 120, 120}, 0.1)
		if got.Pix[0] != got.Pix[1] || got.Pix[1] != got.Pix[2] || int(got.Pix[0]) < last || int(got.Pix[0]) <= v {
			t.Fatalf("gray %d became %v after %d", v, got.Pix, last)
		}
		last = int(got.Pix[0])
	}
}

func TestFade(t *testing.T) {
	t.Parallel()
	src := raster.Picture{Width: 2, Height: 2, Bands: 2, Pix: []byte{9, 200, 9, 200, 9, 100, 9, 100}}
	got := blank(src)
	raster.Fade(got, src, []float64{1, 0.5}, []float64{0, 1})
	if want := []byte{9, 0, 9, 0, 9, 100, 9, 50}; !slices.Equal(got.Pix, want) {
		t.Errorf("got %v, want %v", got.Pix, want)
	}
}
