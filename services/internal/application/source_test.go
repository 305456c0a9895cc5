package application_test

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/config"
)

func photos() application.Source {
	return application.Source{Name: "photos", Bucket: "pictures", Prefix: "live/", Host: "img.example.com", SecureKey: "wakanda123@"}
}

// set puts a source in the place of the one of the same name.
func set(t *testing.T, store *application.Store, app string, s application.Source) (application.Application, error) {
	t.Helper()
	return store.ChangeSource(t.Context(), app, s.Name, func(made *application.Source) error { *made = s; return nil })
}

func setSource(t *testing.T, store *application.Store, s application.Source) application.Source {
	t.Helper()
	a, err := set(t, store, "demo", s)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := a.Source(s.Name)
	if !ok {
		t.Fatalf("there is no %s", s.Name)
	}
	return got
}

func TestStore_Sources(t *testing.T) {
	t.Parallel()
	bucket, store := open(t)
	add(t, store)
	first := setSource(t, store, photos())
	if !regexp.MustCompile(`^[0-9a-f]{24}$`).MatchString(first.ID) || first.CreatedAt.IsZero() || !first.Secured {
		t.Errorf("made %+v", first)
	}
	// The id and the time stay when it is set again, and a folder of the web stands beside it.
	again := photos()
	again.Prefix, again.SecureKey = "", ""
	second := setSource(t, store, again)
	if second.ID != first.ID || second.CreatedAt != first.CreatedAt || second.Secured || second.Prefix != "" {
		t.Errorf("set again as %+v, before it was %+v", second, first)
	}
	setSource(t, store, application.Source{Name: "web", ID: "62ec7b0041e66d000146c60a", URL: "https://example.com/pictures"})
	read, err := store.Get(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	for _, named := range []string{"62ec7b0041e66d000146c60a", "62EC7B0041E66D000146C60A", "web"} {
		if s, ok := read.Source(named); !ok || s.Name != "web" {
			t.Errorf("%s is %+v, %t", named, s, ok)
		}
	}
	if _, ok := read.Source(""); ok {
		t.Error("found a source without a name")
	}
	if _, err := store.RemoveSource(t.Context(), "demo", "62ec7b0041e66d000146c60a"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.RemoveSource(t.Context(), "demo", "web"); !errors.Is(err, application.ErrNoPlace) {
		t.Errorf("removed twice: %v", err)
	}
	setSource(t, store, photos())
	entry, err := bucket.Get(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(entry.Value), "wakanda") {
		t.Error("the key lies in clear")
	}
	shown, err := json.Marshal(first)
	if err != nil || strings.Contains(string(shown), "wakanda") {
		t.Errorf("shown as %s, %v", shown, err)
	}
	read, err = store.Get(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := read.Source("photos"); s.SecureKey != config.Secret("wakanda123@") || !s.Secured {
		t.Errorf("read back as %+v", s)
	}
}

func TestStore_SourceIsAlone(t *testing.T) {
	t.Parallel()
	_, store := open(t)
	add(t, store)
	first := setSource(t, store, photos())
	if _, err := store.Add(t.Context(), "other"); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]application.Source{
		"Host": {Name: "mine", Bucket: "b", Host: "img.example.com"},
		"ID":   {Name: "mine", Bucket: "b", ID: first.ID},
	} {
		for _, app := range []string{"demo", "other"} {
			if _, err := set(t, store, app, s); !errors.Is(err, application.ErrHostTaken) {
				t.Errorf("%s of %s: got %v, want ErrHostTaken", name, app, err)
			}
		}
	}
}

func TestStore_RefusesPlaces(t *testing.T) {
	t.Parallel()
	_, store := open(t)
	add(t, store)
	for want, s := range map[string]application.Source{
		"invalid name":     {Name: "Photos", Bucket: "b"},
		"invalid id":       {Name: "a", Bucket: "b", ID: "abc"},
		"either a bucket":  {Name: "a"},
		"without a query":  {Name: "a", URL: "https://example.com/?x=1"},
		"only with a":      {Name: "a", URL: "https://example.com/", Account: "b"},
		"invalid host":     {Name: "a", Bucket: "b", Host: "img.example.com:80"},
		"host name of its": {Name: "a", Bucket: "b", Host: "127.0.0.1"},
		"invalid bucket":   {Name: "a", Bucket: "a/b"},
		"invalid prefix":   {Name: "a", Bucket: "b", Prefix: strings.Repeat("p", 513)},
		"invalid account":  {Name: "a", Bucket: "b", Account: "A"},
	} {
		if _, err := set(t, store, "demo", s); !errors.Is(err, application.ErrInvalidPlace) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for want, d := range map[string]application.Destination{
		"invalid bucket":     {Name: "a"},
		"invalid public_url": {Name: "a", Bucket: "b", PublicURL: "ftp://example.com"},
		"names of headers":   {Name: "a", Bucket: "b", Headers: map[string]string{"X A": "b"}},
		"printable ASCII":    {Name: "a", Bucket: "b", Headers: map[string]string{"X": "b\n"}},
	} {
		_, err := store.ChangeDestination(t.Context(), "demo", d.Name, func(made *application.Destination) error { *made = d; return nil })
		if !errors.Is(err, application.ErrInvalidPlace) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := set(t, store, "none", photos()); !errors.Is(err, application.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestStore_Destinations(t *testing.T) {
	t.Parallel()
	_, store := open(t)
	add(t, store)
	for _, name := range []string{"second", "first"} {
		if _, err := store.ChangeDestination(t.Context(), "demo", name, func(d *application.Destination) error {
			d.Bucket, d.Headers = name+"-bucket", map[string]string{"Cache-Control": "max-age=60"}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	a, err := store.ChangeDestination(t.Context(), "demo", "first", func(d *application.Destination) error { d.Prefix = "p/"; return nil })
	if err != nil {
		t.Fatal(err)
	}
	cached := map[string]string{"Cache-Control": "max-age=60"}
	want := []application.Destination{
		{Name: "first", Bucket: "first-bucket", Prefix: "p/", Headers: cached}, {Name: "second", Bucket: "second-bucket", Headers: cached},
	}
	if diff := cmp.Diff(want, a.Secrets.Destinations); diff != "" {
		t.Errorf("destinations (-want +got):\n%s", diff)
	}
	if _, err := store.RemoveDestination(t.Context(), "demo", "first"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.RemoveDestination(t.Context(), "demo", "first"); !errors.Is(err, application.ErrNoPlace) {
		t.Errorf("got %v, want ErrNoPlace", err)
	}
}

func TestPlaces_Patch(t *testing.T) {
	t.Parallel()
	s := photos()
	if err := s.Patch("photos", []byte(`{"prefix": null, "bucket": "others"}`)); err != nil {
		t.Fatal(err)
	}
	if s.Prefix != "" || s.Host != "img.example.com" || s.Bucket != "others" || s.SecureKey != "wakanda123@" {
		t.Errorf("patched to %+v", s)
	}
	if err := s.Patch("photos", []byte(`{"secure_key": null}`)); err != nil || s.SecureKey != "" {
		t.Errorf("the key is still there (%v)", err)
	}
	err := s.Patch("photos", []byte(`{"host": "x", "url": 1}`))
	if !errors.Is(err, application.ErrInvalidSettings) || len(application.SettingErrors(err)) != 2 || !strings.Contains(err.Error(), "photos.host") {
		t.Errorf("got %v", err)
	}
	d := application.Destination{Name: "a", Headers: map[string]string{"A": "b"}}
	if err := d.Patch("a", []byte(`{"bucket": "b", "headers": {"C": "d"}, "manual": true}`)); err != nil || d.Headers["C"] != "d" || !d.Manual || len(d.Headers) != 1 {
		t.Errorf("patched to %+v, %v", d, err)
	}
	if err := d.Patch("a", []byte(`{"headers": 1}`)); !errors.Is(err, application.ErrInvalidSettings) {
		t.Errorf("got %v", err)
	}
}

// TestDirectory_Sources finds sources by their hosts and ids, and forgets those that were taken away.
func TestDirectory_Sources(t *testing.T) {
	t.Parallel()
	bucket, store := open(t)
	add(t, store)
	directory := follow(t, bucket, newKey(t, 1))
	source := setSource(t, store, photos())
	until(t, func() bool { _, _, ok := directory.SourceByHost("img.example.com"); return ok })
	a, found, ok := directory.SourceByID(source.ID)
	if !ok || a.ID != "demo" || found.Name != "photos" || found.SecureKey != "wakanda123@" {
		t.Errorf("by its id: %s of %s, %t", found.Name, a.ID, ok)
	}
	for _, host := range []string{"", "example.com"} {
		if _, _, ok := directory.SourceByHost(host); ok {
			t.Errorf("found a source at %q", host)
		}
	}
	moved := photos()
	moved.Host = "pictures.example.com"
	setSource(t, store, moved)
	until(t, func() bool { _, _, ok := directory.SourceByHost("pictures.example.com"); return ok })
	if _, _, ok := directory.SourceByHost("img.example.com"); ok {
		t.Error("it is still where it was")
	}
	if _, err := store.RemoveSource(t.Context(), "demo", "photos"); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { _, _, ok := directory.SourceByID(source.ID); return !ok })
}
