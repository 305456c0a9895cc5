package vips_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/vips"
)

// The engine takes one picture at a time, as in a renderer.
var (
	engine *vips.Engine
	turn   sync.Mutex
)

func TestMain(m *testing.M) {
	var err error
	if engine, err = vips.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// gathered is a sink that keeps everything.
type gathered struct {
	outputs  map[string]imaging.Rendered
	failures map[string]imaging.Failure
}

func (g *gathered) Output(r imaging.Rendered) error { g.outputs[r.ID] = r; return nil }
func (g *gathered) Failure(f imaging.Failure) error { g.failures[f.ID] = f; return nil }
func (g *gathered) picture(t *testing.T, id string) *image.NRGBA {
	t.Helper()
	return decode(t, g.outputs[id].Data)
}

// tryRender renders the recipe.
func tryRender(recipe imaging.Recipe, source []byte) (*gathered, imaging.Facts, error) {
	turn.Lock()
	defer turn.Unlock()
	g := &gathered{outputs: map[string]imaging.Rendered{}, failures: map[string]imaging.Failure{}}
	facts, err := engine.Render(recipe, source, g)
	return g, facts, err
}

// render renders the recipe, which must be valid and succeed.
func render(t *testing.T, recipe imaging.Recipe, source []byte) *gathered {
	t.Helper()
	if err := recipe.Validate(); err != nil {
		t.Fatalf("recipe: %v", err)
	}
	g, _, err := tryRender(recipe, source)
	if err != nil {
		t.Fatalf("render: %v", err)
	}
	if len(g.failures) > 0 {
		t.Fatalf("failures: %v", g.failures)
	}
	for _, save := range recipe.Outputs() {
		if len(g.outputs[save.ID].Data) == 0 {
			t.Fatalf("output %s is missing", save.ID)
		}
	}
	return g
}

// step is one step with params in JSON, saved as the format under the id "out".
func step(op, params, format string) imaging.Step {
	return imaging.Step{Op: op, Params: []byte(params), Save: &imaging.Save{ID: "out", Format: format}}
}

// chain nests steps: each works on the one before, and only the last is saved.
func chain(steps ...imaging.Step) imaging.Recipe {
	last := steps[len(steps)-1]
	for i := len(steps) - 2; i >= 0; i-- {
		outer := steps[i]
		outer.Save, outer.Steps = nil, []imaging.Step{last}
		last = outer
	}
	return imaging.Recipe{Steps: []imaging.Step{last}}
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

// wantCode fails unless the error is the picture's own with one of the codes.
func wantCode(t *testing.T, err error, codes ...imaging.Code) {
	t.Helper()
	fault, _ := errors.AsType[*imaging.Error](err)
	for _, code := range codes {
		if fault != nil && fault.Code == code {
			return
		}
	}
	t.Errorf("got error %v, want code %v", err, codes)
}
