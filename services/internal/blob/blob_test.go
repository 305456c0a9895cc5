package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/ringback/ringback/services/internal/blob"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, dir string) *blob.Store {
	t.Helper()
	store, err := blob.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func TestStore(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data", "blobs")
	store := open(t, dir)
	key := "acme/2026/a_b-c.v1.jpg"
	if err := store.Put(t.Context(), key, []byte("picture"), "image/jpeg"); err != nil {
		t.Fatal(err)
	}
	if on, err := os.ReadFile(filepath.Join(dir, key)); err != nil || string(on) != "picture" {
		t.Errorf("on disk: %q, %v", on, err)
	}
	// Another store on the same folder stands for the same one after a restart.
	again := open(t, dir)
	data, contentType, err := again.Get(t.Context(), key)
	if err != nil || string(data) != "picture" || contentType != "image/jpeg" {
		t.Errorf("got %q, %q, %v", data, contentType, err)
	}
	before, err := again.Stat(t.Context(), key)
	if err != nil || before.Size != 7 || before.ContentType != "image/jpeg" || before.ModTime.IsZero() || before.ETag == "" {
		t.Errorf("stat: %+v, %v", before, err)
	}
	if err := store.Put(t.Context(), key, nil, ""); err != nil {
		t.Fatal(err)
	}
	data, contentType, err = store.Get(t.Context(), key)
	if err != nil || len(data) != 0 || contentType != "application/octet-stream" {
		t.Errorf("after overwriting: %q, %q, %v", data, contentType, err)
	}
	if after, err := store.Stat(t.Context(), key); err != nil || after.ETag == before.ETag {
		t.Errorf("etag %s did not change (%v)", after.ETag, err)
	}
	if err := store.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("left after deleting: %v", left)
	}
}

func TestStore_NotFound(t *testing.T) {
	t.Parallel()
	store := open(t, t.TempDir())
	if err := store.Put(t.Context(), "folder/blob", []byte("x"), ""); err != nil {
		t.Fatal(err)
	}
	if err := store.Delete(t.Context(), "folder/blob"); err != nil {
		t.Fatal(err)
	}
	if err := store.Put(t.Context(), "blob", []byte("x"), ""); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"absent", "no/such/folder", "folder", "folder/blob", "blob/below"} {
		_, _, get := store.Get(t.Context(), key)
		_, stat := store.Stat(t.Context(), key)
		_, read := store.NewReader(t.Context(), key)
		for verb, err := range map[string]error{"get": get, "stat": stat, "read": read, "delete": store.Delete(t.Context(), key)} {
			if !errors.Is(err, blob.ErrNotFound) {
				t.Errorf("%s %s: %v, want not found", verb, key, err)
			}
		}
	}
}

