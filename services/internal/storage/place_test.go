package storage_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/storage"
)

func TestFrom(t *testing.T) {
	t.Parallel()
	bucket := application.Source{Name: "photos", Bucket: "pictures", Account: "here", Prefix: "/live/"}
	web := application.Source{Name: "web", URL: "https://example.com/pictures/"}
	for name, row := range map[string]struct {
		source application.Source
		key    string
		want   job.Source
	}{
		"Bucket":       {bucket, "a b.jpg", job.Source{Object: &job.Object{Bucket: "pictures", Key: "live/a b.jpg", Account: "here"}, Place: "photos"}},
		"LeadingSlash": {bucket, "/a.jpg", job.Source{Object: &job.Object{Bucket: "pictures", Key: "live/a.jpg", Account: "here"}, Place: "photos"}},
		"Dots":         {bucket, "a..b/...jpg", job.Source{Object: &job.Object{Bucket: "pictures", Key: "live/a..b/...jpg", Account: "here"}, Place: "photos"}},
		"Web":          {web, "ä b?c#d.jpg", job.Source{URL: "https://example.com/pictures/%C3%A4%20b%3Fc%23d.jpg", Place: "web"}},
	} {
		got, err := storage.From(row.source, row.key)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, key := range []string{"", "/", "..", "a/../b", "./a", "a\x00b", "a\nb", "\xff", strings.Repeat("k", 1020)} {
		if got, err := storage.From(bucket, key); !errors.Is(err, storage.ErrInvalidKey) {
			t.Errorf("%q: got %+v, %v, want ErrInvalidKey", key, got, err)
		}
	}
}

func TestTo(t *testing.T) {
	t.Parallel()
	d := application.Destination{
		Name: "cdn", Bucket: "b", Account: "here", Prefix: "p", Headers: map[string]string{"A": "b"}, PublicURL: "https://cdn.example.com/x/",
	}
	got, err := storage.To(d, "a b.jpg")
	if err != nil {
		t.Fatal(err)
	}
	want := job.Destination{
		Kind: job.DestinationS3, Name: "cdn", Bucket: "b", Key: "p/a b.jpg", Account: "here", Headers: map[string]string{"A": "b"},
		Base: "https://cdn.example.com/x/",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("destination (-want +got):\n%s", diff)
	}
	if public := storage.PublicURL(with(), got); public != "https://cdn.example.com/x/p/a%20b.jpg" {
		t.Errorf("public address %s", public)
	}
	// A page has a name of its own, unless only one is asked for.
	for numbering, key := range map[job.Numbering]string{job.Dashed: "p/a b-2.jpg", job.Unnumbered: "p/a b.jpg"} {
		if page := got.Page(2, numbering); page.Key != key {
			t.Errorf("page 2 by %q is %s, want %s", numbering, page.Key, key)
		}
	}
	if _, err := storage.To(d, "../a"); !errors.Is(err, storage.ErrInvalidKey) {
		t.Errorf("got %v, want ErrInvalidKey", err)
	}
}
