package vips_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif"
	_ "image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/imaging/vips"
)

// The engine takes one picture at a time, as in a renderer.
var (
	engine *vips.Engine
	turn   sync.Mutex
	// album are the further pictures that every recipe of the tests may name: a logo, 40 × 40, clear but for a red disc;
	// and two photographs.
	album map[string][]byte
)

func TestMain(m *testing.M) {
	var err error
	if engine, err = vips.Start(true); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if album, err = makeAlbum(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func makeAlbum() (map[string][]byte, error) {
	logo := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for y := range 40 {
		for x := range 40 {
			if (2*x-39)*(2*x-39)+(2*y-39)*(2*y-39) < 36*36 {
				logo.SetNRGBA(x, y, color.NRGBA{R: 255, A: 255})
			}
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, logo); err != nil {
		return nil, err
	}
	pictures := map[string][]byte{"logo": file.Bytes(), "broken": []byte("\xff\xd8\xff\xe0")}
	for _, name := range []string{"rocket", "coffee"} {
		data, err := os.ReadFile(filepath.Join("../testdata/photos", name+".jpg"))
		if err != nil {
			return nil, err
		}
		pictures[name] = data
	}
	return pictures, nil
}

// gathered is a sink that keeps everything.
type gathered struct {
	outputs  map[string]imaging.Rendered
	failures map[string]imaging.Failure
	// pages and paged are of recipes that name pages; outputs then has those of the last one.
	pages []int
	paged map[int]map[string]imaging.Rendered
}

func (g *gathered) Pages(pages []int) error { g.pages = pages; return nil }
func (g *gathered) Output(r imaging.Rendered) error {
	if g.paged[r.Page] == nil {
		g.paged[r.Page] = map[string]imaging.Rendered{}
	}
	g.outputs[r.ID], g.paged[r.Page][r.ID] = r, r
	return nil
}
func (g *gathered) Failure(f imaging.Failure) error { g.failures[f.ID] = f; return nil }
func (g *gathered) picture(t *testing.T, id string) *image.NRGBA {
	t.Helper()
	return decode(t, g.outputs[id].Data)
}

// tryRender renders the recipe.
func tryRender(r recipe.Recipe, source []byte) (*gathered, imaging.Facts, error) {
	turn.Lock()
	defer turn.Unlock()
	g := &gathered{outputs: map[string]imaging.Rendered{}, failures: map[string]imaging.Failure{}, paged: map[int]map[string]imaging.Rendered{}}
	facts, err := engine.Render(imaging.Order{Recipe: r, Source: source, Pictures: album, Limits: recipe.DefaultLimits()}, g)
	return g, facts, err
}

// render renders the recipe, which must be valid and succeed.
func render(t *testing.T, r recipe.Recipe, source []byte) *gathered {
	t.Helper()
	if err := r.Validate(); err != nil {
		t.Fatalf("recipe: %v", err)
	}
	g, _, err := tryRender(r, source)
	if err != nil {
		t.Fatalf("render: %v", err)
	}
	if len(g.failures) > 0 {
		t.Fatalf("failures: %v", g.failures)
	}
	for _, save := range r.Outputs() {
		if len(g.outputs[save.ID].Data) == 0 {
			t.Fatalf("output %s is missing", save.ID)
		}
	}
	return g
}

// step is one step with params in JSON, saved as the format under the id "out".
func step(op, params, format string) recipe.Step {
	return recipe.Step{Op: op, Params: []byte(params), Save: &recipe.Save{ID: "out", Format: format}}
}

// chain nests steps: each works on the one before, and only the last is saved.
func chain(steps ...recipe.Step) recipe.Recipe {
	last := steps[len(steps)-1]
	for i := len(steps) - 2; i >= 0; i-- {
		outer := steps[i]
		outer.Save, outer.Steps = nil, []recipe.Step{last}
		last = outer
	}
	return recipe.Recipe{Steps: []recipe.Step{last}}
}

// decode reads a picture with Go's own decoders.
func decode(t *testing.T, data []byte) *image.NRGBA {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("decode output: %v", err)
	}
	flat := image.NewNRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(flat, flat.Bounds(), img, img.Bounds().Min, draw.Src)
	return flat
}

// photo reads one of the test photographs.
func photo(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../testdata/photos", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// distance is the mean difference of the channels of two pictures, of 255; 255 when their sizes differ.
func distance(a, b *image.NRGBA) float64 {
	if a.Bounds() != b.Bounds() {
		return 255
	}
	sum := 0
	for i := range a.Pix {
		sum += max(int(a.Pix[i])-int(b.Pix[i]), int(b.Pix[i])-int(a.Pix[i]))
	}
	return float64(sum) / float64(len(a.Pix))
}

// weighed multiplies colours by their opacity: what is clear has no colour to compare.
func weighed(img *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(img.Bounds())
	for i := 0; i < len(img.Pix); i += 4 {
		alpha := int(img.Pix[i+3])
		for c := range 3 {
			out.Pix[i+c] = uint8((int(img.Pix[i+c])*alpha + 127) / 255)
		}
		out.Pix[i+3] = img.Pix[i+3]
	}
	return out
}

// wantCode fails unless the error is the picture's own with one of the codes.
func wantCode(t *testing.T, err error, codes ...recipe.Code) {
	t.Helper()
	fault, _ := errors.AsType[*recipe.Error](err)
	for _, code := range codes {
		if fault != nil && fault.Code == code {
			return
		}
	}
	t.Errorf("got error %v, want code %v", err, codes)
}
