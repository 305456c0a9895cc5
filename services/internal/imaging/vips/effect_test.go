package vips_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// painted is a PNG of the pixels that a function says.
func painted(t *testing.T, width, height int, at func(x, y int) color.NRGBA) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetNRGBA(x, y, at(x, y))
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// even is a PNG of one colour.
func even(t *testing.T, c color.NRGBA) []byte {
	t.Helper()
	return painted(t, 40, 30, func(int, int) color.NRGBA { return c })
}

// after is the picture that a step makes of a file.
func after(t *testing.T, op, params string, file []byte) *image.NRGBA {
	t.Helper()
	return render(t, chain(step(op, params, "png")), file).picture(t, "out")
}

var (
	brick = color.NRGBA{180, 90, 60, 255}
	white = color.NRGBA{255, 255, 255, 255}
	black = color.NRGBA{A: 255}
)

func TestEffects_OfAnEvenPicture(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		op, params string
		want       color.NRGBA
	}{
		"blur keeps it":             {"blur", `{"sigma":4}`, brick},
		"a wide blur keeps it":      {"blur", `{"sigma":250}`, brick},
		"sharpen keeps it":          {"sharpen", `{"amount":10,"flat":10}`, brick},
		"unsharp keeps it":          {"unsharp", `{"amount":10,"threshold":0}`, brick},
		"median keeps it":           {"median", `{"radius":20}`, brick},
		"pixelate keeps it":         {"pixelate", `{"size":7}`, brick},
		"large squares keep it":     {"pixelate", `{"size":1000}`, brick},
		"oil paint keeps it":        {"oil_paint", `{"radius":10,"levels":64}`, brick},
		"tilt shift keeps it":       {"tilt_shift", `{"sigma":100}`, brick},
		"denoise keeps it":          {"denoise", `{"luminance":1,"chroma":1}`, brick},
		"quantize keeps it":         {"quantize", `{"colors":2,"dither":true}`, brick},
		"equalize keeps it":         {"equalize", ``, brick},
		"edges are black":           {"edge", ``, black},
		"thin edges are black":      {"edge", `{"detector":"canny","sigma":10}`, black},
		"a relief is flat":          {"emboss", `{"strength":10}`, color.NRGBA{128, 128, 128, 255}},
		"a sketch is white":         {"sketch", `{"sigma":50}`, white},
		"saturation of nothing":     {"saturation", `{"amount":-1}`, color.NRGBA{107, 107, 107, 255}},
		"hue of a third":            {"hue", `{"degrees":120}`, color.NRGBA{30, 134, 67, 255}},
		"modulate":                  {"modulate", `{"saturation":0,"brightness":2}`, color.NRGBA{214, 214, 214, 255}},
		"opacity":                   {"opacity", `{"opacity":0.4}`, color.NRGBA{180, 90, 60, 102}},
		"no opacity":                {"opacity", `{"opacity":0}`, color.NRGBA{180, 90, 60, 0}},
		"flatten of what is opaque": {"flatten", ``, brick},
		"colorize all the way":      {"colorize", `{"color":"#123456","amount":1}`, color.NRGBA{0x12, 0x34, 0x56, 255}},
		"monochrome":                {"monochrome", `{"color":"#808080"}`, color.NRGBA{113, 113, 113, 255}},
		"profile gray":              {"profile", `{"to":"gray"}`, color.NRGBA{113, 113, 113, 255}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img := after(t, row.op, row.params, even(t, brick))
			for y := range 30 {
				for x := range 40 {
					if got := img.NRGBAAt(x, y); !within(got, row.want, 1) {
						t.Fatalf("pixel %d, %d is %v, want %v", x, y, got, row.want)
					}
				}
			}
		})
	}
}

// within tells whether no channel differs by more than that.
func within(a, b color.NRGBA, most uint8) bool {
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= most }
	return near(a.R, b.R) && near(a.G, b.G) && near(a.B, b.B) && near(a.A, b.A)
}

