package derive_test

import (
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/bus/bustest"
	"github.com/ringback/ringback/services/internal/derive"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/library"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, bustest.ServerRemains()) }

// wanted is what is derived of a photograph of 400 × 300, where a logo is kept, too.
func wanted(t *testing.T, pictures ...job.Derivation) (*library.Library, derive.Want) {
	t.Helper()
	l, err := library.Open(t.Context(), bustest.Open(t))
	if err != nil {
		t.Fatal(err)
	}
	logo := asset.Asset{Ref: asset.Ref{ResourceType: asset.Image, Type: asset.Upload, PublicID: "brand/logo"}, ID: "2", Version: 3, Width: 40, Height: 20, Format: "png", Key: "assets/demo/2/3"}
	if _, err := l.Put(t.Context(), "demo", logo); err != nil {
		t.Fatal(err)
	}
	return l, derive.Want{
		Application: application.Application{ID: "demo", Settings: application.Settings{Cloudinary: &application.Cloudinary{
			Transformations: map[string]string{"small": "c_scale,w_20", "loop": "t_loop"},
		}}},
		Asset: asset.Asset{Ref: asset.Ref{ResourceType: asset.Image, Type: asset.Upload, PublicID: "a b"}, ID: "1", Version: 5, Width: 400, Height: 300, Format: "jpg", Pages: 1},
		Base:  "http://h/demo", Pictures: pictures,
	}
}

func plan(t *testing.T, pictures ...job.Derivation) derive.Plan {
	t.Helper()
	l, w := wanted(t, pictures...)
	p, err := derive.MakePlan(t.Context(), l, w)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Made) > 0 {
		if err := p.Recipe.Validate(); err != nil {
			t.Errorf("the recipe: %v", err)
		}
	}
	return p
}

func TestMakePlan(t *testing.T) {
	t.Parallel()
	p := plan(t,
		job.Derivation{Transformation: "t_small"}, job.Derivation{Transformation: "l_brand:logo,g_south_east/e_sepia", Extension: "png"},
		job.Derivation{Transformation: "l_nobody"}, job.Derivation{Transformation: "t_loop"}, job.Derivation{Transformation: "w_abc"})
	var ids []string
	for _, save := range p.Recipe.Outputs() {
		ids = append(ids, save.ID)
	}
	if !slices.Equal(ids, []string{"0", "1"}) || len(p.Locations) != 2 {
		t.Errorf("outputs %q at %+v", ids, p.Locations)
	}
	if got := p.Locations[0].URL; got != "http://h/demo/image/upload/t_small/v5/a%20b.jpg" {
		t.Errorf("the first is read at %s", got)
	}
	var unmade []string
	for _, failure := range p.Unmade {
		unmade = append(unmade, failure.Output)
	}
	if !slices.Equal(unmade, []string{"2", "3", "4"}) {
		t.Errorf("unmade %+v", p.Unmade)
	}
	names := p.Recipe.Pictures()
	if len(names) != 1 || p.Pictures[names[0]].Kept != "assets/demo/2/3" {
		t.Errorf("pictures %q from %+v", names, p.Pictures)
	}
}

// TestMakePlan_Keys shares a picture between transformations that mean the same, and no others.
func TestMakePlan_Keys(t *testing.T) {
	t.Parallel()
	key := func(transformation, extension string) string {
		p := plan(t, job.Derivation{Transformation: transformation, Extension: extension})
		if len(p.Locations) != 1 {
			t.Fatalf("%s: %+v", transformation, p.Unmade)
		}
		return p.Locations[0].Key
	}
	same := key("c_fill,h_10,w_20", "")
	if got := key("w_20,h_10,c_fill", "jpg"); got != same {
		t.Errorf("the same in another order is %s, not %s", got, same)
	}
	if got := key("c_scale,w_20", ""); got != key("t_small", "") {
		t.Errorf("the named one is another than what it stands for: %s", got)
	}
	for _, other := range []string{key("c_fill,h_10,w_21", ""), key("c_fill,h_10,w_20", "png"), key("c_fill,h_10/w_20", "")} {
		if other == same {
			t.Errorf("%s is shared", other)
		}
	}
}

// TestMakePlan_Pages finds a page by itself where all of them were put.
func TestMakePlan_Pages(t *testing.T) {
	t.Parallel()
	keyOf := func(transformation string) job.Location {
		l, w := wanted(t, job.Derivation{Transformation: transformation, Extension: "png"})
		w.Asset.Format, w.Asset.Pages = "pdf", 10
		p, err := derive.MakePlan(t.Context(), l, w)
		if err != nil || len(p.Locations) != 1 {
			t.Fatalf("%s: %+v %v", transformation, p.Unmade, err)
		}
		return p.Locations[0]
	}
	all := keyOf("c_scale,pg_all,w_200")
	for page, transformation := range map[int]string{1: "c_scale,pg_1,w_200", 7: "c_scale,pg_7,w_200", 10: "w_200,pg_10,c_scale"} {
		if got, want := keyOf(transformation).Key, all.Page(page).Key; got != want {
			t.Errorf("page %d alone is %s, and of all %s", page, got, want)
		}
	}
}

// TestMakePlan_OnePass refuses in one call what a picture can be read for in several goes only.
func TestMakePlan_OnePass(t *testing.T) {
	t.Parallel()
	l, w := wanted(t, job.Derivation{Transformation: "pg_1", Extension: "png"}, job.Derivation{Transformation: "pg_2", Extension: "png"})
	w.Asset.Format, w.Asset.Pages = "pdf", 2
	p, err := derive.MakePlan(t.Context(), l, w)
	if err != nil || len(p.Unmade) != 1 || !strings.Contains(p.Unmade[0].Message, "calls of their own") {
		t.Errorf("%+v %v", p.Unmade, err)
	}
}
