package processor_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/sample"
	"github.com/ringback/ringback/services/processor"
)

func TestJob_HappyPath(t *testing.T) {
	t.Parallel()
	h := newHouse(t).pool()
	stages := make(chan string, 100)
	stopListening, err := h.bus.Listen("ringback.live.demo.progress.*", func(m *bus.Message) {
		var p events.Progress
		event, err := m.Event()
		if err == nil {
			err = event.DataAs(&p)
		}
		if err != nil {
			t.Error(err)
		}
		stages <- fmt.Sprintf("%s %d", p.Stage, p.Percent)
	})
	h.must(err)
	defer stopListening()
	j := h.accept(job.Job{
		Source: job.Source{URL: h.serve(serveBytes(sample.Portrait))}, Metadata: []byte(`{"order":1}`), Media: &events.MediaRef{ID: "m"},
		Recipe: recipe.Recipe{Steps: []recipe.Step{{
			Op: "fit", Params: []byte(`{"width":64}`), Save: &recipe.Save{ID: "small", Format: "webp"},
			Steps: []recipe.Step{{Op: "grayscale", Save: &recipe.Save{ID: "gray"}}},
		}}},
	})
	stop := h.run()
	got := h.result()
	stop()

	want := events.Result{
		ID: j.ID.String(), State: events.StateCompleted, Metadata: []byte(`{"order":1}`), Media: &events.MediaRef{ID: "m"},
		Source: &events.Source{Width: 512, Height: 512, Format: "jpeg", Bytes: int64(len(sample.Portrait)), DPI: 72},
		Outputs: []events.Output{
			{ID: "small", Width: 64, Height: 64, Format: "webp", Quality: 80}, {ID: "gray", Width: 64, Height: 64, Format: "jpeg", Quality: 80},
		},
		Timing: got.Timing,
	}
	for i := range want.Outputs {
		data, contentType, err := h.store.Get(t.Context(), j.Locations[i].Key)
		h.must(err)
		want.Outputs[i].URL, want.Outputs[i].Bytes = j.Locations[i].URL, int64(len(data))
		if want.Outputs[i].Placeholder = got.Outputs[i].Placeholder; want.Outputs[i].Placeholder == "" {
			t.Errorf("output %d has no placeholder", i)
		}
		if contentType != "image/"+want.Outputs[i].Format {
			t.Errorf("output %d is stored as %s", i, contentType)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	wantStored := []string{bus.RecordSubject("demo", j.ID.String()), events.ResultSubject("demo", j.ID.String())}
	if diff := cmp.Diff(wantStored, h.stored()); diff != "" {
		t.Errorf("stored (-want +got), the record goes first:\n%s", diff)
	}
	record, err := h.bus.Last(t.Context(), bus.Events, wantStored[0])
	h.must(err)
	if _, err := job.OpenRecord(h.key, "demo", j.ID.String(), record.Data); err != nil {
		t.Errorf("record: %v", err)
	}
	h.wantNoJobs()
	for _, want := range []string{"fetching 5", "rendering 20", "rendering 50", "rendering 80", "storing 85"} {
		if got := <-stages; got != want {
			t.Errorf("progress is %q, want %q", got, want)
		}
	}
}

func TestJob_RedeliveredEndsOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(h.store.Put(t.Context(), "sources/demo/up", []byte("picture"), "image/png"))
	j := h.accept(job.Job{Source: job.Source{Blob: "sources/demo/up"}, Recipe: keep("a")})
	stop := h.run()
	h.result()
	if j2 := h.accept(job.Job{}); h.result().ID != j2.ID.String() { // the first is settled before the second is taken
		t.Fatal("another result than that of the second job")
	}
	if _, err := h.store.Stat(t.Context(), "sources/demo/up"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("the upload is still there (%v)", err)
	}
	// Once with the upload gone, and once with an upload that a repeated request brought again.
	h.hand(j, "again")
	last := h.accept(job.Job{})
	if got := h.result(); got.ID != last.ID.String() {
		t.Errorf("a second result: %+v", got)
	}
	h.must(h.store.Put(t.Context(), "sources/demo/up", []byte("picture"), "image/png"))
	h.hand(j, "and again")
	last = h.accept(job.Job{})
	if got := h.result(); got.ID != last.ID.String() {
		t.Errorf("a second result: %+v", got)
	}
	stop()
	h.wantNoJobs()
	if got := countResults(h.stored()); got != 4 {
		t.Errorf("%d results are stored, want one for each of four jobs", got)
	}
	if _, err := h.store.Stat(t.Context(), "sources/demo/up"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("the upload of the repeat is still there (%v)", err)
	}
	if n, reason := h.dead(); n != 0 {
		t.Errorf("%d dead letters: %s", n, reason)
	}
}

func TestJob_WithoutPixels(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	defer h.run()()
	h.accept(job.Job{Refusal: &events.Failure{Code: "unknown_function", Message: "Unknown function named 'blu3r'"}, Recipe: keep("a")})
	if got := h.wantFailed("unknown_function"); got.Errors[0].Message != "Unknown function named 'blu3r'" {
		t.Errorf("message is %q", got.Errors[0].Message)
	}
	h.accept(job.Job{})
	if got := h.result(); got.State != events.StateCompleted || got.Source != nil {
		t.Errorf("without steps: got %+v, want completed", got)
	}
	if calls := h.deps.Renderer.(*fakeRenderer).calls.Load(); calls != 0 {
		t.Errorf("rendered %d times, want never", calls)
	}
}

func TestJob_Sources(t *testing.T) {
	t.Parallel()
	status := func(codes ...int) http.HandlerFunc {
		var n atomic.Int64
		return func(w http.ResponseWriter, _ *http.Request) {
			if code := codes[min(int(n.Add(1)), len(codes))-1]; code != http.StatusOK {
				w.WriteHeader(code)
				return
			}
			_, _ = w.Write(sample.Portrait)
		}
	}
	tests := []struct {
		name   string
		source http.HandlerFunc
		code   string // empty for completed
	}{
		{"NotFound", status(404), "source_status"},
		{"BetterTheSecondTime", status(500, 200), ""},
		{"NeverBetter", status(500), "source_status"},
		{"NeverAnswers", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "source_timeout"},
		{"NeverEnds", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		}, "source_too_large"},
		{"NotAnImage", serveBytes([]byte("<html>")), string(recipe.UnsupportedFormat)},
		{"Empty", serveBytes(nil), string(recipe.SourceUnreadable)},
		{"Truncated", serveBytes(sample.Portrait[:len(sample.Portrait)/2]), string(recipe.SourceTruncated)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t).pool()
			h.config.Tries = 2
			h.accept(job.Job{Source: job.Source{URL: h.serve(tt.source)}, Recipe: keep("a")})
			stop := h.run()
			if tt.code != "" {
				h.wantFailed(tt.code)
			} else if got := h.result(); got.State != events.StateCompleted {
				t.Errorf("got %+v, want completed", got)
			}
			stop()
			h.wantNoJobs()
			if n, reason := h.dead(); n != 0 {
				t.Errorf("%d dead letters: %s", n, reason)
			}
		})
	}
}