func TestEffects_ClearPixelsLendNoColour(t *testing.T) {
	t.Parallel()
	// The left is clear red, the right opaque blue.
	half := painted(t, 40, 30, func(x, _ int) color.NRGBA {
		if x < 20 {
			return color.NRGBA{R: 255}
		}
		return color.NRGBA{B: 255, A: 255}
	})
	for op, params := range map[string]string{
		"blur": `{"sigma":4}`, "median": `{"radius":3}`, "pixelate": `{"size":15}`, "oil_paint": ``,
		"tilt_shift": `{"position":0,"width":0.01}`, "unsharp": `{"sigma":3,"amount":-1,"threshold":0}`,
		"denoise": `{"luminance":1,"chroma":1}`, "sharpen": `{"amount":10,"flat":10,"sigma":3}`, "quantize": `{"colors":2,"dither":true}`,
		"normalize": `{"per_channel":true}`,
	} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			img := after(t, op, params, half)
			for x := range 40 {
				if got := img.NRGBAAt(x, 20); got.A > 20 && (got.R > 12 || got.B < 243) {
					t.Errorf("pixel %d is %v, want blue", x, got)
				}
			}
		})
	}
}

func TestEffects_OfTheSmallest(t *testing.T) {
	t.Parallel()
	for _, size := range []image.Point{{1, 1}, {1, 9}, {9, 1}, {2, 2}} {
		file := painted(t, size.X, size.Y, func(x, y int) color.NRGBA {
			return color.NRGBA{uint8(x * 20), uint8(y * 20), 90, uint8(255 - x - y)}
		})
		for _, name := range slices.Sorted(maps.Keys(toned())) {
			op, params, _ := strings.Cut(name, " ")
			if strings.Contains(params, "region") {
				continue // it would lie outside
			}
			t.Run(fmt.Sprint(size, " ", name), func(t *testing.T) {
				t.Parallel()
				if got := after(t, op, params, file).Bounds().Size(); got != size {
					t.Errorf("size is %v, want %v", got, size)
				}
			})
		}
	}
}

func TestEffects_OfAPictureInTheFile(t *testing.T) {
	t.Parallel()
	// Larger than what libvips keeps of a file that it reads in order.
	seed := uint32(1)
	tall := painted(t, 60, 1500, func(int, int) color.NRGBA {
		seed = seed*1664525 + 1013904223
		return color.NRGBA{uint8(seed >> 24), uint8(seed >> 16), uint8(seed >> 8), 255}
	})
	for _, name := range slices.Sorted(maps.Keys(toned())) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op, params, _ := strings.Cut(name, " ")
			streamed := after(t, op, params, tall)
			// A second output has the picture decoded into memory first.
			r := chain(step(op, params, "png"))
			r.Steps = append(r.Steps, recipe.Step{Op: "resize", Params: []byte(`{"width":9}`), Save: &recipe.Save{ID: "other", Format: "png"}})
			if d := distance(streamed, render(t, r, tall).picture(t, "out")); d > 0 {
				t.Errorf("differs by %.2f from the same in memory", d)
			}
		})
	}
}

func TestRegion_IsAllThatChanges(t *testing.T) {
	t.Parallel()
	box := image.Rect(10, 5, 25, 20)
	scene := func(outside uint8) []byte {
		return painted(t, 40, 30, func(x, y int) color.NRGBA {
			if !image.Pt(x, y).In(box) {
				return color.NRGBA{outside, uint8(x * 6), uint8(y * 8), 255}
			}
			return color.NRGBA{uint8((x * y) % 256), uint8(x * 6), uint8(y * 8), 255}
		})
	}
	for op, params := range map[string]string{"blur": `"sigma":6`, "pixelate": `"size":4`} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			params := `{` + params + `,"region":{"x":10,"y":5,"width":15,"height":15}}`
			one, other := after(t, op, params, scene(0)), after(t, op, params, scene(255))
			before := decode(t, scene(0))
			for y := range 30 {
				for x := range 40 {
					if image.Pt(x, y).In(box) && one.NRGBAAt(x, y) != other.NRGBAAt(x, y) {
						t.Fatalf("pixel %d, %d within depends on the outside", x, y)
					}
					if !image.Pt(x, y).In(box) && one.NRGBAAt(x, y) != before.NRGBAAt(x, y) {
						t.Fatalf("pixel %d, %d outside has changed", x, y)
					}
				}
			}
			if one.NRGBAAt(14, 10) == before.NRGBAAt(14, 10) {
				t.Error("nothing has changed within")
			}
		})
	}
}

// board is white with a black square in the middle, from 20, 10 to 40, 30 of 60 × 40.
func board(t *testing.T) []byte {
	t.Helper()
	return painted(t, 60, 40, func(x, y int) color.NRGBA {
		if image.Pt(x, y).In(image.Rect(20, 10, 40, 30)) {
			return white
		}
		return black
	})
}

