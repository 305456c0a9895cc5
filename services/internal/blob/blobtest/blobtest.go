// Package blobtest is the suite that every place for blobs passes: a folder, memory, and the buckets of each provider.
// [Run] is about what a store promises, [RunService] about a service behind a network that fails.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ringback/ringback/services/internal/blob"
)

// Run checks what every store promises. The store is empty, or has nothing below "suite/".
func Run(t *testing.T, store *blob.Store) {
	t.Helper()
	run(t, store, 2)
}

// run lists page blobs at a time.
func run(t *testing.T, store *blob.Store, page int) {
	t.Helper()
	t.Run("KeepsWhatIsPut", func(t *testing.T) { keeps(t, store) })
	t.Run("SaysWhatIsMissing", func(t *testing.T) { saysMissing(t, store) })
	t.Run("RefusesKeys", func(t *testing.T) { refusesKeys(t, store) })
	t.Run("ReadsInParts", func(t *testing.T) { readsInParts(t, store) })
	t.Run("ReadsOneBlobAlone", func(t *testing.T) { readsOne(t, store) })
	t.Run("KeepsNothingHalf", func(t *testing.T) { keepsNothingHalf(t, store) })
	t.Run("LetsOneWriterWin", func(t *testing.T) { oneWins(t, store) })
	t.Run("ListsInPages", func(t *testing.T) { listsInPages(t, store, page) })
	t.Run("EndsWithItsContext", func(t *testing.T) { endsWithContext(t, store) })
}