func TestStore_NewReader(t *testing.T) {
	t.Parallel()
	store := open(t, t.TempDir())
	if err := store.Put(t.Context(), "k", []byte("0123456789"), "text/plain"); err != nil {
		t.Fatal(err)
	}
	r, err := store.NewReader(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Put(t.Context(), "k", []byte("another"), "text/plain"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Seek(7, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(r)
	if err != nil || string(rest) != "789" || r.Size != 10 || r.ContentType != "text/plain" {
		t.Errorf("read %q of %+v, %v", rest, r.Info, err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func TestStore_RefusesKeys(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "in")
	store := open(t, dir)
	for _, key := range []string{
		"", "/", "/etc/passwd", "../out", "a/../../out", "a/..", "..", ".", "a/./b", "a//b", "a/", "a..b", `a\..\b`, "a b", "ä",
		"a\x00b", "a%2f..", "a@type", "a:b", "a.attrs", strings.Repeat("a", 201), strings.Repeat("a/", 512) + "a",
	} {
		var refused *blob.KeyError
		_, _, get := store.Get(t.Context(), key)
		_, stat := store.Stat(t.Context(), key)
		_, read := store.NewReader(t.Context(), key)
		for verb, err := range map[string]error{
			"put": store.Put(t.Context(), key, []byte("x"), ""), "get": get, "stat": stat, "read": read,
			"delete": store.Delete(t.Context(), key),
		} {
			if !errors.As(err, &refused) || refused.Key != key {
				t.Errorf("%s %q: %v, want it refused", verb, key, err)
			}
		}
	}
	if left := files(t, filepath.Dir(dir)); len(left) != 0 {
		t.Errorf("written: %v", left)
	}
	if err := store.Put(t.Context(), "a", nil, strings.Repeat("x", 256)); !errors.Is(err, blob.ErrContentType) {
		t.Errorf("long content type: %v", err)
	}
}

// record is a disk that notes what is synced, and fails where it is told to.
type record struct {
	root string
	fail string

	mu     sync.Mutex
	events []string
}

var errPower = errors.New("power cut")

func (r *record) File(f *os.File) error {
	// The final name must not be there yet, and the data must be.
	final := strings.TrimSuffix(f.Name(), ".tmp")
	final = final[:strings.LastIndex(final, ".")]
	_, err := os.Stat(final)
	info, statErr := f.Stat()
	if statErr != nil || info.Size() == 0 {
		return errors.New("synced before it was written")
	}
	rel, _ := filepath.Rel(r.root, final)
	return r.note("file " + rel + map[bool]string{true: " named", false: ""}[err == nil])
}

func (r *record) Folder(path string) error {
	rel, _ := filepath.Rel(r.root, path)
	return r.note("folder " + rel)
}

func (r *record) note(event string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, event)
	if event == r.fail {
		return errPower
	}
	return nil
}

func TestStore_SyncsInOrder(t *testing.T) {
	t.Parallel()
	disk := &record{root: t.TempDir()}
	store, err := blob.OpenWith(disk.root, disk)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	put := func(key, contentType string, want ...string) {
		t.Helper()
		disk.events = nil
		if err := store.Put(t.Context(), key, []byte("x"), contentType); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, disk.events); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
	put("a/b/1.jpg", "image/jpeg", "file a/b/1.jpg@type", "file a/b/1.jpg", "folder a/b", "folder a", "folder .")
	put("a/b/2.jpg", "image/jpeg", "file a/b/2.jpg@type", "file a/b/2.jpg", "folder a/b")
	put("a/c/3.jpg", "image/jpeg", "file a/c/3.jpg@type", "file a/c/3.jpg", "folder a/c", "folder a")
	put("4.jpg", "image/jpeg", "file 4.jpg@type", "file 4.jpg", "folder .")
	// The same again, as a redelivered job does.
	put("4.jpg", "image/jpeg", "file 4.jpg named", "folder .")
}

func TestStore_CutWriteLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, fail := range []string{"file a/1.jpg@type", "file a/1.jpg"} {
		disk := &record{root: t.TempDir(), fail: fail}
		store, err := blob.OpenWith(disk.root, disk)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		if err := store.Put(t.Context(), "a/1.jpg", []byte("x"), "image/jpeg"); !errors.Is(err, errPower) {
			t.Errorf("%s: put: %v", fail, err)
		}
		if _, _, err := store.Get(t.Context(), "a/1.jpg"); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%s: get: %v, want not found", fail, err)
		}
		for _, left := range files(t, disk.root) {
			if left != "a/1.jpg@type" {
				t.Errorf("%s: left %s", fail, left)
			}
		}
	}

	store := open(t, t.TempDir())
	if err := store.Put(t.Context(), "k", []byte("old"), ""); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Put(ctx, "k", []byte("new"), ""); !errors.Is(err, context.Canceled) {
		t.Errorf("put after the end: %v", err)
	}
	if data, _, err := store.Get(t.Context(), "k"); err != nil || string(data) != "old" {
		t.Errorf("after a cancelled put: %q, %v", data, err)
	}
}

func TestStore_FailedFolderSyncIsReported(t *testing.T) {
	t.Parallel()
	for _, fail := range []string{"folder a", "folder ."} {
		disk := &record{root: t.TempDir(), fail: fail}
		store, err := blob.OpenWith(disk.root, disk)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		for range 2 {
			if err := store.Put(t.Context(), "a/1.jpg", []byte("x"), ""); !errors.Is(err, errPower) {
				t.Errorf("%s: %v, want it each time", fail, err)
			}
		}
	}
}

func TestStore_WritersOfOneKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stores := []*blob.Store{open(t, dir), open(t, dir)}
	values := [][]byte{bytes.Repeat([]byte("a"), 100_000), bytes.Repeat([]byte("b"), 50_000)}
	whole := func(data []byte) bool { return bytes.Equal(data, values[0]) || bytes.Equal(data, values[1]) }
	if err := stores[0].Put(t.Context(), "deep/k", values[0], "image/png"); err != nil {
		t.Fatal(err)
	}
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for i, store := range stores {
		writers.Go(func() {
			for range 20 {
				if err := store.Put(t.Context(), "deep/k", values[i], "image/png"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	readers.Go(func() {
		for {
			data, contentType, err := stores[0].Get(t.Context(), "deep/k")
			if err != nil || contentType != "image/png" || !whole(data) {
				t.Errorf("read %d bytes of %q, %v", len(data), contentType, err)
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	writers.Wait()
	close(done)
	readers.Wait()
	if diff := cmp.Diff([]string{"deep/k", "deep/k@type"}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestOpenFolder_RefusesFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := blob.OpenFolder(path); err == nil {
		t.Error("opened a file as a folder")
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			names = append(names, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