func TestJob_Partial(t *testing.T) {
	t.Parallel()
	h := newHouse(t).pool()
	r := keep("whole")
	r.Steps = append(r.Steps, recipe.Step{
		Op: "crop", Params: []byte(`{"x":900,"y":0,"width":5,"height":5}`), Save: &recipe.Save{ID: "gone"},
	})
	defer h.run()()
	h.accept(job.Job{Source: job.Source{URL: h.serve(serveBytes(sample.Portrait))}, Recipe: r})
	got := h.result()
	if got.State != events.StatePartial || len(got.Outputs) != 1 || got.Outputs[0].ID != "whole" ||
		len(got.Errors) != 1 || got.Errors[0].Output != "gone" || got.Errors[0].Code != string(recipe.CropOutside) {
		t.Errorf("got %+v, want whole made and gone not", got)
	}
}

// TestJob_MeasuresOnly has steps and no outputs, as a Blitline job that only asks for the source's measures.
func TestJob_MeasuresOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t).pool()
	defer h.run()()
	h.accept(job.Job{Source: job.Source{URL: h.serve(serveBytes(sample.Portrait))}, Recipe: recipe.Recipe{Steps: []recipe.Step{{}}}})
	got := h.result()
	want := &events.Source{Width: 512, Height: 512, Format: "jpeg", Bytes: int64(len(sample.Portrait)), DPI: 72}
	if diff := cmp.Diff(want, got.Source); diff != "" || got.State != events.StateCompleted {
		t.Errorf("%s, source (-want +got):\n%s", got.State, diff)
	}
}

func TestJob_RendererCrash(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deps.Renderer = &fakeRenderer{render: func(context.Context, int64, imaging.Request) (imaging.Response, error) {
		return imaging.Response{}, recipe.Errorf(recipe.RendererCrashed, "the picture crashed the renderer, twice")
	}}
	defer h.run()()
	j := h.accept(job.Job{Source: job.Source{URL: h.serve(serveBytes([]byte("hostile")))}, Recipe: keep("a")})
	h.wantFailed(string(recipe.RendererCrashed))
	data, _, err := h.store.Get(t.Context(), "quarantine/demo/"+j.ID.String())
	if err != nil || string(data) != "hostile" {
		t.Errorf("kept aside %q (%v), want the source", data, err)
	}
}

