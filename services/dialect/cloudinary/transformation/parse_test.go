package transformation_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/cloudinary/transformation"
)

// message is the text of an [transformation.Error].
func message(t *testing.T, err error) string {
	t.Helper()
	own, ok := errors.AsType[*transformation.Error](err)
	if !ok {
		t.Fatalf("got %v, want an Error of the package", err)
	}
	return own.Message
}

func TestParse_Refuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"w_abc":                     "Invalid width in transformation: abc",
		"w_0":                       "Invalid width in transformation: 0",
		"w_-5":                      "Invalid width in transformation: -5",
		"h_1e3":                     "Invalid height in transformation: 1e3",
		"w_iw_mul":                  "Invalid width in transformation: iw_mul",
		"c_fil":                     "Invalid crop mode in transformation: fil",
		"foo_1":                     "Invalid transformation parameter - foo_1",
		"w":                         "Invalid transformation parameter - w",
		"w_100,":                    "Invalid transformation parameter - ",
		"w_100,h_50,w_200":          "Invalid transformation: w is there twice in w_100,h_50,w_200",
		"e_sepiaa":                  "Invalid effect in transformation: sepiaa",
		"e_sepia:101":               "Invalid effect in transformation: sepia:101",
		"e_grayscale:5":             "Invalid effect in transformation: grayscale:5",
		"r_1:2:3:4:5":               "Invalid radius in transformation: 1:2:3:4:5",
		"bo_4px_dotted_red":         "Invalid border in transformation: 4px_dotted_red",
		"co_rgb:12345":              "Invalid color in transformation: rgb:12345",
		"b_#fff":                    "Invalid background in transformation: #fff",
		"q_101":                     "Invalid quality in transformation: 101",
		"q_80:good":                 "Invalid quality in transformation: 80:good",
		"f_xyz":                     "Invalid format in transformation: xyz",
		"fl_lossy.sparkling":        "Invalid flag in transformation: sparkling",
		"a_left":                    "Invalid angle in transformation: left",
		"o_101":                     "Invalid opacity in transformation: 101",
		"pg_4-2":                    "Invalid page in transformation: 4-2",
		"dn_0":                      "Invalid density in transformation: 0",
		"$a_b_c":                    "Invalid variable value in transformation: b_c",
		"$1a_2":                     "Invalid variable name in transformation: $1a",
		"if_w_gt/w_5/if_end":        "Invalid condition in transformation: w_gt",
		"if_w_gt_5/w_5":             "Invalid transformation: if_w_gt_5 has no if_end",
		"w_5/if_end":                "Invalid transformation: if_end without if_",
		"l_fetch:%%%":               "Invalid overlay in transformation: fetch:%%%",
		"l_text:Arial_40":           "Invalid overlay in transformation: text:Arial_40",
		"ar_0":                      "Invalid aspect ratio in transformation: 0",
		"g_NORTH":                   "Invalid gravity in transformation: NORTH",
		strings.Repeat("w_1/", 201): "Invalid transformation: more than 200 components",
	} {
		_, err := transformation.Parse(text)
		if got := message(t, err); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	_, err := transformation.Parse(strings.Repeat("w_1/", 5000))
	if got := message(t, err); got != "Invalid transformation: 20000 bytes are more than 16384" {
		t.Errorf("20,000 bytes: got %s", got)
	}
}

func TestParse_KeepsTheText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "w_100,h_50,c_fill", "/w_100//e_sepia/", "if_w_gt_5,w_5"} {
		parsed, err := transformation.Parse(text)
		if err != nil || parsed.String() != text || parsed.Empty() != (text == "") {
			t.Errorf("%q: got %q, %v", text, parsed, err)
		}
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"w_100,h_50,c_fill":                        "c_fill,h_50,w_100",
		"/w_100//e_sepia/":                         "w_100/e_sepia",
		"w_$b,$b_$a_mul_2,$a_5":                    "$b_$a_mul_2,$a_5,w_$b",
		"e_sepia,e_blur,c_fit,w_5":                 "c_fit,e_sepia,e_blur,w_5",
		"fl_progressive.lossy":                     "fl_lossy.progressive",
		"if_w_gt_5,w_5,c_fit":                      "if_w_gt_5/c_fit,w_5/if_end",
		"if_w_gt_5,w_5/if_else,w_6":                "if_w_gt_5/w_5/if_else/w_6/if_end",
		"if_w_gt_5/w_5/e_sepia/if_else/w_6/if_end": "if_w_gt_5/w_5/e_sepia/if_else/w_6/if_end",
		"if_w_gt_5,w_5/e_sepia/if_end":             "if_w_gt_5/w_5/e_sepia/if_end",
		"l_text:Arial_20:A b, c,co_red":            "",
		"l_text:Arial_20:A b%2C c,co_red":          "co_red,l_text:Arial_20:A%20b%252C%20c",
		"co_red,l_text:Arial_20:A%20b%252C%20c":    "co_red,l_text:Arial_20:A%20b%252C%20c",
		"l_text:Arial_20:100%25":                   "l_text:Arial_20:100%2525",
	} {
		parsed, err := transformation.Parse(text)
		if want == "" {
			if err == nil {
				t.Errorf("%s is read, and has a comma in its text", text)
			}
			continue
		}
		if err != nil || parsed.Canonical() != want {
			t.Errorf("%s: got %s, %v; want %s", text, parsed.Canonical(), err, want)
		}
	}
}

