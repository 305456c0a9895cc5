package vips_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// sheet is a picture of 40 × 30 pixels in one colour.
func sheet(t *testing.T, c color.Color) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for y := range 30 {
		for x := range 40 {
			img.Set(x, y, c)
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestDraw_CoversExactly(t *testing.T) {
	t.Parallel()
	red := color.NRGBA{R: 255, A: 255}
	rows := map[string]struct {
		op, params string
		covered    image.Rectangle
	}{
		"a rectangle":            {"rectangle", `{"x":5,"y":6,"width":10,"height":8,"color":"red"}`, image.Rect(5, 6, 15, 14)},
		"one over the edges":     {"rectangle", `{"x":-5,"y":20,"width":100,"height":80,"color":"red"}`, image.Rect(0, 20, 40, 30)},
		"in shares":              {"rectangle", `{"x":"50%","y":"50%","width":"25%","height":"50%","color":"red"}`, image.Rect(20, 15, 30, 30)},
		"an outline and no fill": {"rectangle", `{"x":2,"y":2,"width":4,"height":4,"color":"transparent","stroke":4,"stroke_color":"red"}`, image.Rect(0, 0, 8, 8)},
		"a line across":          {"line", `{"x":3,"y":10,"to_x":13,"to_y":10,"width":3,"color":"red"}`, image.Rect(4, 9, 13, 12)},
		"beside the picture":     {"ellipse", `{"x":100,"width":10,"height":10,"color":"red"}`, image.Rectangle{}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := render(t, chain(step(row.op, row.params, "png")), sheet(t, color.White)).picture(t, "out")
			for y := range 30 {
				for x := range 40 {
					want := color.NRGBA{R: 255, G: 255, B: 255, A: 255}
					if image.Pt(x, y).In(row.covered) {
						want = red
					}
					// A line ends in the middle of its last pixels.
					if row.op == "line" && (x == 3 || x == 13) && y >= 9 && y < 12 {
						want.G, want.B = 127, 127
					}
					if c := got.NRGBAAt(x, y); !near(c, want) {
						t.Fatalf("pixel %d, %d is %v, want %v", x, y, c, want)
					}
				}
			}
		})
	}
}

func near(a, b color.NRGBA) bool {
	off := func(a, b uint8) bool { return max(a, b)-min(a, b) > 2 }
	return !off(a.R, b.R) && !off(a.G, b.G) && !off(a.B, b.B) && !off(a.A, b.A)
}

func TestDraw_OnClearAndGray(t *testing.T) {
	t.Parallel()
	for name, ground := range map[string]color.Color{"clear": color.NRGBA{}, "gray": color.Gray{Y: 90}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := render(t, chain(step("ellipse", `{"width":"100%","height":"100%","color":"red"}`, "png")), sheet(t, ground)).picture(t, "out")
			if c := got.NRGBAAt(20, 15); c != (color.NRGBA{R: 255, A: 255}) {
				t.Errorf("the middle is %v, want red", c)
			}
			if c, want := got.NRGBAAt(0, 0), color.NRGBAModel.Convert(ground); c != want {
				t.Errorf("the corner is %v, want %v", c, want)
			}
		})
	}
}
