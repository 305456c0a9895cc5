package vips_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// drawn is a PNG of a picture whose pixels are what the function says.
func drawn(t *testing.T, w, h int, at func(x, y int) color.NRGBA) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, at(x, y))
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// Colours of the drawings.
var (
	paper = color.NRGBA{250, 250, 250, 255}
	ink   = color.NRGBA{20, 20, 20, 255}
)

func TestTrim(t *testing.T) {
	t.Parallel()
	box := image.Rect(12, 7, 30, 21)
	// framed is ink in the box, and the surroundings elsewhere.
	framed := func(around func(x, y int) color.NRGBA) []byte {
		return drawn(t, 50, 40, func(x, y int) color.NRGBA {
			if image.Pt(x, y).In(box) {
				return ink
			}
			return around(x, y)
		})
	}
	plain := framed(func(int, int) color.NRGBA { return paper })
	noisy := framed(func(x, y int) color.NRGBA { return color.NRGBA{240 + uint8((x+y)%11), 250, 250, 255} })
	clear := framed(func(x, y int) color.NRGBA { return color.NRGBA{uint8(5 * x), uint8(6 * y), 0, 0} })
	hair := drawn(t, 50, 40, func(x, y int) color.NRGBA {
		if x == 12 && y >= 7 && y < 21 {
			return ink
		}
		return paper
	})
	rows := map[string]struct {
		source []byte
		params string
		want   image.Point
	}{
		"a plain border":                {plain, `{}`, box.Size()},
		"nothing tolerated":             {plain, `{"tolerance":0}`, box.Size()},
		"a noisy border":                {noisy, `{}`, box.Size()},
		"a noisy border, little spared": {noisy, `{"tolerance":1}`, image.Pt(50, 40)},
		"a clear border":                {clear, `{}`, box.Size()},
		"a clear border by its name":    {clear, `{"color":"transparent"}`, box.Size()},
		"opaque around no clear border": {plain, `{"color":"transparent"}`, image.Pt(50, 40)},
		"another colour":                {plain, `{"color":"red"}`, image.Pt(50, 40)},
		"a line of one pixel":           {hair, `{"tolerance":0}`, image.Pt(1, 14)},
		"all of it":                     {plain, `{"tolerance":100}`, image.Pt(50, 40)},
		"some of the border stays":      {plain, `{"padding":10}`, image.Pt(18+10+10, 14+7+10)},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := render(t, chain(step("trim", row.params, "png")), row.source).picture(t, "out").Bounds().Size(); got != row.want {
				t.Errorf("size is %v, want %v", got, row.want)
			}
		})
	}
}

// scan is a page with lines, turned clockwise.
func scan(t *testing.T, degrees float64) []byte {
	t.Helper()
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return drawn(t, 600, 500, func(x, y int) color.NRGBA {
		dx, dy := float64(x)-300, float64(y)-250
		across, down := dx*cos+dy*sin, dy*cos-dx*sin
		word := math.Mod(across+1000, 60) < 48
		line := math.Mod(down+1000, 20) < 8
		if math.Abs(across) < 200 && math.Abs(down) < 150 && word && line {
			return ink
		}
		return paper
	})
}

func TestDeskew(t *testing.T) {
	t.Parallel()
	for _, degrees := range []float64{-14.6, -9, -3.3, -0.4, 0, 0.25, 1, 7.77, 15} {
		img := render(t, chain(step("deskew", `{"background":"white"}`, "png")), scan(t, degrees)).picture(t, "out")
		// How far ink is turned now: its lowest edge at the left and at the right of the middle.
		lowest := func(x int) float64 {
			for y := img.Bounds().Dy() - 1; y >= 0; y-- {
				if img.NRGBAAt(x, y).R < 128 {
					return float64(y)
				}
			}
			return math.Inf(-1)
		}
		middle := img.Bounds().Dx() / 2
		left, right := math.Inf(-1), math.Inf(-1)
		for x := range 15 { // wide enough to find a word
			left, right = max(left, lowest(middle-185+x)), max(right, lowest(middle+170+x))
		}
		if off := math.Atan((right-left)/355) * 180 / math.Pi; math.Abs(off) > 0.25 {
			t.Errorf("a page turned by %g degrees is off by %.2f", degrees, off)
		}
	}
}

