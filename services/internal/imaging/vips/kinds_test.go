package vips_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// kinds are pictures of 90 × 60 with each number of bands. The second and the fourth have a clear border.
func kinds(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for name, has := range map[string]struct{ coloured, alpha bool }{
		"gray": {false, false}, "gray and alpha": {false, true}, "colours": {true, false}, "colours and alpha": {true, true},
	} {
		img := image.NewNRGBA(image.Rect(0, 0, 90, 60))
		for y := range 60 {
			for x := range 90 {
				c := color.NRGBA{uint8(2 * x), uint8(2 * x), uint8(2 * x), 255}
				if has.coloured {
					c.G, c.B = uint8(4*y), uint8(x+y)
				}
				if has.alpha && (x < 5 || y < 5 || x >= 85 || y >= 55) {
					c.A = 0
				}
				img.SetNRGBA(x, y, c)
			}
		}
		var file bytes.Buffer
		if err := png.Encode(&file, img); err != nil {
			t.Fatal(err)
		}
		// Go writes gray pictures with alpha in colours; the engine's own grayscale does not.
		first := chain(step("", "", "png"))
		if !has.coloured {
			first = chain(step("grayscale", "", "png"))
		}
		all[name] = render(t, first, file.Bytes()).outputs["out"].Data
	}
	return all
}

// TestKinds puts every golden's last step, and so every operation, to pictures of each kind, and works on what it leaves.
func TestKinds(t *testing.T) {
	t.Parallel()
	for kind, source := range kinds(t) {
		for name, row := range goldens {
			t.Run(name+" of "+kind, func(t *testing.T) {
				t.Parallel()
				last := row.recipe.Steps[0]
				for len(last.Steps) > 0 {
					last = last.Steps[0]
				}
				want, err := expected(last)
				if err != nil {
					if g, _, _ := tryRender(chain(last), source); len(g.failures) != 1 {
						t.Errorf("it is made, want %v", err)
					}
					return
				}
				first := last
				first.Steps = []recipe.Step{
					{Op: "sepia", Save: &recipe.Save{ID: "recoloured", Format: "png"}},
					{Op: "resize", Params: []byte(`{"width":20,"height":20}`), Save: &recipe.Save{ID: "scaled", Format: "png"}},
				}
				img := render(t, recipe.Recipe{Steps: []recipe.Step{first}}, source).picture(t, "out")
				if !want.Eq(image.Point{}) && img.Bounds().Size() != want {
					t.Errorf("size is %v, want %v", img.Bounds().Size(), want)
				}
			})
		}
	}
}

// expected is the size after a step on 90 × 60, or nothing where the pixels or further pictures have a say.
func expected(s recipe.Step) (image.Point, error) {
	actions, size, err := s.Apply(recipe.Size{Width: 90, Height: 60})
	for _, action := range actions {
		switch action.(type) {
		case recipe.Scale, recipe.Crop, recipe.SmartCrop, recipe.Extend, recipe.Mask:
			continue
		}
		if !action.Pointwise() {
			return image.Point{}, err
		}
	}
	return image.Pt(size.Width, size.Height), err
}

// TestTinyPictures puts every golden's last step to pictures that have next to no pixels.
func TestTinyPictures(t *testing.T) {
	t.Parallel()
	for _, size := range []image.Point{{1, 1}, {1, 300}, {300, 1}, {3, 2}} {
		source := drawn(t, size.X, size.Y, func(x, y int) color.NRGBA { return color.NRGBA{uint8(x), uint8(y), 99, 255} })
		for name, row := range goldens {
			t.Run(fmt.Sprintf("%s of %d × %d", name, size.X, size.Y), func(t *testing.T) {
				t.Parallel()
				last := row.recipe.Steps[0]
				for len(last.Steps) > 0 {
					last = last.Steps[0]
				}
				_, _, err := last.Apply(recipe.Size{Width: size.X, Height: size.Y})
				g, _, failed := tryRender(chain(last), source)
				if failed != nil || err == nil && len(g.failures) > 0 {
					t.Errorf("fails with %v and %v", failed, g.failures)
				}
			})
		}
	}
}
