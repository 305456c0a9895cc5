package vips_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// mostUsed are the twelve operations that people use most, on pictures of 60 × 40.
var mostUsed = map[string]recipe.Step{
	"resize":    {Op: "resize", Params: []byte(`{"width":50,"height":50}`)},
	"fit":       {Op: "fit", Params: []byte(`{"width":45,"height":45}`)},
	"fill":      {Op: "fill", Params: []byte(`{"width":30,"height":36,"gravity":"west"}`)},
	"crop":      {Op: "crop", Params: []byte(`{"x":5,"y":3,"width":40,"height":30}`)},
	"pad":       {Op: "pad", Params: []byte(`{"width":60,"height":60,"background":"#336699"}`)},
	"rotate":    {Op: "rotate", Params: []byte(`{"degrees":30,"background":"#ff8800"}`)},
	"flip":      {Op: "flip"},
	"blur":      {Op: "blur", Params: []byte(`{"sigma":2}`)},
	"sharpen":   {Op: "sharpen", Params: []byte(`{"sigma":1.5}`)},
	"grayscale": {Op: "grayscale"},
	"overlay":   {Op: "overlay", Params: []byte(`{"picture":"logo","steps":[{"op":"resize","params":{"width":20}}],"gravity":"south_east","opacity":0.8}`)},
	"text":      {Op: "text", Params: []byte(`{"text":"Ring","font":"DejaVu Sans","size":16,"color":"#ffffff","gravity":"center"}`)},
}

// kindOfInput is a source of one kind.
type kindOfInput struct {
	file []byte
	// likeness is by how much at most a channel may differ in the mean from what is made of the same 60 × 40 as a plain
	// PNG; infinite where it is another picture.
	likeness float64
}

// inputs are one source of each kind: 60 × 40, but for the photograph.
func inputs(t *testing.T) (all map[string]kindOfInput, plain []byte) {
	t.Helper()
	base := thumbnail(t, "cat.jpg")
	deep, gray := image.NewNRGBA64(base.Rect), image.NewGray(base.Rect)
	soft := image.NewNRGBA(base.Rect)
	for y := range 40 {
		for x := range 60 {
			c := base.NRGBAAt(x, y)
			deep.Set(x, y, c)
			gray.Set(x, y, c)
			c.A = uint8(255 * min(max(20-math.Hypot(float64(x)-29.5, float64(y)-19.5), 0), 6) / 6)
			soft.SetNRGBA(x, y, c)
		}
	}
	var grayFile bytes.Buffer
	if err := jpeg.Encode(&grayFile, gray, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	plain = encoded(t, base)
	inks := render(t, chain(saving(`{"id":"out","format":"jpeg","quality":98,"chroma":"444","profile":"cmyk"}`)), plain).outputs["out"].Data
	if img, err := jpeg.Decode(bytes.NewReader(inks)); err != nil || img.ColorModel() != color.CMYKModel {
		t.Fatalf("the CMYK source is none: %T, %v", img, err)
	}
	return map[string]kindOfInput{
		"jpeg":     {photo(t, "cat.jpg"), 3},
		"alpha":    {encoded(t, soft), math.Inf(1)},
		"deep":     {encoded(t, deep), 0.6},
		"gray":     {grayFile.Bytes(), math.Inf(1)},
		"cmyk":     {inks, 9},
		"animated": {moving(t), 4},
	}, plain
}

// thumbnail is a photograph as 60 × 40 pixels, opaque.
func thumbnail(t *testing.T, name string) *image.NRGBA {
	t.Helper()
	return render(t, chain(step("resize", `{"width":60,"height":40}`, "png")), photo(t, name)).picture(t, "out")
}

// encoded is a PNG of the pixels, with 16 bits where they have them.
func encoded(t *testing.T, img image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// moving is a GIF of three photographs, each with colours of its own.
func moving(t *testing.T) []byte {
	t.Helper()
	all := &gif.GIF{}
	for _, name := range []string{"cat.jpg", "rocket.jpg", "coffee.jpg"} {
		one := render(t, chain(step("resize", `{"width":60,"height":40}`, "gif")), photo(t, name)).outputs["out"].Data
		frame, err := gif.Decode(bytes.NewReader(one))
		if err != nil {
			t.Fatal(err)
		}
		all.Image, all.Delay = append(all.Image, frame.(*image.Paletted)), append(all.Delay, 10)
	}
	var file bytes.Buffer
	if err := gif.EncodeAll(&file, all); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// made is what the step makes of the input: of an animation all frames, one below the other.
func made(t *testing.T, kind, op string, file []byte) *image.NRGBA {
	t.Helper()
	last := mostUsed[op]
	if kind == "animated" {
		frames := allFrames(t, last, "webp", file)
		if len(frames) != 3 {
			t.Fatalf("%d frames are left, want 3", len(frames))
		}
		return stacked(frames)
	}
	last.Save = &recipe.Save{ID: "out", Format: "png"}
	r := chain(last)
	if kind == "jpeg" {
		r = chain(recipe.Step{Op: "resize", Params: json.RawMessage(`{"width":60,"height":40}`)}, last)
	}
	return render(t, r, file).picture(t, "out")
}

// allFrames are those that a step makes for a format that holds several, without loss.
func allFrames(t *testing.T, last recipe.Step, format string, file []byte) (frames []*image.NRGBA) {
	t.Helper()
	last.Save = saving(`{"id":"out","format":"` + format + `","lossless":true}`).Save
	each := chain(step("", "", "png"))
	each.Pages = "all"
	g := render(t, each, render(t, chain(last), file).outputs["out"].Data)
	for _, page := range g.pages {
		frames = append(frames, decode(t, g.paged[page]["out"].Data))
	}
	return frames
}

// stacked puts frames of one size below each other.
func stacked(frames []*image.NRGBA) *image.NRGBA {
	size := frames[0].Bounds().Size()
	all := image.NewNRGBA(image.Rect(0, 0, size.X, size.Y*len(frames)))
	for i, frame := range frames {
		draw.Draw(all, image.Rect(0, i*size.Y, size.X, (i+1)*size.Y), frame, image.Point{}, draw.Src)
	}
	return all
}

// TestInputs_Golden holds the twelve operations on every kind of input against their golden pictures, by the tolerance
// of all golden pictures, and against what is made of a plain PNG.
func TestInputs_Golden(t *testing.T) {
	t.Parallel()
	if *update {
		if err := os.MkdirAll("../testdata/golden/inputs", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	kinds, plain := inputs(t)
	for op := range mostUsed {
		reference := made(t, "plain", op, plain)
		for kind, input := range kinds {
			t.Run(op+" of "+kind, func(t *testing.T) {
				t.Parallel()
				got := made(t, kind, op, input.file)
				compare(t, "inputs/"+op+"_"+kind, encoded(t, got))
				first := got.SubImage(reference.Rect).(*image.NRGBA)
				if kind == "animated" {
					first = stacked([]*image.NRGBA{first})
				}
				if d := distance(weighed(first), weighed(reference)); d > input.likeness {
					t.Errorf("differs by %.2f from the same of a plain PNG, want at most %g", d, input.likeness)
				}
			})
		}
	}
}
