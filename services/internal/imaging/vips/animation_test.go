package vips_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// traffic are the colours of the animation's frames.
var traffic = []color.NRGBA{{255, 0, 0, 255}, {255, 255, 0, 255}, {0, 255, 0, 255}}

// animation is a GIF of three frames, 60 × 40, shown for 100, 200 and 300 ms, twice over.
func animation(t *testing.T) []byte {
	t.Helper()
	all := &gif.GIF{LoopCount: 2}
	for i, c := range traffic {
		frame := image.NewPaletted(image.Rect(0, 0, 60, 40), color.Palette{color.White, c})
		draw.Draw(frame, frame.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
		all.Image, all.Delay = append(all.Image, frame), append(all.Delay, 10*(i+1))
	}
	var file bytes.Buffer
	if err := gif.EncodeAll(&file, all); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestAnimation_KeepsItsFrames(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		recipe recipe.Recipe
		size   image.Point
	}{
		"untouched": {chain(step("", "", "")), image.Pt(60, 40)},
		"resize":    {chain(step("resize", `{"width":30}`, "")), image.Pt(30, 20)},
		"fill":      {chain(step("fill", `{"width":25,"height":25}`, "")), image.Pt(25, 25)},
		"crop":      {chain(step("crop", `{"x":5,"y":5,"width":21,"height":13}`, "")), image.Pt(21, 13)},
		"turned":    {chain(step("rotate", `{"degrees":90}`, "")), image.Pt(40, 60)},
		"rotated":   {chain(step("rotate", `{"degrees":30}`, "")), image.Pt(72, 65)},
		"blurred":   {chain(step("blur", `{"sigma":5}`, "")), image.Pt(60, 40)},
		"attention": {chain(step("fill", `{"width":25,"height":25,"gravity":"attention"}`, "")), image.Pt(25, 25)},
		"enlarged":  {chain(step("resize", `{"width":90}`, "")), image.Pt(90, 60)},
		"padded":    {chain(step("pad", `{"width":80,"height":80,"background":"navy"}`, "")), image.Pt(80, 80)},
		"on itself": {chain(step("pad", `{"width":80,"height":80,"background":"blur"}`, "")), image.Pt(80, 80)},
		"extended":  {chain(step("extend", `{"top":10,"left":"10%","background":"mirror"}`, "")), image.Pt(66, 50)},
		"bordered":  {chain(step("border", `{"width":3}`, "")), image.Pt(66, 46)},
		"squared":   {chain(step("aspect", `{"aspect_ratio":1,"gravity":"entropy"}`, "")), image.Pt(40, 40)},
		"close":     {chain(step("fill", `{"width":80,"height":80,"zoom":3}`, "")), image.Pt(80, 80)},
		"trimmed":   {chain(recipe.Step{Op: "border", Params: []byte(`{"width":8}`)}, step("trim", ``, "")), image.Pt(60, 40)},
		"level":     {chain(step("deskew", ``, "")), image.Pt(60, 40)},
		"flipped":   {chain(step("flip", ``, "")), image.Pt(60, 40)},
		"headlong":  {chain(step("flip", `{"direction":"vertical"}`, "")), image.Pt(60, 40)},
		"oriented":  {chain(step("orient", `{"orientation":7}`, "")), image.Pt(40, 60)},
		"rounded":   {chain(step("round", `{"radius":"max"}`, "")), image.Pt(60, 40)},
		"drawn on":  {chain(step("ellipse", `{"width":10,"height":8,"color":"gold","stroke":3}`, "")), image.Pt(60, 40)},
		"masked":    {chain(step("mask", `{"shape":"circle","background":"white"}`, "")), image.Pt(60, 40)},
		"sepia":     {chain(step("sepia", `{"strength":0.01}`, "")), image.Pt(60, 40)},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output := render(t, row.recipe, animation(t)).outputs["out"]
			if said := image.Pt(output.Width, output.Height); said != row.size {
				t.Errorf("size is said to be %v, want %v", said, row.size)
			}
			got, err := gif.DecodeAll(bytes.NewReader(output.Data))
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Image) != 3 || got.Config.Width != row.size.X || got.Config.Height != row.size.Y {
				t.Fatalf("got %d frames of %d × %d", len(got.Image), got.Config.Width, got.Config.Height)
			}
			if diff := cmp.Diff([]int{10, 20, 30}, got.Delay); diff != "" {
				t.Errorf("delays (-want +got):\n%s", diff)
			}
			if got.LoopCount != 2 {
				t.Errorf("loops %d times, want 2", got.LoopCount)
			}
			for i, want := range traffic {
				r, g, b, _ := got.Image[i].At(row.size.X/2, row.size.Y/2).RGBA()
				alike(t, "frame", color.NRGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}, want)
			}
		})
	}
}

func TestAnimation_ToWebPAndBack(t *testing.T) {
	t.Parallel()
	webp := render(t, chain(step("fit", `{"width":30}`, "webp")), animation(t)).outputs["out"].Data
	if n := bytes.Count(webp, []byte("ANMF")); n != 3 {
		t.Fatalf("the WebP has %d frames, want 3", n)
	}
	back, err := gif.DecodeAll(bytes.NewReader(render(t, chain(step("fit", `{"width":20}`, "gif")), webp).outputs["out"].Data))
	if err != nil || len(back.Image) != 3 {
		t.Errorf("got %d frames and %v, want 3", len(back.Image), err)
	}
}

func TestAnimation_FirstFrameElsewhere(t *testing.T) {
	t.Parallel()
	rows := map[string]recipe.Recipe{
		"a still format": chain(step("fit", `{"width":30}`, "png")),
		"beside one that moves": {Steps: []recipe.Step{
			{Op: "fit", Params: []byte(`{"width":20}`), Save: &recipe.Save{ID: "moves"}},
			step("fit", `{"width":30}`, "jpeg"),
		}},
	}
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img := render(t, r, animation(t)).picture(t, "out")
			if img.Bounds().Size() != image.Pt(30, 20) {
				t.Fatalf("size is %v, want 30 × 20", img.Bounds().Size())
			}
			alike(t, "middle", img.NRGBAAt(15, 10), traffic[0])
		})
	}
}
