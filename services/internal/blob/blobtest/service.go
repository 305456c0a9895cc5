package blobtest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/blob"
)

// Service is a service that keeps buckets, as a test runs it.
type Service struct {
	// URL is where it listens, as http://127.0.0.1:7070.
	URL string
	// OwnHost is whether it answers only to requests that name it as their host. Signatures must not cover the host then.
	OwnHost bool
	// OnePage is whether it knows no pages, and cuts a list off without saying so.
	OnePage bool
	// Config addresses a bucket that is there, through a proxy at base, which is URL when there is none.
	Config func(t *testing.T, base string) blob.Config
	// Missing addresses a bucket that is not there.
	Missing func(t *testing.T) blob.Config
	// Wrong has a wrong secret, or is nil where the service looks at none.
	Wrong func(t *testing.T) blob.Config
	// Unfinished counts the uploads that were begun and neither ended nor aborted, or is nil where they cannot be seen.
	Unfinished func(t *testing.T) int
}

// RunService checks a store in a bucket of the service, over connections that are good and over such that fail.
func RunService(t *testing.T, s Service) {
	t.Helper()
	page := 2
	if s.OnePage {
		page = blob.MaxList
	}
	t.Run("Store", func(t *testing.T) { run(t, Open(t, s.Config(t, s.URL)), page) })
	t.Run("AbortsUploads", func(t *testing.T) { s.aborts(t) })
	t.Run("RefusesAtOnce", func(t *testing.T) { s.refuses(t) })
	t.Run("TriesAgain", func(t *testing.T) { s.triesAgain(t) })
	t.Run("GivesUp", func(t *testing.T) { s.givesUp(t) })
	t.Run("DoesNotRepeatWhatIsWrong", func(t *testing.T) { s.doesNotRepeat(t) })
	t.Run("ReadsOnAfterACut", func(t *testing.T) { s.readsOn(t) })
	t.Run("DoesNotWaitForEver", func(t *testing.T) { s.doesNotWait(t) })
}

