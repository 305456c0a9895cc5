package imaging_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"sync"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/sample"
)

// film is an animation of so many frames of 20 × 10 pixels.
func film(t *testing.T, frames int) []byte {
	t.Helper()
	all := &gif.GIF{}
	for i := range frames {
		frame := image.NewPaletted(image.Rect(0, 0, 20, 10), color.Palette{color.Black, color.White})
		frame.SetColorIndex(i%20, 5, 1)
		all.Image, all.Delay = append(all.Image, frame), append(all.Delay, 10)
	}
	var file bytes.Buffer
	if err := gif.EncodeAll(&file, all); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// oneStep is a recipe of one operation and one output.
func oneStep(op, params string) recipe.Recipe {
	return recipe.Recipe{Steps: []recipe.Step{{Op: op, Params: []byte(params), Save: &recipe.Save{ID: "a"}}}}
}

func TestLimits_HoldAsConfigured(t *testing.T) {
	t.Parallel()
	portrait := sample.Portrait // 512 × 512
	paged := saves(2)
	paged.Pages = "all"
	for name, row := range map[string]struct {
		change func(*recipe.Limits)
		source []byte
		recipe recipe.Recipe
		code   recipe.Code // of the job
		output recipe.Code // of its output
	}{
		"pixels of a still":     {func(l *recipe.Limits) { l.StillPixels = 512*512 - 1 }, portrait, saves(1), recipe.SourceTooLarge, ""},
		"just as many":          {func(l *recipe.Limits) { l.StillPixels = 512 * 512 }, portrait, saves(1), "", ""},
		"pixels of a step":      {func(l *recipe.Limits) { l.StillPixels = 512 * 512 }, portrait, oneStep("resize", `{"width":600}`), "", recipe.OutputTooLarge},
		"frames":                {func(l *recipe.Limits) { l.Frames = 4 }, film(t, 5), saves(1), recipe.SourceTooLarge, ""},
		"pixels of all frames":  {func(l *recipe.Limits) { l.FramePixels = 5*200 - 1 }, film(t, 5), saves(1), recipe.SourceTooLarge, ""},
		"edge of an output":     {func(l *recipe.Limits) { l.Edge = 511 }, portrait, saves(1), "", recipe.OutputTooLarge},
		"pages":                 {func(l *recipe.Limits) { l.Pages = 4 }, film(t, 5), paged, recipe.SourceTooLarge, ""},
		"outputs of all pages":  {func(l *recipe.Limits) { l.Outputs = 9 }, film(t, 5), paged, recipe.SourceTooLarge, ""},
		"just as many of these": {func(l *recipe.Limits) { l.Outputs = 10 }, film(t, 5), paged, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, renderer, func(c *imaging.Config) { row.change(&c.Limits) })
			resp, err := pool.Render(t.Context(), imaging.Request{Recipe: row.recipe, Source: row.source})
			if row.code != "" {
				wantCode(t, err, row.code)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if row.output == "" && len(resp.Failures) > 0 || row.output != "" && (len(resp.Failures) != 1 || resp.Failures[0].Code != row.output) {
				t.Errorf("failures are %+v, want %q", resp.Failures, row.output)
			}
		})
	}
}

func TestPool_PagesComeInOrder(t *testing.T) {
	t.Parallel()
	r := saves(2)
	r.Pages = "1,3-9"
	resp, err := newPool(t, renderer, nil).Render(t.Context(), imaging.Request{Recipe: r, Source: film(t, 5)})
	if err != nil {
		t.Fatal(err)
	}
	var got [][2]int
	for _, output := range resp.Outputs {
		got = append(got, [2]int{output.Page, output.Index})
	}
	want := [][2]int{{1, 0}, {1, 1}, {3, 0}, {3, 1}, {4, 0}, {4, 1}, {5, 0}, {5, 1}}
	if len(got) != len(want) {
		t.Fatalf("outputs are %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("outputs are %v, want %v", got, want)
			break
		}
	}
}

func TestPool_DocumentsHoldUpNoPicture(t *testing.T) {
	t.Parallel()
	pool := newPool(t, standin, func(c *imaging.Config) { c.Documents = 1 })
	// The stand-in takes the word after the colon, and never ends.
	slow := []byte("%PDF-:hang")
	ctx, cancel := context.WithCancel(t.Context())
	var hung sync.WaitGroup
	busy := make(chan error, 10)
	for range 10 {
		hung.Go(func() {
			_, err := pool.Render(ctx, imaging.Request{Recipe: saves(1), Source: slow})
			busy <- err
		})
	}
	for range 8 { // one is drawn, one waits
		if err := <-busy; !errors.Is(err, imaging.ErrBusy) {
			t.Errorf("got %v, want %v", err, imaging.ErrBusy)
		}
	}
	if _, err := pool.Render(t.Context(), imaging.Request{Recipe: saves(1), Source: acting("ok")}); err != nil {
		t.Errorf("a picture beside them: %v", err)
	}
	cancel()
	hung.Wait()
}