// failingStore fails so many times before it works.
type failingStore struct {
	processor.Store
	puts, gets atomic.Int64
}

func (s *failingStore) Put(ctx context.Context, key string, data []byte, contentType string) error {
	if s.puts.Add(-1) >= 0 {
		return errors.New("disk is full")
	}
	return s.Store.Put(ctx, key, data, contentType)
}

func (s *failingStore) Get(ctx context.Context, key string) (data []byte, contentType string, err error) {
	if s.gets.Add(-1) >= 0 {
		return nil, "", errors.New("disk is gone")
	}
	return s.Store.Get(ctx, key)
}

// TestJob_OutlastsTheStore lets the store fail more often than a job may be tried.
func TestJob_OutlastsTheStore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(h.store.Put(t.Context(), "sources/demo/up", []byte("picture"), "image/png"))
	store := &failingStore{Store: h.store}
	store.puts.Store(1)
	store.gets.Store(1)
	h.deps.Store, h.config.Tries = store, 1
	h.accept(job.Job{Source: job.Source{Blob: "sources/demo/up"}, Recipe: keep("a")})
	stop := h.run()
	if got := h.result(); got.State != events.StateCompleted {
		t.Errorf("got %+v, want completed", got)
	}
	stop()
	if store.puts.Load() >= 0 || store.gets.Load() >= 0 {
		t.Error("the store never failed")
	}
}

func TestJob_ResultOfAnother(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gate := make(chan struct{})
	h.deps.Renderer = &fakeRenderer{render: func(context.Context, int64, imaging.Request) (imaging.Response, error) {
		<-gate
		return imaging.Response{}, nil
	}}
	j := h.accept(job.Job{Source: job.Source{URL: h.serve(serveBytes([]byte("x")))}, Recipe: keep("a")})
	stop := h.run()
	out, err := bus.Event(events.ResultSubject("demo", j.ID.String()), events.TypeJobFailed, "/another", j.ID.String(),
		events.Result{ID: j.ID.String(), State: events.StateFailed})
	h.must(err)
	_, err = h.bus.Publish(t.Context(), out)
	h.must(err)
	if h.result().State != events.StateFailed {
		t.Fatal("the other's result is not there")
	}
	close(gate)
	next := h.accept(job.Job{})
	if got := h.result(); got.ID != next.ID.String() {
		t.Errorf("a second result: %+v", got)
	}
	stop()
	h.wantNoJobs()
}

func TestJob_Poison(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	good, err := bus.Event(bus.JobSubject(job.Standard, "demo"), events.TypeJobAccepted, "/test", events.ID{}.String(), nil)
	h.must(err)
	good.Data = []byte("not JSON")
	nameless, err := bus.Event(bus.JobSubject(job.Standard, "demo"), events.TypeJobAccepted, "/test", "no id", nil)
	h.must(err)
	for _, out := range []bus.Out{{Subject: bus.JobSubject(job.Standard, "demo"), Data: []byte("no event")}, good, nameless} {
		_, err := h.bus.Publish(t.Context(), out)
		h.must(err)
	}
	stop := h.run()
	last := h.accept(job.Job{})
	if got := h.result(); got.ID != last.ID.String() {
		t.Errorf("got %+v, want the result of the job behind the poison", got)
	}
	stop()
	h.wantNoJobs()
	var letters int
	h.must(h.bus.Scan(t.Context(), bus.Dead, bus.DeadSubject("job", "demo"), func(m *bus.Message) error {
		letters++
		if m.Header.Get("Ringback-Reason") == "" {
			t.Errorf("%s has no reason", m.Subject)
		}
		return nil
	}))
	if letters != 3 {
		t.Errorf("%d dead letters, want 3", letters)
	}
}

// TestJob_UnforeseenError ends in a result and a dead letter: the client is told, and people can look.
func TestJob_UnforeseenError(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.config.Tries = 2
	fake := &fakeRenderer{render: func(_ context.Context, call int64, _ imaging.Request) (imaging.Response, error) {
		if call == 1 {
			return imaging.Response{}, errors.New("no renderer starts")
		}
		panic("a fault of ours")
	}}
	h.deps.Renderer = fake
	h.accept(job.Job{Source: job.Source{URL: h.serve(serveBytes([]byte("x")))}, Recipe: keep("a")})
	stop := h.run()
	h.wantFailed("internal")
	stop()
	h.wantNoJobs()
	if n := fake.calls.Load(); n != 2 {
		t.Errorf("tried %d times, want 2", n)
	}
	if n, reason := h.dead(); n < 1 {
		t.Errorf("%d dead letters (%s), want one", n, reason)
	}
}

