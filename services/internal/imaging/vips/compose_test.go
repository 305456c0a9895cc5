package vips_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pdfcpu/pdfcpu/pkg/api"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/sample"
)

func TestSprite_TellsWhereEachPictureIs(t *testing.T) {
	t.Parallel()
	for _, layout := range []string{"vertical", "horizontal", "packed"} {
		t.Run(layout, func(t *testing.T) {
			t.Parallel()
			g := render(t, chain(small, step("sprite", `{"own":"cat","pictures":["logo","rocket","coffee"],"steps":[{"op":"fit","params":{"width":70}}],"gap":3,"layout":"`+layout+`"}`, "png")), photo(t, "cat.jpg"))
			out := g.outputs["out"]
			sheet := image.Rect(0, 0, out.Width, out.Height)
			var names []string
			var taken []image.Rectangle
			for _, s := range out.Sprites {
				names = append(names, s.Name)
				at := image.Rect(s.X, s.Y, s.X+s.Width, s.Y+s.Height)
				if !at.In(sheet) {
					t.Errorf("%s at %v is not on the sheet %v", s.Name, at, sheet)
				}
				for _, other := range taken {
					if at.Inset(-1).Overlaps(other) {
						t.Errorf("%s at %v touches %v", s.Name, at, other)
					}
				}
				taken = append(taken, at)
			}
			if diff := cmp.Diff([]string{"cat", "logo", "rocket", "coffee"}, names); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			// What is told to be the logo is the red disc on clear ground.
			logo := out.Sprites[1]
			img := decode(t, out.Data)
			alike(t, "middle of the logo", img.NRGBAAt(logo.X+20, logo.Y+20), color.NRGBA{R: 255, A: 255})
			alike(t, "corner of the logo", img.NRGBAAt(logo.X, logo.Y), color.NRGBA{})
		})
	}
}

func TestSprite_CoordinatesEndWithTheSheet(t *testing.T) {
	t.Parallel()
	r := chain(recipe.Step{Op: "sprite", Params: []byte(`{"pictures":["logo"]}`)}, step("fit", `{"width":50}`, "png"))
	if got := render(t, r, photo(t, "cat.jpg")).outputs["out"].Sprites; got != nil {
		t.Errorf("sprites are %v after the sheet was scaled", got)
	}
}

func TestAnimate(t *testing.T) {
	t.Parallel()
	r := chain(small, step("animate", `{"pictures":["rocket","logo"],"steps":[{"op":"fit","params":{"width":150,"height":100}}],"delay":250,"loop":3}`, "gif"))
	out := render(t, r, photo(t, "cat.jpg")).outputs["out"]
	got, err := gif.DecodeAll(bytes.NewReader(out.Data))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Image) != 3 || out.Frames != 3 || got.Config.Width != 150 || got.Config.Height != 100 || got.LoopCount != 2 { // which counts the repeats
		t.Errorf("%d frames (told %d) of %d × %d, %d times; want 3 of 150 × 100, 3 times",
			len(got.Image), out.Frames, got.Config.Width, got.Config.Height, got.LoopCount)
	}
	if diff := cmp.Diff([]int{25, 25, 25}, got.Delay); diff != "" {
		t.Errorf("delays (-want +got):\n%s", diff)
	}
	// The same as a still is the first frame alone.
	still := r
	still.Steps[0].Steps[0].Save = &recipe.Save{ID: "out", Format: "png"}
	if size := render(t, still, photo(t, "cat.jpg")).picture(t, "out").Bounds().Size(); size != image.Pt(150, 100) {
		t.Errorf("the still is %v, want 150 × 100", size)
	}
}

