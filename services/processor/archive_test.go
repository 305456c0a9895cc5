package processor_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/job"
)

// unpacked lists the files of an archive in the store and how many bytes each has.
func (h *house) unpacked(key string) map[string]int {
	h.Helper()
	data, contentType, err := h.store.Get(h.Context(), key)
	h.must(err)
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	h.must(err)
	found := map[string]int{}
	for _, f := range r.File {
		content, err := f.Open()
		h.must(err)
		n, err := io.Copy(io.Discard, content) // to its end, where its checksum is held against it
		h.must(err)
		found[f.Name] = int(n)
	}
	if contentType != "application/zip" {
		h.Errorf("%s is of the type %s", key, contentType)
	}
	return found
}

// TestJob_Archive packs files under names of their own, in as many archives as their sizes ask for.
func TestJob_Archive(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	base := strings.TrimSuffix(h.serve(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(bytes.Repeat([]byte{1}, map[bool]int{true: 9000, false: 2000}[strings.Contains(r.URL.Path, "big")]))
	}), "/a.jpg")
	archive := &job.Archive{PartBytes: 8000}
	for _, path := range []string{"/x/a.jpg?1", "/y/A.jpg", "/", "/big.png", "/z/a%2Fb.jpg", "/a.jpg"} {
		archive.Sources = append(archive.Sources, job.Source{URL: base + path})
	}
	h.accept(job.Job{Archive: archive, Locations: []job.Location{{Key: "out/demo/all.zip", URL: "http://h/files/demo/all.zip"}}})
	defer h.run()()
	got := h.result()
	if got.State != events.StateCompleted || len(got.Errors) > 0 || len(got.Outputs) > 0 {
		t.Fatalf("got %+v", got)
	}
	want := []map[string]int{{"a.jpg": 2000, "A-2.jpg": 2000, "file-3": 2000}, {"big.png": 9000}, {"b.jpg": 2000, "a-3.jpg": 2000}}
	for i, a := range got.Archives {
		name := map[int]string{0: "all.zip"}[i]
		if name == "" {
			name = fmt.Sprintf("all-%d.zip", i+1)
		}
		files := h.unpacked("out/demo/" + name)
		if a.URL != "http://h/files/demo/"+name || a.Files != len(files) || a.Bytes < 2000 {
			t.Errorf("archive %d is told as %+v", i, a)
		}
		if diff := cmp.Diff(want[min(i, len(want)-1)], files); diff != "" {
			t.Errorf("archive %d (-want +got):\n%s", i, diff)
		}
	}
	if len(got.Archives) != len(want) {
		t.Errorf("%d archives, want %d", len(got.Archives), len(want))
	}
}

// TestJob_ArchiveFails as a whole when one of its files cannot be had, or when there are too many.
func TestJob_ArchiveFails(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	there := h.serve(serveBytes([]byte("there")))
	missing := h.serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	at := []job.Location{{Key: "out/demo/all.zip", URL: "http://h/files/demo/all.zip"}}
	h.accept(job.Job{Locations: at, Archive: &job.Archive{PartBytes: 1, Sources: []job.Source{{URL: there}, {URL: missing}}}})
	defer h.run()()
	if got := h.wantFailed("source_status"); len(got.Archives) > 0 {
		t.Errorf("told of %+v", got.Archives)
	}
	many := &job.Archive{}
	for range 101 {
		many.Sources = append(many.Sources, job.Source{URL: there})
	}
	h.accept(job.Job{Locations: at, Archive: many})
	h.wantFailed("source_too_large")
}
