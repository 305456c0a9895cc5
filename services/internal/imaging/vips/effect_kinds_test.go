package vips_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"maps"
	"slices"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// kindSize is that of the pictures below.
var kindSize = image.Pt(48, 32)

// scene is a colourful gradient with a disc, whose opacity falls from 255 at the left to 0 at the right.
func scene() *image.NRGBA {
	img := image.NewNRGBA(image.Rectangle{Max: kindSize})
	for y := range kindSize.Y {
		for x := range kindSize.X {
			c := color.NRGBA{R: uint8(x * 5), G: uint8(y * 7), B: uint8(255 - x*5), A: uint8(255 - 255*x/(kindSize.X-1))}
			if (x-24)*(x-24)+(y-16)*(y-16) < 100 {
				c.R, c.G, c.B = 240, 220, 60
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// kindsOfPixels are PNG files of every kind of pixels that an action can meet. Gray with alpha is made by the engine.
func kindsOfPixels(t *testing.T) map[string][]byte {
	t.Helper()
	encode := func(img image.Image) []byte {
		var file bytes.Buffer
		if err := png.Encode(&file, img); err != nil {
			t.Fatal(err)
		}
		return file.Bytes()
	}
	opaque := scene()
	for i := 3; i < len(opaque.Pix); i += 4 {
		opaque.Pix[i] = 255
	}
	gray := image.NewGray(opaque.Bounds())
	draw.Draw(gray, gray.Bounds(), opaque, image.Point{}, draw.Src)
	rgba := encode(scene())
	return map[string][]byte{
		"gray": encode(gray), "rgb": encode(opaque), "rgba": rgba,
		"gray and alpha": render(t, chain(step("grayscale", "", "png")), rgba).outputs["out"].Data,
	}
}

// toned are the operations of colour and filters with parameters under which each does something.
func toned() map[string]string {
	all := map[string]string{}
	for _, family := range []map[string]golden{colourGoldens, filterGoldens} {
		for _, row := range family {
			last := row.recipe.Steps[0]
			for len(last.Steps) > 0 {
				last = last.Steps[0]
			}
			all[last.Op+" "+string(last.Params)] = last.Op
		}
	}
	return all
}

// changesAlpha are the operations that move or change opacity: all others leave it as it is.
var changesAlpha = []string{"opacity", "fade", "clear_color", "flatten", "blur", "median", "pixelate", "tilt_shift"}

func TestColourAndFilters_OnEveryKindOfPixels(t *testing.T) {
	t.Parallel()
	for kind, file := range kindsOfPixels(t) {
		in := decode(t, file)
		for _, name := range slices.Sorted(maps.Keys(toned())) {
			op := toned()[name]
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				one := step(op, name[len(op)+1:], "png")
				got := render(t, chain(one), file).picture(t, "out")
				if got.Bounds().Size() != kindSize {
					t.Fatalf("size is %v, want %v", got.Bounds().Size(), kindSize)
				}
				if !slices.Contains(changesAlpha, op) {
					sameAlpha(t, got, in)
				}
				// A picture whose alpha the engine has lost sight of does not become opaque as it should.
				one.Save = &recipe.Save{ID: "out", Format: "jpeg", Quality: new(100)}
				white := image.NewNRGBA(got.Bounds())
				draw.Draw(white, white.Bounds(), image.White, image.Point{}, draw.Src)
				draw.Draw(white, white.Bounds(), got, image.Point{}, draw.Over)
				if d := distance(render(t, chain(one), file).picture(t, "out"), white); d > 6 {
					t.Errorf("as JPEG it differs by %.1f from the PNG on white, want at most 6", d)
				}
			})
		}
	}
}

// sameAlpha fails unless both pictures have the same opacity everywhere.
func sameAlpha(t *testing.T, got, want *image.NRGBA) {
	t.Helper()
	for i := 3; i < len(want.Pix); i += 4 {
		if got.Pix[i] != want.Pix[i] {
			t.Errorf("the opacity of pixel %d is %d, want %d", i/4, got.Pix[i], want.Pix[i])
			return
		}
	}
}

func TestColourAndFilters_OnAnimations(t *testing.T) {
	t.Parallel()
	source := animation(t)
	for _, name := range slices.Sorted(maps.Keys(toned())) {
		op := toned()[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			params := name[len(op)+1:]
			moving, err := gif.DecodeAll(bytes.NewReader(render(t, chain(step(op, params, "gif")), source).outputs["out"].Data))
			if err != nil || len(moving.Image) != len(traffic) {
				// Frames that have become the same are one.
				t.Fatalf("got %d frames and %v, want %d", len(moving.Image), err, len(traffic))
			}
			if size := image.Pt(moving.Config.Width, moving.Config.Height); size != image.Pt(60, 40) {
				t.Errorf("size is %v, want 60 × 40", size)
			}
			// The first frame is what the operation makes of it alone.
			still := render(t, chain(step(op, params, "png")), source).picture(t, "out")
			first := image.NewNRGBA(still.Bounds())
			draw.Draw(first, first.Bounds(), moving.Image[0], image.Point{}, draw.Src)
			if d := distance(weigh(first), weigh(still)); d > 8 && op != "opacity" && op != "fade" { // a GIF is clear or opaque
				t.Errorf("the first frame differs by %.1f from the same alone, want at most 8", d)
			}
		})
	}
}

// weigh multiplies colours by their opacity.
func weigh(img *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(img.Bounds())
	for i := 0; i < len(img.Pix); i += 4 {
		for c := range 3 {
			out.Pix[i+c] = uint8(int(img.Pix[i+c]) * int(img.Pix[i+3]) / 255)
		}
		out.Pix[i+3] = img.Pix[i+3]
	}
	return out
}