func TestDocument_KeepsThePagesSizes(t *testing.T) {
	t.Parallel()
	r := chain(small, step("document", `{"pictures":["rocket","logo"],"steps":[{"op":"fit","params":{"width":200}}]}`, "pdf"))
	out := render(t, r, photo(t, "cat.jpg")).outputs["out"]
	got, err := api.PageDims(bytes.NewReader(out.Data), nil)
	if err != nil {
		t.Fatal(err)
	}
	var sizes []image.Point
	for _, dim := range got {
		sizes = append(sizes, image.Pt(int(dim.Width+0.5), int(dim.Height+0.5)))
	}
	if diff := cmp.Diff([]image.Point{{X: 150, Y: 100}, {X: 200, Y: 133}, {X: 40, Y: 40}}, sizes); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

// pages makes a file of three pages, red, yellow and green, in a format.
func pages(t *testing.T, format string) []byte {
	t.Helper()
	if format == "gif" {
		return animation(t)
	}
	r := chain(step("", "", format))
	return render(t, r, animation(t)).outputs["out"].Data
}

func TestPages_AreExploded(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"gif", "webp", "tiff", "pdf"} {
		for _, row := range []struct {
			pages string
			want  []int
		}{{"all", []int{1, 2, 3}}, {"3,1", []int{1, 3}}, {"2-9", []int{2, 3}}} {
			t.Run(fmt.Sprintf("%s of %s", row.pages, format), func(t *testing.T) {
				t.Parallel()
				r := chain(step("fit", `{"width":30}`, "png"))
				r.Pages = row.pages
				g, facts, err := tryRender(r, pages(t, format))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(row.want, g.pages); diff != "" || facts.Pages != 3 {
					t.Errorf("%d pages; rendered (-want +got):\n%s", facts.Pages, diff)
				}
				for _, page := range row.want {
					img := decode(t, g.paged[page]["out"].Data)
					alike(t, fmt.Sprintf("page %d", page), img.NRGBAAt(15, 10), traffic[page-1])
				}
			})
		}
	}
}

func TestPages_ThatAreNotThere(t *testing.T) {
	t.Parallel()
	r := chain(step("", "", "png"))
	r.Pages = "7"
	_, _, err := tryRender(r, animation(t))
	wantCode(t, err, recipe.PageMissing)
}

func TestDensity_DrawsDocumentsLarger(t *testing.T) {
	t.Parallel()
	r := chain(step("", "", "png"))
	r.Density = 144
	if size := render(t, r, pages(t, "pdf")).picture(t, "out").Bounds().Size(); size != image.Pt(120, 80) {
		t.Errorf("size is %v, want 120 × 80", size)
	}
}

func TestFurtherPicture_FailsOnlyItsOutputs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"missing", "broken"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := recipe.Recipe{Steps: []recipe.Step{
				{Op: "overlay", Params: []byte(`{"picture":"` + name + `"}`), Save: &recipe.Save{ID: "marked"}},
				step("fit", `{"width":50}`, "png"),
			}}
			g, _, err := tryRender(r, sample.Portrait)
			if err != nil {
				t.Fatal(err)
			}
			if got := g.failures["marked"].Code; got != recipe.PictureUnreadable {
				t.Errorf("failed by %q, want %s", got, recipe.PictureUnreadable)
			}
			if g.outputs["out"].Width != 50 {
				t.Error("the other output is missing")
			}
		})
	}
}

func TestText_IsNoMarkup(t *testing.T) {
	t.Parallel()
	draw := func(text string) *image.NRGBA {
		params := fmt.Sprintf(`{"text":%q,"size":14,"background":"#000000"}`, text)
		return render(t, chain(small, step("text", params, "png")), photo(t, "cat.jpg")).picture(t, "out")
	}
	// Were it obeyed, the span would be no wider than what is in it.
	if distance(draw("<span size='1'>Hi</span>"), draw("Hi")) < 1 {
		t.Error("markup in a text is obeyed")
	}
	for _, text := range []string{"a & b", "<", "&#x;", "<b>", "\u202e\u200b", "%s%n", "a\nb"} {
		draw(text)
	}
}

func TestOverlay_OnEveryFrame(t *testing.T) {
	t.Parallel()
	out := render(t, chain(step("overlay", `{"picture":"logo","steps":[{"op":"resize","params":{"width":20}}]}`, "")), animation(t)).outputs["out"]
	one := chain(step("", "", "png"))
	one.Pages = "3"
	last := render(t, one, out.Data).picture(t, "out")
	alike(t, "middle of the last frame", last.NRGBAAt(30, 20), color.NRGBA{R: 255, A: 255})
	alike(t, "corner of the last frame", last.NRGBAAt(2, 2), traffic[2])
}
