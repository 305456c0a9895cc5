package vips_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/imagingtest"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// swapped is a colour profile in which red and green have changed places: what it does cannot be missed.
func swapped() []byte {
	return imagingtest.Profile([3][3]float64{{0.3851, 0.7169, 0.0971}, {0.4361, 0.2225, 0.0139}, {0.1431, 0.0606, 0.7141}})
}

func TestProfile_IsAppliedAndDropped(t *testing.T) {
	t.Parallel()
	red := image.NewRGBA(image.Rect(0, 0, 64, 64))
	draw.Draw(red, red.Bounds(), image.NewUniform(color.RGBA{R: 255, A: 255}), image.Point{}, draw.Src)
	var file bytes.Buffer
	if err := jpeg.Encode(&file, red, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	source := imagingtest.WithSegments(file.Bytes(), append([]byte("\xE2ICC_PROFILE\x00\x01\x01"), swapped()...))
	for name, r := range map[string]recipe.Recipe{
		"after scaling":      chain(step("resize", `{"width":16}`, "png")),
		"without scaling":    chain(step("", "", "png")),
		"before a cut":       chain(step("crop", `{"width":20,"height":20}`, "png")),
		"before a free turn": chain(step("rotate", `{"degrees":10,"background":"white"}`, "png")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := render(t, r, source)
			img := g.picture(t, "out")
			at := img.NRGBAAt(img.Bounds().Dx()/2, img.Bounds().Dy()/2)
			if at.G < 200 || at.R > 100 {
				t.Errorf("the middle is %v, want green", at)
			}
			if found := leaks(g.outputs["out"].Data); len(found) > 0 {
				t.Errorf("the output tells %v", found)
			}
		})
	}
}

func TestAlpha(t *testing.T) {
	t.Parallel()
	// The left half is clear, the right half opaque blue.
	half := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	draw.Draw(half, image.Rect(20, 0, 40, 40), image.NewUniform(color.NRGBA{B: 255, A: 255}), image.Point{}, draw.Src)
	var file bytes.Buffer
	if err := png.Encode(&file, half); err != nil {
		t.Fatal(err)
	}
	rows := map[string]struct {
		step        recipe.Step
		left, right color.NRGBA
	}{
		"is kept by PNG":         {step("resize", `{"width":20}`, "png"), color.NRGBA{}, color.NRGBA{B: 255, A: 255}},
		"is white in JPEG":       {step("resize", `{"width":20}`, "jpeg"), color.NRGBA{255, 255, 255, 255}, color.NRGBA{B: 255, A: 255}},
		"is kept by sepia":       {step("sepia", "", "png"), color.NRGBA{}, color.NRGBA{48, 42, 33, 255}},
		"is kept by grayscale":   {step("grayscale", "", "png"), color.NRGBA{}, color.NRGBA{89, 89, 89, 255}},
		"is kept by blur":        {step("blur", `{"sigma":0.5}`, "png"), color.NRGBA{}, color.NRGBA{B: 255, A: 255}},
		"is kept by a half turn": {step("rotate", `{"degrees":180}`, "png"), color.NRGBA{B: 255, A: 255}, color.NRGBA{}},
		"is kept by a free turn": {step("rotate", `{"degrees":5}`, "png"), color.NRGBA{}, color.NRGBA{B: 255, A: 255}},
		"is kept by sharpen":     {step("sharpen", "", "png"), color.NRGBA{}, color.NRGBA{B: 255, A: 255}},
		"is one bit of GIF":      {step("resize", `{"width":20}`, "gif"), color.NRGBA{}, color.NRGBA{B: 255, A: 255}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img := render(t, chain(row.step), file.Bytes()).picture(t, "out")
			w, h := img.Bounds().Dx(), img.Bounds().Dy()
			alike(t, "left", img.NRGBAAt(w/4, h/2), row.left)
			alike(t, "right", img.NRGBAAt(w*3/4, h/2), row.right)
		})
	}
}

// alike compares colours with a tolerance of 6; clear is clear, whatever its colour.
func alike(t *testing.T, where string, got, want color.NRGBA) {
	t.Helper()
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 6 }
	if got.A < 6 && want.A == 0 {
		return
	}
	if !near(got.R, want.R) || !near(got.G, want.G) || !near(got.B, want.B) || !near(got.A, want.A) {
		t.Errorf("%s is %v, want %v", where, got, want)
	}
}