// TestShutdown_GivesTheJobBack stops a processor in the middle of a picture; another one finishes it, once.
func TestShutdown_GivesTheJobBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	rendering := make(chan struct{})
	h.config.Tries, h.config.Grace = 1, 0 // the one that is cut must not count
	h.deps.Renderer = &fakeRenderer{render: func(ctx context.Context, _ int64, _ imaging.Request) (imaging.Response, error) {
		close(rendering)
		<-ctx.Done()
		return imaging.Response{}, ctx.Err()
	}}
	j := h.accept(job.Job{Source: job.Source{URL: h.serve(serveBytes([]byte("x")))}, Recipe: keep("a")})
	stop := h.run()
	<-rendering
	stop()
	if stored := h.stored(); len(stored) > 0 {
		t.Fatalf("stored %v before the picture was made", stored)
	}
	h.deps.Renderer = &fakeRenderer{}
	h.config.Grace = 10 * time.Second // this one may acknowledge what it has finished
	stop = h.run()
	if got := h.result(); got.ID != j.ID.String() || got.State != events.StateCompleted {
		t.Errorf("got %+v, want the job completed", got)
	}
	stop()
	h.wantNoJobs()
	if got := countResults(h.stored()); got != 1 {
		t.Errorf("%d results, want 1", got)
	}
}

func TestRun_StartStop(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 20 {
		stop := h.run()
		stop()
		stop()
	}
}

func TestNew_NamesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for _, config := range []processor.Config{{Tries: 0}, {Tries: 3, Grace: -1}} {
		if _, err := processor.New(config, newHouse(t).deps); err == nil {
			t.Errorf("%+v: no error", config)
		}
	}
}

func TestJob_FurtherPicturesAndPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t).pool()
	logo := h.serve(serveBytes(sample.Portrait))
	h.must(h.store.Put(t.Context(), "sources/logo", sample.Portrait, "image/jpeg"))
	j := h.accept(job.Job{
		Source: job.Source{URL: h.serve(serveBytes(sample.Portrait))},
		Pictures: map[string]job.Source{
			"logo": {URL: logo}, "uploaded": {Blob: "sources/logo"}, "gone": {URL: h.serve(http.NotFound)},
		},
		Recipe: recipe.Recipe{Pages: "all", Inspect: []string{recipe.InspectHashes}, Steps: []recipe.Step{
			{Op: "sprite", Params: []byte(`{"pictures":["logo","uploaded"]}`), Save: &recipe.Save{ID: "sheet", Format: "png"}},
			{Op: "overlay", Params: []byte(`{"picture":"gone"}`), Save: &recipe.Save{ID: "marked"}},
			{Op: "fill", Params: []byte(`{"width":9,"height":5,"gravity":"faces"}`), Save: &recipe.Save{ID: "face"}},
		}},
	})
	stop := h.run()
	got := h.result()
	stop()

	if got.State != events.StatePartial || len(got.Outputs) != 2 || len(got.Errors) != 1 {
		t.Fatalf("got %s with %+v and %+v, want two outputs and one error", got.State, got.Outputs, got.Errors)
	}
	sheet := got.Outputs[0]
	if len(sheet.Sprites) != 3 || sheet.Page != 1 || sheet.URL != j.Locations[0].Page(1).URL {
		t.Errorf("the sheet is %+v", sheet)
	}
	if _, contentType, err := h.store.Get(t.Context(), j.Locations[0].Page(1).Key); err != nil || contentType != "image/png" {
		t.Errorf("the sheet is stored as %q (%v)", contentType, err)
	}
	if got.Errors[0].Output != "marked" || got.Errors[0].Code != string(recipe.PictureUnreadable) {
		t.Errorf("the error is %+v", got.Errors[0])
	}
	if len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "attention") {
		t.Errorf("the notes are %q, want that attention stood in for faces", got.Notes)
	}
	if got.Source.Details == nil || len(got.Source.Details.SHA256) != 64 {
		t.Errorf("the source is %+v, want its hashes", got.Source)
	}
	if _, _, err := h.store.Get(t.Context(), "sources/logo"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("the uploaded picture is still there (%v)", err)
	}
}