// Open opens the store of config until the test ends.
func Open(t *testing.T, config blob.Config) *blob.Store {
	t.Helper()
	store, err := blob.Open(t.Context(), config, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func (s Service) through(t *testing.T) (*Proxy, *blob.Store) {
	t.Helper()
	proxy := NewProxy(t, s)
	return proxy, Open(t, s.Config(t, proxy.URL))
}

func (s Service) aborts(t *testing.T) {
	t.Helper()
	if s.Unfinished == nil {
		return // [Run] has seen already that nothing of them can be read
	}
	if n := s.Unfinished(t); n != 0 {
		t.Errorf("%d uploads are left of those that were cut off", n)
	}
}

func (s Service) refuses(t *testing.T) {
	t.Helper()
	_, err := blob.Open(t.Context(), s.Missing(t), "")
	if !errors.Is(err, blob.ErrBucket) || !strings.Contains(err.Error(), "RINGBACK_BLOB_URL") {
		t.Errorf("missing bucket: %v", err)
	}
	if s.Wrong == nil {
		return
	}
	wrong := s.Wrong(t)
	_, err = blob.Open(t.Context(), wrong, "")
	if err == nil || !strings.Contains(err.Error(), "RINGBACK_BLOB_URL") || errors.Is(err, blob.ErrNotFound) {
		t.Errorf("wrong secret: %v", err)
	}
	if secret := wrong.SecretAccessKey.Reveal(); secret != "" && err != nil && strings.Contains(err.Error(), secret) {
		t.Errorf("the secret is in the error: %v", err)
	}
}

// triesAgain lets the first requests of each operation fail, by an answer and by none.
func (s Service) triesAgain(t *testing.T) {
	t.Helper()
	proxy, store := s.through(t)
	large := make([]byte, 17<<20)
	for name, fail := range map[string]http.HandlerFunc{"unavailable": Answer(http.StatusServiceUnavailable), "error": Answer(500), "cut": Cut} {
		for verb, do := range map[string]func() error{
			"put":   func() error { return store.Put(t.Context(), "suite/again", []byte("x"), "image/png") },
			"large": func() error { return store.Put(t.Context(), "suite/again", large, "image/png") },
			"get":   func() error { _, _, err := store.Get(t.Context(), "suite/again"); return err },
			"stat":  func() error { _, err := store.Stat(t.Context(), "suite/again"); return err },
		} {
			put(t, store, "suite/again", []byte("old"), "image/png")
			proxy.Fail(2, fail)
			if err := do(); err != nil {
				t.Errorf("%s: %s: %v", name, verb, err)
			}
			if left := proxy.Fail(0, nil); left != 0 {
				t.Errorf("%s: %s: %d of 2 failures did not come up", name, verb, left)
			}
		}
	}
}

func (s Service) givesUp(t *testing.T) {
	t.Helper()
	proxy, store := s.through(t)
	put(t, store, "suite/given-up", []byte("old"), "image/png")
	proxy.Fail(1000, Answer(http.StatusServiceUnavailable))
	_, _, err := store.Get(t.Context(), "suite/given-up")
	if err == nil || errors.Is(err, blob.ErrNotFound) {
		t.Errorf("get: %v", err)
	}
	if err := store.Put(t.Context(), "suite/given-up", []byte("new"), "image/png"); err == nil {
		t.Error("put where nothing can be")
	}
	if left := proxy.Fail(0, nil); left < 1000-2*6 {
		t.Errorf("%d requests were made of two operations", 1000-left)
	}
	expect(t, store, "suite/given-up", []byte("old"), "image/png")
}

func (s Service) doesNotRepeat(t *testing.T) {
	t.Helper()
	proxy, store := s.through(t)
	put(t, store, "suite/wrong", []byte("old"), "image/png")
	for _, status := range []int{http.StatusPreconditionFailed, http.StatusForbidden, http.StatusBadRequest} {
		proxy.Fail(1, Answer(status))
		err := store.Put(t.Context(), "suite/wrong", []byte("new"), "image/png")
		if err == nil || errors.Is(err, blob.ErrNotFound) {
			t.Errorf("put answered %d: %v", status, err)
		}
		proxy.Fail(1, Answer(status))
		if _, _, err = store.Get(t.Context(), "suite/wrong"); err == nil || errors.Is(err, blob.ErrNotFound) {
			t.Errorf("get answered %d: %v", status, err)
		}
	}
	expect(t, store, "suite/wrong", []byte("old"), "image/png")
}

// readsOn cuts an answer off twice in its middle.
func (s Service) readsOn(t *testing.T) {
	t.Helper()
	proxy, store := s.through(t)
	data, err := io.ReadAll(Random(3 << 20))
	if err != nil {
		t.Fatal(err)
	}
	put(t, store, "suite/cut", data, "image/png")
	for _, replaced := range []bool{false, true} {
		proxy.Fail(2, proxy.CutAfter(1<<20))
		r, err := store.NewReader(t.Context(), "suite/cut")
		if err != nil {
			t.Fatal(err)
		}
		if replaced {
			proxy.Fail(0, nil)
			put(t, store, "suite/cut", append([]byte("new"), data...), "image/png")
		}
		got, err := io.ReadAll(r)
		switch {
		case replaced && !errors.Is(err, blob.ErrChanged):
			t.Errorf("replaced meanwhile: %d bytes, %v", len(got), err)
		case !replaced && (err != nil || !bytes.Equal(got, data)):
			t.Errorf("read %d of %d bytes, %v", len(got), len(data), err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// doesNotWait is about a service that takes connections and says nothing.
func (s Service) doesNotWait(t *testing.T) {
	t.Helper()
	proxy := NewProxy(t, s)
	config := s.Config(t, proxy.URL)
	config.Timeout = 100 * time.Millisecond
	store := Open(t, config)
	proxy.Fail(1000, Silence)
	if _, _, err := store.Get(t.Context(), "suite/silent"); err == nil || errors.Is(err, blob.ErrNotFound) {
		t.Errorf("get: %v", err)
	}
	if err := store.PutFrom(t.Context(), "suite/silent", Random(20<<20), 20<<20, ""); err == nil {
		t.Error("put where nothing answers")
	}
	if _, err := store.Stat(t.Context(), "suite/silent"); err == nil || errors.Is(err, blob.ErrNotFound) {
		t.Errorf("stat: %v", err)
	}
}
