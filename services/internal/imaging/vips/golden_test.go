package vips_test

import (
	"flag"
	"image"
	"image/color"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

var update = flag.Bool("update", false, "rewrite the golden pictures")

// tolerance is the mean difference of a channel, of 255, that two versions of libvips may have on the same operation.
const tolerance = 1.5

// nearness is the same between libvips and the plain averages below: resampling kernels differ, places must not.
const nearness = 5

// golden is one operation on the cat, 451 × 300 pixels.
type golden struct {
	recipe recipe.Recipe
	size   image.Point
	// from is the part of the source that the result shows; zero when it is not a plain cut-out.
	from image.Rectangle
}

// small brings the cat to 150 × 100 before an operation.
var small = recipe.Step{Op: "resize", Params: []byte(`{"width":150,"height":100}`)}

// goldens are those of every family of operations.
var goldens = merge(geometryGoldens, colourGoldens, filterGoldens, composeGoldens)

func merge(families ...map[string]golden) map[string]golden {
	all := map[string]golden{}
	for _, family := range families {
		maps.Copy(all, family)
	}
	return all
}

func TestGolden(t *testing.T) {
	t.Parallel()
	cat := photo(t, "cat.jpg")
	for name, row := range goldens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output := render(t, row.recipe, cat).outputs["out"]
			got := decode(t, output.Data)
			if said := image.Pt(output.Width, output.Height); got.Bounds().Size() != row.size || said != row.size {
				t.Errorf("size is %v and said to be %v, want %v", got.Bounds().Size(), said, row.size)
			}
			if !row.from.Empty() {
				if d := distance(got, average(decode(t, cat), row.from, row.size)); d > nearness {
					t.Errorf("differs by %.1f from that part of the source, want at most %d", d, nearness)
				}
			}
			compare(t, name, output.Data)
		})
	}
}

// compare holds a PNG against its golden file.
func compare(t *testing.T, name string, data []byte) {
	t.Helper()
	path := filepath.Join("../testdata/golden", name+".png")
	if *update {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := distance(decode(t, data), decode(t, want)); d > tolerance {
		t.Errorf("differs by %.2f from %s, want at most %g", d, path, tolerance)
	}
}

// average scales a part of a picture by plain averages: an independent, if crude, idea of where everything belongs.
func average(src *image.NRGBA, from image.Rectangle, size image.Point) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			cell := image.Rect(
				from.Min.X+x*from.Dx()/size.X, from.Min.Y+y*from.Dy()/size.Y,
				from.Min.X+(x+1)*from.Dx()/size.X, from.Min.Y+(y+1)*from.Dy()/size.Y,
			)
			cell.Max.X, cell.Max.Y = max(cell.Max.X, cell.Min.X+1), max(cell.Max.Y, cell.Min.Y+1)
			out.SetNRGBA(x, y, mean(src, cell))
		}
	}
	return out
}

func mean(src *image.NRGBA, cell image.Rectangle) color.NRGBA {
	var sum [3]int
	for y := cell.Min.Y; y < cell.Max.Y; y++ {
		for x := cell.Min.X; x < cell.Max.X; x++ {
			c := src.NRGBAAt(x, y)
			sum[0], sum[1], sum[2] = sum[0]+int(c.R), sum[1]+int(c.G), sum[2]+int(c.B)
		}
	}
	n := cell.Dx() * cell.Dy()
	return color.NRGBA{R: uint8(sum[0] / n), G: uint8(sum[1] / n), B: uint8(sum[2] / n), A: 255}
}

func TestShrinkingWhileReading_LooksLikeFullResolution(t *testing.T) {
	t.Parallel()
	rocket := photo(t, "rocket.jpg")
	shrunk := render(t, chain(step("fit", `{"width":100}`, "png")), rocket).picture(t, "out")
	// A save of the untouched picture rules shrinking out.
	full := chain(step("fit", `{"width":100}`, "png"))
	full.Steps = append(full.Steps, recipe.Step{Save: &recipe.Save{ID: "whole"}})
	if d := distance(shrunk, render(t, full, rocket).picture(t, "out")); d > 2 {
		t.Errorf("differs by %.2f, want at most 2", d)
	}
}

func TestShrinkingWhileReading_LeavesLengthsAlone(t *testing.T) {
	t.Parallel()
	rows := map[string]recipe.Recipe{
		"gray, then quarter":   chain(recipe.Step{Op: "grayscale"}, step("resize", `{"scale":0.25}`, "png")),
		"gray, then a share":   chain(recipe.Step{Op: "grayscale"}, step("fit", `{"width":"25%"}`, "png")),
		"turned, then a share": chain(recipe.Step{Op: "rotate", Params: []byte(`{"degrees":180}`)}, step("fit", `{"height":"25%"}`, "png")),
	}
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := render(t, r, photo(t, "cat.jpg")).picture(t, "out").Bounds().Size(); got != image.Pt(113, 75) {
				t.Errorf("size is %v, want 113 × 75", got)
			}
		})
	}
}

func TestFanOut_EqualsSingleOutputs(t *testing.T) {
	t.Parallel()
	// As PNG, because a JPEG may be shrunk while it is read for a single output and not for many; and not quite opaque,
	// because opaque pictures are halved for many.
	cat := render(t, chain(step("opacity", `{"opacity":0.99}`, "png")), photo(t, "cat.jpg")).outputs["out"].Data
	names := slices.Sorted(maps.Keys(goldens))
	// No chain has more than four steps.
	for some := range slices.Chunk(names, recipe.MaxSteps/4) {
		var all recipe.Recipe
		for _, name := range some {
			one := goldens[name].recipe.Steps[0]
			rename(&one, name)
			all.Steps = append(all.Steps, one)
		}
		many := render(t, all, cat)
		for _, name := range some {
			if d := distance(many.picture(t, name), render(t, goldens[name].recipe, cat).picture(t, "out")); d > 0.1 {
				t.Errorf("%s differs by %.2f from the same alone, want at most 0.1", name, d)
			}
		}
	}
}

func TestFanOut_FromHalvesLooksLikeFromAllPixels(t *testing.T) {
	t.Parallel()
	cat := render(t, chain(step("", "", "png")), photo(t, "cat.jpg")).outputs["out"].Data
	var all recipe.Recipe
	for _, width := range []string{"200", "150", "110", "60"} {
		one := step("fit", `{"width":`+width+`}`, "png")
		one.Save.ID = width
		all.Steps = append(all.Steps, one)
	}
	many := render(t, all, cat)
	for _, one := range all.Steps {
		alone := render(t, recipe.Recipe{Steps: []recipe.Step{one}}, cat)
		if d := distance(many.picture(t, one.Save.ID), alone.picture(t, one.Save.ID)); d > 2 {
			t.Errorf("%s pixels wide differs by %.2f from the same alone, want at most 2", one.Save.ID, d)
		}
	}
}

// rename gives the only save of a chain another id.
func rename(s *recipe.Step, id string) {
	if s.Save != nil {
		s.Save = &recipe.Save{ID: id, Format: s.Save.Format}
		return
	}
	s.Steps = []recipe.Step{s.Steps[0]}
	rename(&s.Steps[0], id)
}
