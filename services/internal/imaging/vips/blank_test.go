package vips_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/imagingtest"
)

// filled is a PNG of 40 × 30 pixels of one colour, but for the one pixel that change makes of another.
func filled(t *testing.T, c color.NRGBA, change *color.NRGBA) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for i := 0; i < len(img.Pix); i += 4 {
		img.SetNRGBA(i/4%40, i/160, c)
	}
	if change != nil {
		img.SetNRGBA(17, 11, *change)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// flicker is an animation of frames that are each of one colour.
func flicker(t *testing.T, colours ...color.Color) []byte {
	t.Helper()
	var g gif.GIF
	for _, c := range colours {
		g.Image, g.Delay = append(g.Image, image.NewPaletted(image.Rect(0, 0, 8, 6), color.Palette{c})), append(g.Delay, 10)
	}
	var file bytes.Buffer
	if err := gif.EncodeAll(&file, &g); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestSave_CheckBlank(t *testing.T) {
	t.Parallel()
	red, clear, nearly := color.NRGBA{R: 200, A: 255}, color.NRGBA{G: 9}, color.NRGBA{R: 201, A: 255}
	for name, row := range map[string]struct {
		source []byte
		save   string
		want   bool
	}{
		"OneColour":         {filled(t, red, nil), `{"id":"out","format":"jpeg","check_blank":true}`, true},
		"OnePixelOff":       {filled(t, red, &nearly), `{"id":"out","format":"png","check_blank":true}`, false},
		"Photograph":        {photo(t, "cat.jpg"), `{"id":"out","format":"webp","check_blank":true}`, false},
		"Clear":             {filled(t, clear, &color.NRGBA{B: 7}), `{"id":"out","format":"png","check_blank":true}`, true},
		"HoleShowsBehind":   {filled(t, red, &clear), `{"id":"out","format":"jpeg","check_blank":true}`, false},
		"HoleOfTheSame":     {filled(t, red, &clear), `{"id":"out","format":"jpeg","background":"#c80000","check_blank":true}`, true},
		"ColoursOfAProfile": {filled(t, red, nil), `{"id":"out","format":"jpeg","profile":"cmyk","check_blank":true}`, true},
		"SameFrames":        {flicker(t, red, red), `{"id":"out","format":"gif","check_blank":true}`, true},
		"OtherFrame":        {flicker(t, red, color.White), `{"id":"out","format":"gif","check_blank":true}`, false},
		"NotAsked":          {filled(t, red, nil), `{"id":"out","format":"jpeg"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := render(t, chain(saving(row.save)), row.source).outputs["out"].Blank; got != row.want {
				t.Errorf("blank %v, want %v", got, row.want)
			}
		})
	}
}

// TestRender_TellsOfTheFile tells the quality and the density of outputs, and the density of the source.
func TestRender_TellsOfTheFile(t *testing.T) {
	t.Parallel()
	dense := chain(step("density", `{"dpi":300}`, "jpeg"))
	jpeg := render(t, dense, photo(t, "cat.jpg")).outputs["out"]
	if jpeg.DPI != 300 || jpeg.Quality != 80 {
		t.Errorf("%d dots an inch at quality %d, want 300 at the usual 80", jpeg.DPI, jpeg.Quality)
	}
	for save, want := range map[string][2]int{
		`{"id":"out","format":"png"}`:                       {0, 0},
		`{"id":"out","format":"png","metadata":"keep"}`:     {300, 0},
		`{"id":"out","format":"webp","metadata":"keep"}`:    {0, 80},
		`{"id":"out","format":"webp","lossless":true}`:      {0, 0},
		`{"id":"out","format":"jpeg","quality":33}`:         {0, 33},
		`{"id":"out","format":"tiff","metadata":"keep"}`:    {300, 0},
		`{"id":"out","format":"jpeg","metadata":"keep"}`:    {300, 80},
		`{"id":"out","format":"avif","auto_quality":"eco"}`: {0, -1},
		`{"id":"out","format":"jpeg","max_bytes":4000}`:     {0, -1},
	} {
		g, facts, err := tryRender(chain(saving(save)), jpeg.Data)
		if err != nil || facts.DPI != 300 {
			t.Fatalf("source of %d dots an inch, want 300: %v", facts.DPI, err)
		}
		got := g.outputs["out"]
		found := want[1] == -1 && got.Quality > 0 && got.Quality < 96 && got.Quality != 80
		if got.DPI != want[0] || got.Quality != want[1] && !found {
			t.Errorf("%s: %d dots an inch at quality %d, want %v", save, got.DPI, got.Quality, want)
		}
	}
	if _, facts, err := tryRender(dense, imagingtest.BlankPNG(3, 2, 8, imagingtest.RGB, false)); err != nil || facts.DPI != 0 {
		t.Errorf("a source that says nothing has %d dots an inch: %v", facts.DPI, err)
	}
}

// TestRender_WritesEightBits holds what clients are told of every output, whatever the source has.
func TestRender_WritesEightBits(t *testing.T) {
	t.Parallel()
	source := imagingtest.BlankPNG(8, 8, 16, imagingtest.RGB, false)
	file := render(t, chain(saving(`{"id":"out","format":"png"}`)), source).outputs["out"].Data
	if depth := file[24]; depth != 8 { // in the header of a PNG
		t.Errorf("%d bits a channel", depth)
	}
}
