package imaging_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/sample"
)

// wantCode fails unless the error is the picture's own with the code.
func wantCode(t *testing.T, err error, code recipe.Code) {
	t.Helper()
	fault, ok := errors.AsType[*recipe.Error](err)
	if !ok || fault.Code != code {
		t.Errorf("got error %v, want code %s", err, code)
	}
}

func TestPool_Render(t *testing.T) {
	t.Parallel()
	pool := newPool(t, renderer, nil)
	fit, err := recipe.NewStep(&recipe.FitOp{Box: recipe.Box{Width: recipe.Pixels(100)}}, &recipe.Save{ID: "small"})
	if err != nil {
		t.Fatal(err)
	}
	var progress [][2]int
	resp, err := pool.Render(t.Context(), imaging.Request{
		Source: sample.Portrait, Recipe: recipe.Recipe{Steps: []recipe.Step{
			fit, {Op: "crop", Params: []byte(`{"x":900,"y":0,"width":5,"height":5}`), Save: &recipe.Save{ID: "gone"}},
		}},
		Progress: func(done, total int) { progress = append(progress, [2]int{done, total}) },
	})
	if err != nil {
		t.Fatal(err)
	}
	facts := imaging.Facts{Width: 512, Height: 512, Format: "jpeg", Bytes: int64(len(sample.Portrait)), DPI: 72, Pages: 1}
	if diff := cmp.Diff(facts, resp.Source); diff != "" {
		t.Errorf("source (-want +got):\n%s", diff)
	}
	if len(resp.Outputs) != 1 || resp.Outputs[0].ID != "small" || resp.Outputs[0].Width != 100 {
		t.Errorf("outputs are %+v, want small of 100 pixels", resp.Outputs)
	}
	if len(resp.Failures) != 1 || resp.Failures[0].ID != "gone" || resp.Failures[0].Code != recipe.CropOutside {
		t.Errorf("failures are %+v, want gone by %s", resp.Failures, recipe.CropOutside)
	}
	if diff := cmp.Diff([][2]int{{1, 2}, {2, 2}}, progress); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

func TestPool_KeepsTheRendererAtBay(t *testing.T) {
	t.Parallel()
	pool := newPool(t, standin, nil)
	rows := map[string]struct {
		how  string
		code recipe.Code
	}{
		"crash":                      {"crash", recipe.RendererCrashed},
		"output that is not awaited": {"lie-index", recipe.RendererCrashed},
		"output twice":               {"lie-twice", recipe.RendererCrashed},
		"output of another format":   {"lie-format", recipe.RendererCrashed},
		"frame without end":          {"lie-length", recipe.RendererCrashed},
		"page that nobody named":     {"lie-page", recipe.RendererCrashed},
		"pages that nobody named":    {"lie-pages", recipe.RendererCrashed},
		"no page at all":             {"lie-no-pages", recipe.RendererCrashed},
		"frames without number":      {"lie-frames", recipe.RendererCrashed},
		"vast placeholder":           {"lie-placeholder", recipe.RendererCrashed},
		"sprites without number":     {"lie-sprites", recipe.RendererCrashed},
		"details unasked":            {"lie-details", recipe.RendererCrashed},
		"code of its own making":     {"lie-code", recipe.RendererCrashed},
		"refusal":                    {"refuse", recipe.SourceTooLarge},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pool.Render(t.Context(), imaging.Request{Recipe: saves(1), Source: acting(row.how)})
			wantCode(t, err, row.code)
			if strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("error %q has control characters", err)
			}
		})
	}
}

func TestPool_IgnoresWhatARendererPrints(t *testing.T) {
	t.Parallel()
	resp, err := newPool(t, standin, nil).Render(t.Context(), imaging.Request{Recipe: saves(3), Source: acting("print")})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, output := range resp.Outputs {
		ids = append(ids, output.ID)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, ids); diff != "" {
		t.Errorf("ids come from the recipe (-want +got):\n%s", diff)
	}
}

func TestPool_OneFreshTryAfterACrash(t *testing.T) {
	t.Parallel()
	var progress []int
	resp, err := newPool(t, standin, nil).Render(t.Context(), imaging.Request{
		Recipe: saves(2), Source: acting("crash-once"),
		Progress: func(done, _ int) { progress = append(progress, done) },
	})
	if err != nil || len(resp.Outputs) != 2 {
		t.Errorf("got %d outputs and error %v, want 2 and none", len(resp.Outputs), err)
	}
	if diff := cmp.Diff([]int{1, 2}, progress); diff != "" {
		t.Errorf("progress never goes back (-want +got):\n%s", diff)
	}
}

func TestPool_DeadlineKills(t *testing.T) {
	t.Parallel()
	pool := newPool(t, standin, func(c *imaging.Config) { c.Timeout = time.Second })
	_, err := pool.Render(t.Context(), imaging.Request{Recipe: saves(1), Source: acting("hang")})
	wantCode(t, err, recipe.RendererTimeout)
	if _, err := pool.Render(t.Context(), imaging.Request{Recipe: saves(1), Source: acting("ok")}); err != nil {
		t.Errorf("the slot is lost: %v", err)
	}
}

