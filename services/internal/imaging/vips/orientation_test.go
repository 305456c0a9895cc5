package vips_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/imagingtest"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// corners are the colours of the upright picture's quarters: upper left, upper right, lower left, lower right.
var corners = [4]color.NRGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 0, 255}}

// stored is for each orientation, 1 to 8, where the quarters are found in the file: index by stored place, value the
// upright place (TIFF 6.0, tag 274).
var stored = [9][4]int{
	1: {0, 1, 2, 3}, 2: {1, 0, 3, 2}, 3: {3, 2, 1, 0}, 4: {2, 3, 0, 1},
	5: {0, 2, 1, 3}, 6: {1, 3, 0, 2}, 7: {3, 1, 2, 0}, 8: {2, 0, 3, 1},
}

// oriented is a JPEG whose upright picture is 160 × 120.
func oriented(t *testing.T, orientation int) []byte {
	t.Helper()
	w, h := 160, 120
	if orientation >= 5 {
		w, h = h, w
	}
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, corners[stored[orientation][y*2/h*2+x*2/w]])
		}
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return imagingtest.WithSegments(file.Bytes(), append([]byte("\xE1Exif\x00\x00"), exif(uint16(orientation))...))
}

func TestOrientation_ComesFirst(t *testing.T) {
	t.Parallel()
	recipes := map[string]struct {
		recipe recipe.Recipe
		size   image.Point
	}{
		"untouched":         {chain(step("", "", "png")), image.Pt(160, 120)},
		"scaled":            {chain(step("resize", `{"width":80,"height":40}`, "png")), image.Pt(80, 40)},
		"shrunk":            {chain(step("fit", `{"width":20}`, "png")), image.Pt(20, 15)},
		"cut":               {chain(step("crop", `{"x":20,"y":20,"width":120,"height":80}`, "png")), image.Pt(120, 80)},
		"gray, then scaled": {chain(recipe.Step{Op: "sepia", Params: []byte(`{"strength":0.1}`)}, step("resize", `{"width":80}`, "png")), image.Pt(80, 60)},
		"turned back": {chain(recipe.Step{Op: "rotate", Params: []byte(`{"degrees":90}`)},
			step("rotate", `{"degrees":-90}`, "png")), image.Pt(160, 120)},
		"with a sibling": {recipe.Recipe{Steps: []recipe.Step{
			step("fill", `{"width":40,"height":30}`, "png"),
			{Op: "fit", Params: []byte(`{"width":30}`), Save: &recipe.Save{ID: "sibling"}},
		}}, image.Pt(40, 30)},
	}
	for name, row := range recipes {
		for orientation := 1; orientation <= 8; orientation++ {
			t.Run(fmt.Sprint(name, " from ", orientation), func(t *testing.T) {
				t.Parallel()
				img := render(t, row.recipe, oriented(t, orientation)).picture(t, "out")
				if img.Bounds().Size() != row.size {
					t.Fatalf("size is %v, want %v", img.Bounds().Size(), row.size)
				}
				for i, want := range corners {
					got := img.NRGBAAt(row.size.X*(1+i%2*2)/4, row.size.Y*(1+i/2*2)/4)
					if off := distance(dot(got), dot(want)); off > 20 {
						t.Errorf("corner %d is %v, want %v", i, got, want)
					}
				}
			})
		}
	}
}

// TestOrientation_AsStored leaves the quarters where the file has them.
func TestOrientation_AsStored(t *testing.T) {
	t.Parallel()
	as := chain(step("", "", "png"))
	as.AsStored = true
	for orientation := 1; orientation <= 8; orientation++ {
		t.Run(fmt.Sprint(orientation), func(t *testing.T) {
			t.Parallel()
			img := render(t, as, oriented(t, orientation)).picture(t, "out")
			size := image.Pt(160, 120)
			if orientation >= 5 {
				size = image.Pt(120, 160)
			}
			if img.Bounds().Size() != size {
				t.Fatalf("size is %v, want %v", img.Bounds().Size(), size)
			}
			for i, place := range stored[orientation] {
				got := img.NRGBAAt(size.X*(1+i%2*2)/4, size.Y*(1+i/2*2)/4)
				if off := distance(dot(got), dot(corners[place])); off > 20 {
					t.Errorf("corner %d is %v, want %v", i, got, corners[place])
				}
			}
		})
	}
}

// dot is a picture of one pixel.
func dot(c color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	img.SetNRGBA(0, 0, c)
	return img
}