func keeps(t *testing.T, store *blob.Store) {
	t.Helper()
	const key = "suite/2026/a_b-c.v1.jpg"
	put(t, store, key, []byte("picture"), "image/jpeg")
	expect(t, store, key, []byte("picture"), "image/jpeg")
	before, err := store.Stat(t.Context(), key)
	if err != nil || before.Size != 7 || before.ContentType != "image/jpeg" || before.ModTime.IsZero() {
		t.Errorf("stat: %+v, %v", before, err)
	}
	if !strings.HasPrefix(before.ETag, `"`) || !strings.HasSuffix(before.ETag, `"`) || len(before.ETag) < 3 {
		t.Errorf("etag %s, want it quoted", before.ETag)
	}
	r, err := store.NewReader(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if r.ETag != before.ETag || r.Size != before.Size || r.ContentType != before.ContentType {
		t.Errorf("the reader says %+v, stat %+v", r.Info, before)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	put(t, store, key, nil, "")
	expect(t, store, key, nil, "application/octet-stream")
	if after, err := store.Stat(t.Context(), key); err != nil || after.ETag == before.ETag || after.Size != 0 {
		t.Errorf("after overwriting: %+v, %v", after, err)
	}
	if err := store.Put(t.Context(), key, nil, strings.Repeat("x", 256)); !errors.Is(err, blob.ErrContentType) {
		t.Errorf("long content type: %v", err)
	}
	if err := store.PutFrom(t.Context(), key, strings.NewReader("streamed"), 8, "text/plain"); err != nil {
		t.Fatal(err)
	}
	expect(t, store, key, []byte("streamed"), "text/plain")
	if err := store.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	expectMissing(t, store, key)
}

func saysMissing(t *testing.T, store *blob.Store) {
	t.Helper()
	for _, key := range []string{"suite/absent", "absent", "suite/no/such/folder"} {
		expectMissing(t, store, key)
	}
}

func refusesKeys(t *testing.T, store *blob.Store) {
	t.Helper()
	for _, key := range []string{"", "/suite", "suite/../../out", "suite//a", "suite/", `suite\a`, "suite a", "suite/ä", "suite@type"} {
		var refused *blob.KeyError
		if err := store.Put(t.Context(), key, nil, ""); !errors.As(err, &refused) || refused.Key != key {
			t.Errorf("put %q: %v, want it refused", key, err)
		}
		if _, _, err := store.Get(t.Context(), key); !errors.As(err, &refused) {
			t.Errorf("get %q: %v, want it refused", key, err)
		}
	}
}

func readsInParts(t *testing.T, store *blob.Store) {
	t.Helper()
	put(t, store, "suite/parts", []byte("0123456789"), "text/plain")
	r, err := store.NewReader(t.Context(), "suite/parts")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // read only
	for _, row := range []struct {
		offset int64
		whence int
		want   string
	}{{7, io.SeekStart, "789"}, {0, io.SeekStart, "0123456789"}, {-2, io.SeekEnd, "89"}, {-4, io.SeekCurrent, "6789"}, {0, io.SeekEnd, ""}} {
		if _, err := r.Seek(row.offset, row.whence); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != row.want {
			t.Errorf("from %d of %d: %q, %v, want %q", row.offset, row.whence, got, err, row.want)
		}
	}
	if _, err := r.Seek(-1, io.SeekStart); err == nil {
		t.Error("sought before the beginning")
	}
}

// readsOne is about a blob that is replaced, by a shorter one and by one of the same size, and removed under its reader.
func readsOne(t *testing.T, store *blob.Store) {
	t.Helper()
	change := map[string]func(key string) error{
		"shorter":   func(key string) error { return store.Put(t.Context(), key, []byte("new"), "text/plain") },
		"same-size": func(key string) error { return store.Put(t.Context(), key, []byte("abcdefghij"), "text/plain") },
		"removed":   func(key string) error { return store.Delete(t.Context(), key) },
	}
	for name, change := range change {
		key := "suite/one/" + name
		put(t, store, key, []byte("0123456789"), "text/plain")
		r, err := store.NewReader(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if err := change(key); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Seek(5, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		switch {
		case err == nil && string(got) == "56789":
		case len(got) == 0 && (errors.Is(err, blob.ErrChanged) || name == "removed" && errors.Is(err, blob.ErrNotFound)):
		default:
			t.Errorf("%s: read %q, %v, want the old blob or none", name, got, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

var errSource = errors.New("the client hung up")

// keepsNothingHalf cuts uploads off, small ones and some that have been sent in part.
func keepsNothingHalf(t *testing.T, store *blob.Store) {
	t.Helper()
	const long = 24 << 20
	cut := func(n int64, err error) io.Reader { return io.MultiReader(Random(n), failing{err}) }
	for name, row := range map[string]struct {
		body io.Reader
		size int64
		want error
	}{
		"source-fails":       {cut(10, errSource), 20, errSource},
		"source-fails-late":  {cut(long, errSource), long + 1, errSource},
		"ends-early":         {Random(10), 11, blob.ErrSize},
		"ends-early-late":    {Random(long), long + 1, blob.ErrSize},
		"goes-on":            {Random(10), 9, blob.ErrSize},
		"goes-on-late":       {Random(long), long - 1, blob.ErrSize},
		"nothing-and-goes":   {Random(1), 0, blob.ErrSize},
		"nothing-at-all-yet": {Random(0), 1, blob.ErrSize},
	} {
		key := "suite/half/" + name
		if err := store.PutFrom(t.Context(), key, row.body, row.size, "image/png"); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", name, err, row.want)
		}
		expectUnreadable(t, store, key)
	}
	put(t, store, "suite/half/old", []byte("old"), "image/png")
	if err := store.PutFrom(t.Context(), "suite/half/old", cut(long, errSource), long, "image/png"); !errors.Is(err, errSource) {
		t.Errorf("over another: %v", err)
	}
	expect(t, store, "suite/half/old", []byte("old"), "image/png")
}

// failing fails to be read.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func oneWins(t *testing.T, store *blob.Store) {
	t.Helper()
	values := [][]byte{bytes.Repeat([]byte("a"), 100_000), bytes.Repeat([]byte("b"), 50_000)}
	put(t, store, "suite/race", values[0], "image/png")
	var writers sync.WaitGroup
	for _, value := range values {
		writers.Go(func() {
			for range 10 {
				if err := store.Put(t.Context(), "suite/race", value, "image/png"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 20 {
		got, contentType, err := store.Get(t.Context(), "suite/race")
		if errors.Is(err, blob.ErrChanged) {
			continue
		}
		if err != nil || contentType != "image/png" || !bytes.Equal(got, values[0]) && !bytes.Equal(got, values[1]) {
			t.Errorf("read %d bytes of %q, %v", len(got), contentType, err)
		}
	}
	writers.Wait()
}

// listsInPages looks whether pages hold each blob of a folder once, those that come and go meanwhile aside.
func listsInPages(t *testing.T, store *blob.Store, most int) {
	t.Helper()
	want := []string{"suite/list/a", "suite/list/a.b", "suite/list/b/1", "suite/list/b/2/deep", "suite/list/b.c/3", "suite/list/c"}
	for _, key := range append([]string{"suite/list-not", "suite/lis/t"}, want...) {
		put(t, store, key, []byte("four"), "image/png")
	}
	var got []string
	after := ""
	for {
		page, next, err := store.List(t.Context(), "suite/list/", after, most)
		if err != nil || len(page) > most {
			t.Fatalf("a page of %d, %v", len(page), err)
		}
		for _, b := range page {
			got = append(got, b.Key)
			if b.Size != 4 || b.ModTime.IsZero() {
				t.Errorf("%+v", b)
			}
		}
		if len(page) > 0 {
			if err := store.Delete(t.Context(), page[len(page)-1].Key); err != nil {
				t.Error(err) // the next page begins behind what is gone
			}
		}
		if after = next; after == "" {
			break
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	if list, next, err := store.List(t.Context(), "suite/nothing/", "", 2); len(list) != 0 || next != "" || err != nil {
		t.Errorf("nothing: %v, %q, %v", list, next, err)
	}
}

func endsWithContext(t *testing.T, store *blob.Store) {
	t.Helper()
	put(t, store, "suite/context", []byte("old"), "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Put(ctx, "suite/context", []byte("new"), ""); !errors.Is(err, context.Canceled) {
		t.Errorf("put after the end: %v", err)
	}
	expect(t, store, "suite/context", []byte("old"), "application/octet-stream")
}

func put(t *testing.T, store *blob.Store, key string, data []byte, contentType string) {
	t.Helper()
	if err := store.Put(t.Context(), key, data, contentType); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, store *blob.Store, key string, data []byte, contentType string) {
	t.Helper()
	got, gotType, err := store.Get(t.Context(), key)
	if err != nil || !bytes.Equal(got, data) || gotType != contentType {
		t.Errorf("%s: %d bytes of %q, %v; want %d of %q", key, len(got), gotType, err, len(data), contentType)
	}
}

func expectMissing(t *testing.T, store *blob.Store, key string) {
	t.Helper()
	expectUnreadable(t, store, key)
	if err := store.Delete(t.Context(), key); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("delete %s: %v, want not found", key, err)
	}
}

// expectUnreadable leaves out deleting, which may find parts of an upload that nobody can read, as with Azurite.
func expectUnreadable(t *testing.T, store *blob.Store, key string) {
	t.Helper()
	_, _, get := store.Get(t.Context(), key)
	_, stat := store.Stat(t.Context(), key)
	_, read := store.NewReader(t.Context(), key)
	for verb, err := range map[string]error{"get": get, "stat": stat, "read": read} {
		if !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%s %s: %v, want not found", verb, key, err)
		}
	}
}