func TestExpand(t *testing.T) {
	t.Parallel()
	stored := map[string]string{
		"thumb": "c_fill,h_50,w_50", "toned": "e_sepia/t_thumb", "loop": "w_5/t_loop", "ring": "t_gnir", "gnir": "t_ring",
		"bad": "w_abc", "many": strings.Repeat("t_thumb/", 150),
	}
	named := func(name string) (string, bool) {
		text, ok := stored[name]
		return text, ok
	}
	for text, want := range map[string]string{
		"t_thumb":           "c_fill,h_50,w_50",
		"t_thumb.toned/w_5": "c_fill,h_50,w_50/e_sepia/c_fill,h_50,w_50/w_5",
		"t_thumb,r_5":       "c_fill,h_50,w_50/r_5",
		"if_w_gt_5,t_thumb": "if_w_gt_5/c_fill,h_50,w_50/if_end",
		"if_w_gt_5/t_thumb/if_else/t_toned/if_end": "if_w_gt_5/c_fill,h_50,w_50/if_else/e_sepia/c_fill,h_50,w_50/if_end",
		"w_7": "w_7",
	} {
		expanded, err := parse(t, text).Expand(named)
		if err != nil || expanded.String() != want || len(expanded.Names()) > 0 {
			t.Errorf("%s: got %s, %v; want %s", text, expanded, err, want)
		}
	}
	for text, want := range map[string]string{
		"t_none":       "Unknown named transformation - none",
		"t_loop":       "Invalid transformation: the named transformation loop leads to itself",
		"t_ring":       "Invalid transformation: the named transformation ring leads to itself",
		"t_bad":        "Invalid width in transformation: abc",
		"t_many.many":  "Invalid transformation: more than 200 components",
		"l_logo,t_bad": "Unsupported named transformation in transformation: bad (beside a layer; give it a component of its own)",
	} {
		_, err := parse(t, text).Expand(named)
		if got := message(t, err); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if diff := cmp.Diff([]string{"thumb", "toned", "x"}, parse(t, "t_thumb.toned/if_w_gt_5/t_x/t_thumb/if_end").Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	_, err := parse(t, "t_thumb").Translate(transformation.Request{Asset: lying})
	if got := message(t, err); got != "Unknown named transformation - thumb" {
		t.Errorf("a name that was not expanded: got %s", got)
	}
}

func parse(t *testing.T, text string) transformation.Transformation {
	t.Helper()
	parsed, err := transformation.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return parsed
}

func TestParseEager(t *testing.T) {
	t.Parallel()
	got, err := transformation.ParseEager("c_fill,h_100,w_150|c_scale,e_sepia,w_0.5/png|w_100/e_sepia/|/webp|q_auto/jpeg")
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, eager := range got {
		said = append(said, eager.Text+" = "+eager.Transformation.Canonical()+" as "+eager.Extension)
	}
	want := []string{
		"c_fill,h_100,w_150 = c_fill,h_100,w_150 as ", "c_scale,e_sepia,w_0.5/png = c_scale,e_sepia,w_0.5 as png",
		"w_100/e_sepia/ = w_100/e_sepia as ", "/webp =  as webp", "q_auto/jpeg = q_auto as jpeg",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("eager (-want +got):\n%s", diff)
	}
	for text, want := range map[string]string{
		"w_100/xyz":   "Invalid extension in transformation: xyz",
		"q_auto/mp4":  "Unsupported format in transformation: mp4 (it is for videos, and only pictures are made here)",
		"w_100|w_abc": "Invalid width in transformation: abc",
	} {
		_, err := transformation.ParseEager(text)
		if got := message(t, err); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