func TestDeskew_LeavesAlone(t *testing.T) {
	t.Parallel()
	rows := map[string][]byte{
		"a level page":     scan(t, 0),
		"a blank page":     drawn(t, 300, 200, func(int, int) color.NRGBA { return paper }),
		"a black page":     drawn(t, 300, 200, func(int, int) color.NRGBA { return ink }),
		"a single pixel":   drawn(t, 1, 1, func(int, int) color.NRGBA { return ink }),
		"more than it can": scan(t, 17),
	}
	for name, source := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := decode(t, source).Bounds()
			if got := render(t, chain(step("deskew", ``, "png")), source).picture(t, "out").Bounds(); got != before {
				t.Errorf("size is %v, want %v as before", got, before)
			}
		})
	}
}

func TestRound_KeepsWhatIsInside(t *testing.T) {
	t.Parallel()
	// The left half is half opaque.
	source := drawn(t, 60, 40, func(x, _ int) color.NRGBA {
		if x < 30 {
			return color.NRGBA{200, 100, 50, 128}
		}
		return color.NRGBA{200, 100, 50, 255}
	})
	rows := map[string]struct {
		step                 recipe.Step
		corner, left, middle color.NRGBA
	}{
		"clear outside": {step("round", `{"radius":15}`, "png"), color.NRGBA{}, color.NRGBA{200, 100, 50, 128}, color.NRGBA{200, 100, 50, 255}},
		"blue outside": {
			step("round", `{"radius":15,"background":"blue"}`, "png"),
			color.NRGBA{0, 0, 255, 255},
			color.NRGBA{200, 100, 50, 128},
			color.NRGBA{200, 100, 50, 255},
		},
		"an ellipse": {step("mask", `{}`, "png"), color.NRGBA{}, color.NRGBA{200, 100, 50, 128}, color.NRGBA{200, 100, 50, 255}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img := render(t, chain(row.step), source).picture(t, "out")
			if got := img.NRGBAAt(0, 0); got != row.corner {
				t.Errorf("corner is %v, want %v", got, row.corner)
			}
			if got := img.NRGBAAt(5, 20); got != row.left {
				t.Errorf("left is %v, want %v", got, row.left)
			}
			if got := img.NRGBAAt(40, 20); got != row.middle {
				t.Errorf("middle is %v, want %v", got, row.middle)
			}
		})
	}
}

func TestRotateInside_ShowsNoCorner(t *testing.T) {
	t.Parallel()
	for _, size := range []image.Point{{90, 60}, {60, 90}, {200, 20}, {15, 120}, {70, 70}} {
		source := drawn(t, size.X, size.Y, func(int, int) color.NRGBA { return paper })
		for _, degrees := range []string{"0.5", "-7", "30", "45", "60", "91", "135", "-170", "269.5"} {
			g := render(t, chain(step("rotate", `{"inside":true,"background":"black","degrees":`+degrees+`}`, "png")), source)
			img := g.picture(t, "out")
			for i := 0; i < len(img.Pix); i += 4 {
				if img.Pix[i] < 240 {
					t.Errorf("%v turned by %s shows its corner at %d, %d of %v", size, degrees,
						i/4%img.Bounds().Dx(), i/4/img.Bounds().Dx(), img.Bounds().Size())
					break
				}
			}
		}
	}
}

func TestEnlarging_DoesNotDarkenClearEdges(t *testing.T) {
	t.Parallel()
	source := drawn(t, 40, 40, func(x, _ int) color.NRGBA {
		if x < 20 {
			return color.NRGBA{}
		}
		return color.NRGBA{255, 255, 255, 255}
	})
	img := render(t, chain(step("resize", `{"width":100,"height":30}`, "png")), source).picture(t, "out")
	for x := range 100 {
		if c := img.NRGBAAt(x, 15); c.A > 8 && c.R < 250 {
			t.Errorf("at %d there is %v, want white", x, c)
		}
	}
}

func TestOrient_UndoesWhatIsStored(t *testing.T) {
	t.Parallel()
	for orientation := 1; orientation <= 8; orientation++ {
		w, h := 160, 120
		if orientation >= 5 {
			w, h = h, w
		}
		file := drawn(t, w, h, func(x, y int) color.NRGBA { return corners[stored[orientation][y*2/h*2+x*2/w]] })
		img := render(t, chain(step("orient", `{"orientation":`+string(rune('0'+orientation))+`}`, "png")), file).picture(t, "out")
		want := image.NewNRGBA(image.Rect(0, 0, 160, 120))
		for i, c := range corners {
			quarter := image.Rect(i%2*80, i/2*60, i%2*80+80, i/2*60+60)
			draw.Draw(want, quarter, image.NewUniform(c), image.Point{}, draw.Src)
		}
		if d := distance(img, want); d != 0 {
			t.Errorf("orientation %d differs by %.1f", orientation, d)
		}
	}
}
