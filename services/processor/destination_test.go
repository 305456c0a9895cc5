package processor_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/sample"
	"github.com/ringback/ringback/services/internal/storage/s3test"
)

// TestJob_Destinations reads a source from a bucket and writes outputs to buckets and to a signed address. One that is
// not taken fails alone, and one that may be taken later is tried again.
func TestJob_Destinations(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t, "pictures", "results")
	server.Write("pictures", "a b.jpg", sample.Portrait)
	h := newHouse(t).pool()
	bucket, err := h.bus.Bucket(t.Context(), bus.ApplicationBucket)
	h.must(err)
	applications := application.NewStore(bucket, h.key)
	_, err = applications.Add(t.Context(), "demo")
	h.must(err)
	account := server.Account("here")
	account.Buckets = []string{"pictures", "results", "nowhere"}
	_, err = applications.SetStorage(t.Context(), "demo", account)
	h.must(err)
	var puts atomic.Int32
	signed := h.serve(func(w http.ResponseWriter, r *http.Request) {
		if puts.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	save := func(id string) recipe.Step { return recipe.Step{Save: &recipe.Save{ID: id, Format: "png"}} }
	h.sealed = job.Record{Destinations: job.Singly([]*job.Destination{
		{Kind: job.DestinationS3, Bucket: "results", Key: "deep/one.png"},
		nil,
		{Kind: job.DestinationPut, URL: signed + "/three.png?sig=1"},
		{Kind: job.DestinationS3, Bucket: "nowhere", Key: "four.png"},
		{Kind: job.DestinationS3, Bucket: "unknown", Key: "five.png"},
	})}
	h.accept(job.Job{
		Source: job.Source{Object: &job.Object{Bucket: "pictures", Key: "a b.jpg"}},
		Recipe: recipe.Recipe{Steps: []recipe.Step{save("one"), save("two"), save("three"), save("four"), save("five")}},
	})
	stop := h.run()
	got := h.result()
	stop()
	if got.State != events.StatePartial || len(got.Outputs) != 3 || len(got.Errors) != 2 {
		t.Fatalf("got %+v", got)
	}
	if !strings.HasPrefix(string(server.Read("results", "deep/one.png")), "\x89PNG") {
		t.Error("the object is no PNG")
	}
	if n := puts.Load(); n < 2 {
		t.Errorf("put %d times at the address that was busy once, want another try", n)
	}
	for i, want := range []string{"the storage answered 404 (NoSuchBucket", `the application has no storage account for the bucket "unknown"`} {
		if f := got.Errors[i]; !strings.HasPrefix(f.Message, want) || !strings.HasPrefix(f.Code, "destination_") {
			t.Errorf("failure %+v, want %q", f, want)
		}
	}
}

// TestJob_SeveralDestinations puts one output into three places. One is busy at first: it alone is tried again, from what
// was made, and the others are not written again, nor is the source read again. One never takes it.
func TestJob_SeveralDestinations(t *testing.T) {
	t.Parallel()
	h := newHouse(t).pool()
	var reads, busy, ready atomic.Int32
	source := h.serve(func(w http.ResponseWriter, _ *http.Request) {
		reads.Add(1)
		_, _ = w.Write(sample.Portrait)
	})
	count := func(n *atomic.Int32, answer func(n int32) int) string {
		return h.serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(answer(n.Add(1))) })
	}
	var refused atomic.Int32
	at := func(name, url string) job.Destination {
		return job.Destination{Kind: job.DestinationPut, Name: name, URL: url + "?sig=1"}
	}
	h.sealed = job.Record{Destinations: [][]job.Destination{{
		at("ready", count(&ready, func(int32) int { return http.StatusOK })),
		at("busy", count(&busy, func(n int32) int {
			if n == 1 {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		})),
		at("closed", count(&refused, func(int32) int { return http.StatusForbidden })),
	}}}
	h.accept(job.Job{Source: job.Source{URL: source}, Recipe: keep("a")})
	stop := h.run()
	got := h.result()
	h.wantNoJobs()
	stop()
	if reads.Load() != 1 || ready.Load() != 1 || busy.Load() != 2 || refused.Load() != 1 {
		t.Errorf("read %d times, put %d, %d and %d times, want 1, 1, 2 and 1", reads.Load(), ready.Load(), busy.Load(), refused.Load())
	}
	if got.State != events.StatePartial || len(got.Outputs) != 1 || len(got.Errors) != 1 || got.Source == nil || got.Source.Width == 0 {
		t.Fatalf("got %+v", got)
	}
	for i, want := range []string{"ready", "busy", "closed"} {
		stored := got.Outputs[0].Stored[i]
		if failed := stored.Error != nil; stored.Name != want || failed != (want == "closed") || strings.Contains(stored.URL, "sig") {
			t.Errorf("stored %+v, want %s", stored, want)
		}
	}
	if f := got.Errors[0]; f.Output != "a" || f.Destination != "closed" || f.Code != "destination_status" {
		t.Errorf("failure %+v", f)
	}
	if left := h.blobs(); len(left) > 0 {
		t.Errorf("left in the store: %v", left)
	}
}

// TestJob_NoDestination fails an output that no destination takes, with a reason for each.
func TestJob_NoDestination(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	source := h.serve(serveBytes(sample.Portrait))
	closed := h.serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	to := job.Destination{Kind: job.DestinationPut, URL: closed}
	h.sealed = job.Record{Destinations: [][]job.Destination{{to, to}}}
	h.accept(job.Job{Source: job.Source{URL: source}, Recipe: keep("a")})
	stop := h.run()
	defer stop()
	if got := h.result(); got.State != events.StateFailed || len(got.Outputs) != 0 || len(got.Errors) != 2 {
		t.Errorf("got %+v", got)
	}
}

// TestJob_NoSuchPicture tells a picture that is missing in a named source from other troubles.
func TestJob_NoSuchPicture(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	missing := h.serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	stop := h.run()
	defer stop()
	h.accept(job.Job{Source: job.Source{URL: missing, Place: "photos"}, Recipe: keep("a")})
	h.wantFailed("source_not_found")
	h.accept(job.Job{Source: job.Source{Object: &job.Object{Bucket: "b", Key: "k", Account: "none"}, Place: "photos"}, Recipe: keep("a")})
	h.wantFailed("source_account")
}

// TestJob_Patience waits for a source that is not there yet, as long as the job is patient.
func TestJob_Patience(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var asked atomic.Int32
	source := h.serve(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) < 3 {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write(sample.Portrait)
	})
	missing := h.serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	one := recipe.Recipe{Steps: []recipe.Step{{Save: &recipe.Save{ID: "a"}}}}
	h.accept(job.Job{Source: job.Source{URL: source}, Recipe: one, Patience: 300 * time.Millisecond})
	stop := h.run()
	defer stop()
	if got := h.result(); got.State != events.StateCompleted || asked.Load() != 3 {
		t.Errorf("%s after %d questions, want completed after the third", got.State, asked.Load())
	}
	h.accept(job.Job{Source: job.Source{URL: missing}, Recipe: one, Patience: 50 * time.Millisecond})
	h.wantFailed("source_status")
}
