package library_test

import (
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/bus/bustest"
	"github.com/ringback/ringback/services/internal/library"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, bustest.ServerRemains()) }

const app = "demo"

func open(t *testing.T) *library.Library {
	t.Helper()
	l, err := library.Open(t.Context(), bustest.Open(t))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func picture(id string, version int64, tags ...string) asset.Asset {
	return asset.Asset{
		Ref: asset.Ref{ResourceType: asset.Image, Type: asset.Upload, PublicID: id}, ID: "id of " + id, Version: version, Tags: tags,
	}
}

func put(t *testing.T, l *library.Library, a asset.Asset) asset.Asset {
	t.Helper()
	there, err := l.Put(t.Context(), app, a)
	if err != nil {
		t.Fatal(err)
	}
	return there
}

func idsOf(assets []asset.Asset) []string {
	var ids []string
	for _, a := range assets {
		ids = append(ids, a.PublicID)
	}
	return ids
}

func tagged(t *testing.T, l *library.Library, tag string) []string {
	t.Helper()
	assets, err := l.Tagged(t.Context(), app, asset.Image, tag, 100)
	if err != nil {
		t.Fatal(err)
	}
	return idsOf(assets)
}

func TestLibrary_NewestContentStays(t *testing.T) {
	t.Parallel()
	l := open(t)
	if first := put(t, l, picture("folder/a.b", 5)); first.Overwritten {
		t.Error("the first content has overwritten something")
	}
	if again := put(t, l, picture("folder/a.b", 5)); again.Overwritten {
		t.Error("the same content, put again by a job that is done twice, has overwritten something")
	}
	if second := put(t, l, picture("folder/a.b", 7)); !second.Overwritten {
		t.Error("a later content has overwritten nothing")
	}
	if late := put(t, l, picture("folder/a.b", 6)); late.Version != 7 {
		t.Errorf("version %d took the place of 7", late.Version)
	}
	got, err := l.Get(t.Context(), app, picture("folder/a.b", 0).Ref)
	if err != nil || got.Version != 7 {
		t.Errorf("version %d is there, %v", got.Version, err)
	}
	if _, err := l.Get(t.Context(), "other", got.Ref); !errors.Is(err, library.ErrNotFound) {
		t.Errorf("another application reads it: %v", err)
	}
}

func TestLibrary_Tags(t *testing.T) {
	t.Parallel()
	l := open(t)
	for _, a := range []asset.Asset{picture("b", 1, "x y", "z"), picture("a/1", 1, "x y"), picture("c", 1, "z")} {
		put(t, l, a)
	}
	if got := tagged(t, l, "x y"); !slices.Equal(got, []string{"a/1", "b"}) {
		t.Errorf("%q have the tag", got)
	}
	_, err := l.Change(t.Context(), app, picture("b", 0).Ref, func(a *asset.Asset) error { a.Tags = []string{"new"}; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if got := tagged(t, l, "x y"); !slices.Equal(got, []string{"a/1"}) {
		t.Errorf("%q have the tag after one lost it", got)
	}
	put(t, l, picture("c", 2, "new"))
	if got := tagged(t, l, "new"); !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("%q have the new tag", got)
	}
	if err := l.Delete(t.Context(), app, picture("b", 0).Ref); err != nil {
		t.Fatal(err)
	}
	if got := tagged(t, l, "new"); !slices.Equal(got, []string{"c"}) {
		t.Errorf("%q have the tag after one was deleted", got)
	}
}

func TestLibrary_Rename(t *testing.T) {
	t.Parallel()
	l := open(t)
	put(t, l, picture("a", 1, "t"))
	put(t, l, picture("b", 9, "u"))
	from, to := picture("a", 0).Ref, picture("b", 0).Ref
	if _, err := l.Rename(t.Context(), app, from, to, false); !errors.Is(err, library.ErrExists) {
		t.Errorf("a name that is taken: %v", err)
	}
	moved, err := l.Rename(t.Context(), app, from, to, true)
	if err != nil || moved.ID != "id of a" {
		t.Fatalf("%+v, %v", moved, err)
	}
	if _, err := l.Get(t.Context(), app, from); !errors.Is(err, library.ErrNotFound) {
		t.Errorf("the old name: %v", err)
	}
	got, err := l.Get(t.Context(), app, to)
	if err != nil || got.ID != "id of a" {
		t.Errorf("the new name has %q, %v", got.ID, err)
	}
	if got := tagged(t, l, "u"); got != nil {
		t.Errorf("%q have the tag of what was overwritten", got)
	}
	if got := tagged(t, l, "t"); !slices.Equal(got, []string{"b"}) {
		t.Errorf("%q have the tag of what was renamed", got)
	}
	if _, err := l.Rename(t.Context(), app, from, to, true); !errors.Is(err, library.ErrNotFound) {
		t.Errorf("what is gone: %v", err)
	}
}

func TestLibrary_List(t *testing.T) {
	t.Parallel()
	l := open(t)
	for _, id := range []string{"p/2", "p/1", "q", "p/10", "p/3"} {
		put(t, l, picture(id, 1))
	}
	var got []string
	after := ""
	for {
		page, next, err := l.List(t.Context(), app, asset.Image, asset.Upload, "p/", after, 2)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, idsOf(page)...)
		if after = next; next == "" {
			break
		}
	}
	if !slices.Equal(got, []string{"p/1", "p/10", "p/2", "p/3"}) {
		t.Errorf("listed %q", got)
	}
}

func TestLibrary_ChangesSideBySide(t *testing.T) {
	t.Parallel()
	l := open(t)
	put(t, l, picture("a", 1))
	var changing sync.WaitGroup
	for i := range 8 {
		changing.Go(func() {
			_, err := l.Change(t.Context(), app, picture("a", 0).Ref, func(a *asset.Asset) error {
				a.Tags = append(a.Tags, strconv.Itoa(i))
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	changing.Wait()
	got, err := l.Get(t.Context(), app, picture("a", 0).Ref)
	if err != nil || len(got.Tags) != 8 {
		t.Errorf("%q are left of eight tags, %v", got.Tags, err)
	}
}