func TestPool_MemoryLimitKills(t *testing.T) {
	t.Parallel()
	pool := newPool(t, standin, func(c *imaging.Config) { c.RecycleMemory, c.MaxMemory = 64<<20, 128<<20 })
	_, err := pool.Render(t.Context(), imaging.Request{Recipe: saves(1), Source: acting("hog")})
	wantCode(t, err, recipe.RendererOutOfMemory)
}

func TestPool_CancelKillsAndSparesTheOtherSlot(t *testing.T) {
	t.Parallel()
	pool := newPool(t, standin, func(c *imaging.Config) { c.Workers = 2 })
	ctx, cancel := context.WithCancelCause(t.Context())
	started, ended := make(chan struct{}), make(chan error)
	go func() {
		_, err := pool.Render(ctx, imaging.Request{
			Recipe: saves(2), Source: acting("hang"), Progress: func(int, int) { close(started) },
		})
		ended <- err
	}()
	<-started
	if _, err := pool.Render(t.Context(), imaging.Request{Recipe: saves(1), Source: acting("ok")}); err != nil {
		t.Errorf("the other slot fails: %v", err)
	}
	reason := errors.New("job was cancelled")
	cancel(reason)
	if err := <-ended; !errors.Is(err, context.Canceled) || !errors.Is(err, reason) {
		t.Errorf("got %v, want the context's error and its cause", err)
	}
}

func TestPool_CloseEndsWork(t *testing.T) {
	t.Parallel()
	pool := newPool(t, standin, nil)
	ended := make(chan error)
	started := make(chan struct{})
	go func() {
		_, err := pool.Render(t.Context(), imaging.Request{
			Recipe: saves(2), Source: acting("hang"), Progress: func(int, int) { close(started) },
		})
		ended <- err
	}()
	<-started
	go pool.Close()
	if err := <-ended; !errors.Is(err, imaging.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	pool.Close()
	if _, err := pool.Render(t.Context(), imaging.Request{Recipe: saves(1), Source: acting("ok")}); !errors.Is(err, imaging.ErrClosed) {
		t.Errorf("after Close got %v, want ErrClosed", err)
	}
}

func TestPool_RefusesBeforeARendererSeesIt(t *testing.T) {
	t.Parallel()
	pool := newPool(t, standin, nil) // without renderers of documents
	rows := map[string]struct {
		source string
		code   recipe.Code
	}{
		"nothing": {"", recipe.SourceUnreadable},
		"text":    {"hello, world", recipe.UnsupportedFormat},
		"bitmap":  {"BM", recipe.UnsupportedFormat},
		"HTML":    {`<html><svg xmlns="http://www.w3.org/2000/svg"/></html>`, recipe.UnsupportedFormat},
		"SVG":     {`<svg xmlns="http://www.w3.org/2000/svg"/>`, recipe.UnsupportedFormat},
		"PDF":     {"%PDF-1.7", recipe.UnsupportedFormat},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pool.Render(t.Context(), imaging.Request{Recipe: saves(1), Source: []byte(row.source)})
			wantCode(t, err, row.code)
		})
	}
}

func TestNewPool_FailsWithoutARenderer(t *testing.T) {
	t.Parallel()
	rows := map[string]func(*imaging.Config){
		"missing":         func(c *imaging.Config) { c.Executable = filepath.Join(t.TempDir(), "none") },
		"not a renderer":  func(c *imaging.Config) { c.Executable = "/bin/true" },
		"not a program":   func(c *imaging.Config) { c.Executable = "main_test.go" },
		"invalid workers": func(c *imaging.Config) { c.Workers = 0 },
	}
	for name, change := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := imaging.DefaultConfig()
			cfg.Executable = standin
			change(&cfg)
			if pool, err := imaging.NewPool(cfg, slog.New(slog.DiscardHandler)); err == nil {
				pool.Close()
				t.Error("got a pool, want an error")
			}
		})
	}
}

func TestPool_OneCrashInTenHurtsNobodyElse(t *testing.T) {
	t.Parallel()
	const jobs = 1000
	pool := newPool(t, crasher, func(c *imaging.Config) { c.Workers = 3 })
	r := recipe.Recipe{Steps: []recipe.Step{{Op: "fit", Params: []byte(`{"width":32}`), Save: &recipe.Save{ID: "out"}}}}
	small, err := pool.Render(t.Context(), imaging.Request{Recipe: r, Source: sample.Portrait})
	if err != nil {
		t.Fatal(err)
	}
	good := small.Outputs[0].Data
	bad := append(bytes.Clone(good), "CRASH"...)
	var made, crashed atomic.Int64
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(3)
	for i := range jobs {
		group.Go(func() error {
			source := good
			if i%10 == 9 {
				source = bad
			}
			resp, err := pool.Render(ctx, imaging.Request{Recipe: r, Source: source})
			fault, own := errors.AsType[*recipe.Error](err)
			switch {
			case own && fault.Code == recipe.RendererCrashed && i%10 == 9:
				crashed.Add(1)
			case err == nil && len(resp.Outputs) == 1 && i%10 != 9:
				made.Add(1)
			default:
				return fmt.Errorf("job %d: %d outputs, %w", i, len(resp.Outputs), err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if made.Load() != jobs*9/10 || crashed.Load() != jobs/10 {
		t.Errorf("%d were made and %d crashed, want %d and %d", made.Load(), crashed.Load(), jobs*9/10, jobs/10)
	}
}