func TestEmboss_IsLitFromItsAngle(t *testing.T) {
	t.Parallel()
	// The sides of the white square that shine, as right, top, left, bottom.
	rows := map[string][4]bool{
		`{"angle":0}`: {true, false, false, false}, `{"angle":90}`: {false, true, false, false},
		`{"angle":-180}`: {false, false, true, false}, `{"angle":270}`: {false, false, false, true},
		``: {false, true, true, false},
	}
	for params, want := range rows {
		img := after(t, "emboss", params, board(t))
		var got [4]bool
		for i, at := range []image.Point{{39, 20}, {30, 10}, {20, 20}, {30, 29}} {
			got[i] = img.NRGBAAt(at.X, at.Y).R > 150
		}
		if got != want {
			t.Errorf("%s shines on %v, want %v", params, got, want)
		}
	}
}

func TestEdge_IsWhereThePictureChanges(t *testing.T) {
	t.Parallel()
	for _, params := range []string{``, `{"detector":"canny"}`, `{"detector":"canny","sigma":3}`} {
		img := after(t, "edge", params, board(t))
		brightest := uint8(0)
		for x := 15; x < 25; x++ {
			brightest = max(brightest, img.NRGBAAt(x, 20).R)
		}
		if brightest < 200 {
			t.Errorf("%s: the edge has only %d", params, brightest)
		}
		for _, at := range []image.Point{{5, 20}, {30, 20}} {
			if got := img.NRGBAAt(at.X, at.Y).R; got > 5 {
				t.Errorf("%s: %v is %d, want black", params, at, got)
			}
		}
	}
}

func TestVignette_BlendsTheCorners(t *testing.T) {
	t.Parallel()
	img := after(t, "vignette", `{"strength":1,"softness":0.6,"color":"#00ff00"}`, even(t, brick))
	alike(t, "corner", img.NRGBAAt(0, 0), color.NRGBA{G: 255, A: 255})
	alike(t, "other corner", img.NRGBAAt(39, 29), color.NRGBA{G: 255, A: 255})
	alike(t, "middle", img.NRGBAAt(20, 15), brick)
}

func TestHalftone_KeepsBlackAndWhite(t *testing.T) {
	t.Parallel()
	for _, c := range []color.NRGBA{black, white, {128, 128, 128, 255}} {
		got := average(after(t, "halftone", `{"size":5}`, even(t, c)), image.Rect(0, 0, 40, 30), image.Pt(1, 1)).NRGBAAt(0, 0)
		if !within(got, c, 6) {
			t.Errorf("%v is %v on average", c, got)
		}
	}
}

func TestVibrance_SparesTheVivid(t *testing.T) {
	t.Parallel()
	gain := func(c color.NRGBA) int {
		got := after(t, "vibrance", `{"amount":1}`, even(t, c)).NRGBAAt(5, 5)
		spread := func(c color.NRGBA) int { return int(max(c.R, c.G, c.B)) - int(min(c.R, c.G, c.B)) }
		return 100 * spread(got) / max(1, spread(c))
	}
	dull, vivid := gain(color.NRGBA{140, 120, 120, 255}), gain(color.NRGBA{60, 60, 250, 255})
	if dull < 170 || vivid > 140 {
		t.Errorf("dull colours become %d %% as vivid and vivid ones %d %%", dull, vivid)
	}
	gray := color.NRGBA{120, 120, 120, 255}
	alike(t, "gray", after(t, "vibrance", `{"amount":1}`, even(t, gray)).NRGBAAt(5, 5), gray)
}

func TestMix_IsBetweenBoth(t *testing.T) {
	t.Parallel()
	file := even(t, brick)
	all := after(t, "duotone", `{"shadow":"#0000ff","highlight":"#ffff00"}`, file).NRGBAAt(5, 5)
	half := after(t, "duotone", `{"shadow":"#0000ff","highlight":"#ffff00","alpha":0.5}`, file).NRGBAAt(5, 5)
	between := func(a, b uint8) uint8 { return uint8((int(a) + int(b)) / 2) }
	want := color.NRGBA{between(all.R, brick.R), between(all.G, brick.G), between(all.B, brick.B), 255}
	if !within(half, want, 1) {
		t.Errorf("got %v, want %v between %v and %v", half, want, all, brick)
	}
}
