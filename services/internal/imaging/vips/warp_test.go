package vips_test

import (
	"image/color"
	"testing"
)

// TestWarp_BackgroundKeepsItsColour has corners that are half clear: their colour is the one that was asked for.
func TestWarp_BackgroundKeepsItsColour(t *testing.T) {
	t.Parallel()
	got := after(t, "shear", `{"x":45,"background":"#64503c80"}`, kindsOfPixels(t)["rgb"])
	if corner, want := got.NRGBAAt(got.Rect.Max.X-2, 1), (color.NRGBA{0x64, 0x50, 0x3c, 0x80}); corner != want {
		t.Errorf("the corner is %v, want %v", corner, want)
	}
}
