package transformation_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/dialect/cloudinary/transformation"
)

// seeds are the rows and the examples of the other tests, and what is written at the limits.
func seeds(f *testing.F) []string {
	f.Helper()
	all := []string{
		"", "/", ",", "_", "w_", "$", "$a", "l_a/l_b/fl_layer_apply", "fl_layer_apply", "if_else", "if_end", "l_text:A_1:$(", "e_:", "e_sepia:",
		"w_99999999999999999999", "ar_1:0", "ar_0.001,w_16383", "x_-1000000,c_crop,w_1,h_1", "pg_1-10000;1-10000", "b_rgb:", "r_::",
		"l_text:Arial_2000:%F0%9F%98%80,e_sepia", "w_$x,$x_$x", "$a_2/$a_$a_pow_$a/$a_$a_pow_$a/w_$a", "if_!a!_in_tags_or_ctx:!k!_eq_!v!,w_5",
		"a_hflip.vflip.90.45.auto_left,w_5,h_9", "dpr_10,w_16383", "dpr_dpr", "e_tint:1:rgb:p:1p", "q_auto:420:eco", "fl_attachment:a.b.lossy.progressive:none",
		"dn_1200/c_fill,w_1.0,h_1.0", "e_trim/u_logo/c_pad,w_2,h_0.5,b_auto", "a_ignore/e_pixelate_faces", "c_thumb,g_face,z_0.01,w_1,h_16383",
	}
	for _, row := range geometry {
		all = append(all, row.text)
	}
	for _, line := range documentation(f) {
		all = append(all, line.Example)
	}
	return all
}

// FuzzTranslate reads, writes and translates any text: it never panics, what is accepted is a valid recipe with all its
// pictures, and the canonical form means the same and is its own.
func FuzzTranslate(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed, uint16(600), uint16(400), byte(0))
	}
	f.Fuzz(func(t *testing.T, text string, width, height uint16, more byte) {
		parsed, err := transformation.Parse(text)
		if err != nil {
			must(t, err)
			return
		}
		canonical := parsed.Canonical()
		again, err := transformation.Parse(canonical)
		if err != nil {
			t.Fatalf("the canonical form %q of %q is refused: %v", canonical, text, err)
		}
		if twice := again.Canonical(); twice != canonical {
			t.Fatalf("the canonical form of %q is %q, and of that %q", text, canonical, twice)
		}
		request := transformation.Request{Asset: transformation.Asset{
			Width: int(width), Height: int(height), Format: []string{"jpg", "png", "gif", "pdf"}[more%4], Pages: int(more / 16),
			Orientation: int(more % 9), Tags: []string{"a"}, Context: map[string]string{"k": "v"},
			Faces: []transformation.Box{{X: 10, Y: 20, Width: 30, Height: 40}, {X: -5, Y: 300, Width: 50, Height: 5000}},
		}, Accept: "image/webp,*/*", DefaultQuality: int(more)}
		if more%2 == 1 {
			request.Assets = func(transformation.Layer) (transformation.Asset, bool) { return logo, true }
		}
		got, err := parsed.Translate(request)
		if err != nil {
			must(t, err)
			return
		}
		if err := got.Recipe.Validate(); err != nil {
			t.Errorf("accepted, but %v", err)
		}
		for _, name := range got.Recipe.Pictures() {
			if _, known := got.Pictures[name]; !known {
				t.Errorf("picture %s is not among %v", name, got.Pictures)
			}
		}
		same, err := again.Translate(request)
		if err != nil || same.Size != got.Size || same.Format != got.Format {
			t.Errorf("%q makes %v %s, and its canonical form %q makes %v %s, %v", text, got.Size, got.Format, canonical, same.Size, same.Format, err)
		}
	})
}

// must checks that a failure is one for the client.
func must(t *testing.T, err error) {
	t.Helper()
	own, ok := errors.AsType[*transformation.Error](err)
	if !ok || own.Message == "" {
		t.Errorf("got %v, want an Error of the package", err)
	}
}

func FuzzParseEager(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed + "|" + seed + "/png")
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := transformation.ParseEager(text)
		if err != nil {
			must(t, err)
			return
		}
		for _, eager := range all {
			if eager.Text == "" || strings.ContainsAny(eager.Text, "|") || strings.Contains(eager.Extension, "_") {
				t.Errorf("%q has %+v", text, eager)
			}
		}
	})
}

// FuzzSplitPath takes paths apart: a public id is always left, and what was split off stands before it.
func FuzzSplitPath(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add("s--0123abcd--/" + seed + "/v1/folder/name.jpg")
		f.Add(seed + "/https://example.com/a.jpg")
	}
	f.Fuzz(func(t *testing.T, path string) {
		p, err := transformation.SplitPath(path)
		if err != nil {
			must(t, err)
			return
		}
		if p.PublicID == "" || p.Version < 0 || !strings.Contains(path, p.Transformation) {
			t.Errorf("%q has %+v", path, p)
		}
		if _, err := transformation.Parse(p.Transformation); err != nil {
			must(t, err)
		}
	})
}
