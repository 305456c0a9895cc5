package processor_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"image"
	_ "image/jpeg" // the sample
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/library"
	"github.com/ringback/ringback/services/internal/sample"
)

// looking finds out what a picture is.
var looking = recipe.Recipe{Inspect: []string{"icc"}, Steps: []recipe.Step{{}}}

// kept is a job that keeps an upload under a public id.
func (h *house) kept(data []byte, change func(*job.Job)) job.Job {
	h.Helper()
	h.must(h.store.Put(h.Context(), "sources/demo/x", data, ""))
	a := asset.Asset{
		Ref: asset.Ref{ResourceType: asset.Image, Type: asset.Upload, PublicID: "folder/a"}, ID: "0123", Version: 7, CreatedAt: time.Unix(7, 0).UTC(),
		Tags: []string{"t"}, Key: asset.ContentKey("demo", "0123", 7),
	}
	j := job.Job{Source: job.Source{Blob: "sources/demo/x"}, Recipe: looking, Keep: &job.Keep{Asset: a, Base: "http://h/demo"}}
	if change != nil {
		change(&j)
	}
	return j
}

func (h *house) assets() *library.Library {
	h.Helper()
	assets, err := library.Open(h.Context(), h.bus)
	h.must(err)
	return assets
}

// next makes a job follow the one that keeps an asset.
func (h *house) next(derive ...job.Derivation) (*job.Next, events.ID) {
	h.Helper()
	id := events.NewID(time.Now(), "demo", h.key.Derive("job ids"))
	record, err := job.Record{Dialect: "native"}.Seal(h.key, "demo", id)
	h.must(err)
	return &job.Next{ID: id.String(), Record: record, Derive: derive}, id
}

func TestJob_Keep(t *testing.T) {
	t.Parallel()
	h := newHouse(t).pool()
	h.run()
	config, _, err := image.DecodeConfig(bytes.NewReader(sample.Portrait))
	h.must(err)
	next, id := h.next(job.Derivation{Transformation: "c_fill,h_10,w_20"}, job.Derivation{Transformation: "c_scale,w_0.5", Extension: "png"}, job.Derivation{Transformation: "pg_9"})
	h.accept(h.kept(sample.Portrait, func(j *job.Job) { j.Next = next }))
	result := h.result()
	want := events.Output{ID: "folder/a", URL: "http://h/demo/image/upload/v7/folder/a.jpg", Width: config.Width, Height: config.Height, Format: "jpg"}
	if got := result.Outputs; len(got) != 1 || got[0].ID != want.ID || got[0].URL != want.URL || got[0].Width != want.Width || got[0].Format != want.Format {
		t.Errorf("result %+v", result)
	}
	a, err := h.assets().Get(t.Context(), "demo", asset.Ref{ResourceType: asset.Image, Type: asset.Upload, PublicID: "folder/a"})
	h.must(err)
	sum := md5.Sum(sample.Portrait)
	if a.Width != config.Width || a.Format != "jpg" || a.Bytes != int64(len(sample.Portrait)) || a.ETag != hex.EncodeToString(sum[:]) || a.Pages != 1 {
		t.Errorf("asset %+v", a)
	}
	content, media, err := h.store.Get(t.Context(), a.Key)
	if err != nil || !bytes.Equal(content, sample.Portrait) || media != "image/jpeg" {
		t.Errorf("the content has %d bytes of %s, %v", len(content), media, err)
	}
	derived := h.result()
	if derived.ID != id.String() || len(derived.Outputs) != 2 || derived.Outputs[0].Width != 20 || derived.Outputs[1].Format != "png" ||
		len(derived.Errors) != 1 || derived.Errors[0].Output != "2" || derived.State != events.StatePartial {
		t.Errorf("derived %+v", derived)
	}
	if _, _, err := h.store.Get(t.Context(), a.Key); err != nil {
		t.Errorf("the asset's content is gone after something was derived of it: %v", err)
	}
}

func TestJob_KeepTransformed(t *testing.T) {
	t.Parallel()
	h := newHouse(t).pool()
	h.run()
	h.accept(h.kept(sample.Portrait, func(j *job.Job) {
		j.Source.Derive = &job.Derivation{Transformation: "c_fill,h_16,w_24", Extension: "webp"}
	}))
	if got := h.result().Outputs; len(got) != 1 || got[0].Width != 24 || got[0].Height != 16 || got[0].Format != "webp" {
		t.Errorf("outputs %+v", got)
	}
}

// TestJob_KeepNothing lets uploads fail: nothing is written down, and what was to follow fails, too, because somebody may wait
// for it.
func TestJob_KeepNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		data   string
		change func(*job.Job)
		code   string
	}{
		"NoPicture":      {"no picture", nil, "unsupported_format"},
		"Format":         {string(sample.Portrait), func(j *job.Job) { j.Keep.Formats = []string{"png"} }, "format_not_allowed"},
		"Transformation": {string(sample.Portrait), func(j *job.Job) { j.Source.Derive = &job.Derivation{Transformation: "t_nobody"} }, "invalid_transformation"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t).pool()
			h.run()
			next, id := h.next(job.Derivation{Transformation: "w_9"})
			h.accept(h.kept([]byte(test.data), func(j *job.Job) {
				j.Next = next
				if test.change != nil {
					test.change(j)
				}
			}))
			h.wantFailed(test.code)
			if after := h.wantFailed("source_unreadable"); after.ID != id.String() {
				t.Errorf("job %s followed, want %s", after.ID, id)
			}
			if _, err := h.assets().Get(t.Context(), "demo", asset.Ref{ResourceType: asset.Image, Type: asset.Upload, PublicID: "folder/a"}); !errors.Is(err, library.ErrNotFound) {
				t.Errorf("the asset is there: %v", err)
			}
		})
	}
}

func TestJob_KeepAnyFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t).pool()
	h.run()
	h.accept(h.kept([]byte("no picture"), func(j *job.Job) { j.Keep.Any = true }))
	if got := h.result(); len(got.Outputs) != 1 || got.Outputs[0].Width != 0 || got.Outputs[0].Bytes != 10 {
		t.Errorf("result %+v", got)
	}
	if a, err := h.assets().Get(t.Context(), "demo", asset.Ref{ResourceType: asset.Raw, Type: asset.Upload, PublicID: "folder/a"}); err != nil || a.Bytes != 10 {
		t.Errorf("asset %+v, %v", a, err)
	}
}

// TestJob_FollowedOnce hands out a job again that has its result already, as after a kill before its acknowledgement: what
// follows it is done once.
func TestJob_FollowedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t).pool()
	next, _ := h.next(job.Derivation{Transformation: "w_9"})
	j := h.accept(h.kept(sample.Portrait, func(j *job.Job) { j.Next = next }))
	h.hand(j, "again")
	h.run()
	for range 2 {
		h.result()
	}
	h.wantNoJobs()
	select {
	case more := <-h.results:
		t.Errorf("one more result: %+v", more)
	case <-time.After(500 * time.Millisecond):
	}
}
