package transformation_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/cloudinary/transformation"
)

// documented is a line of the tables in README.md.
type documented struct{ name, likeness, difference, example string }

// tableLine is a name, how near its translation comes, what differs, and an example.
var tableLine = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([a-z]+) \\| (.*?) ?\\| `([^|`]*)` \\|$")

func documentation(tb testing.TB) []documented {
	tb.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		tb.Fatal(err)
	}
	var all []documented
	for _, m := range tableLine.FindAllStringSubmatch(string(text), -1) {
		all = append(all, documented{m[1], m[2], m[3], m[4]})
	}
	return all
}

func TestReadme_TellsOfEverything(t *testing.T) {
	t.Parallel()
	var translated, refused []string
	for _, line := range documentation(t) {
		switch line.likeness {
		case "exact", "close":
			translated = append(translated, line.name)
		case "refused":
			refused = append(refused, line.name)
		default:
			t.Errorf("%s is %q: expected exact, close or refused", line.name, line.likeness)
		}
		if line.likeness != "exact" && line.difference == "" {
			t.Errorf("%s is %s, and nothing says how", line.name, line.likeness)
		}
	}
	slices.Sort(translated)
	slices.Sort(refused)
	if diff := cmp.Diff(transformation.Translated, translated); diff != "" {
		t.Errorf("what is translated (-code +README.md):\n%s", diff)
	}
	if diff := cmp.Diff(transformation.Refused, refused); diff != "" {
		t.Errorf("what is refused (-code +README.md):\n%s", diff)
	}
}

// photograph is the picture of the examples, with the coordinates that some of them need.
var photograph = transformation.Asset{
	Width: 451, Height: 300, Format: "jpg", Pages: 1, Faces: []transformation.Box{{X: 180, Y: 60, Width: 120, Height: 140}},
	Custom: []transformation.Box{{X: 100, Y: 50, Width: 200, Height: 150}},
}

// example translates an example of README.md for a photograph; all layers are as large as the logo.
func example(text string) (transformation.Translation, error) {
	parsed, err := transformation.Parse(text)
	if err != nil {
		return transformation.Translation{}, err
	}
	parsed, err = parsed.Expand(func(string) (string, bool) { return "c_thumb,g_face,h_50,w_50", true })
	if err != nil {
		return transformation.Translation{}, err
	}
	return parsed.Translate(transformation.Request{
		Asset:  photograph,
		Assets: func(transformation.Layer) (transformation.Asset, bool) { return logo, true },
	})
}

var logo = transformation.Asset{Width: 40, Height: 40, Format: "png"}

func TestReadme_ExamplesDoWhatItSays(t *testing.T) {
	t.Parallel()
	for _, line := range documentation(t) {
		t.Run(line.name, func(t *testing.T) {
			t.Parallel()
			got, err := example(line.example)
			if line.likeness == "refused" {
				said := message(t, err)
				if !strings.HasPrefix(said, "Unsupported ") || !strings.HasSuffix(said, "("+line.difference+")") {
					t.Errorf("%s: got %s, want it refused because %s", line.example, said, line.difference)
				}
				return
			}
			if err != nil {
				t.Fatalf("%s: %v", line.example, err)
			}
			if err := got.Recipe.Validate(); err != nil {
				t.Errorf("%s: %v", line.example, err)
			}
			if want := got.Recipe.Pictures(); len(want) != len(got.Pictures) {
				t.Errorf("%s: the recipe names %v and the translation has %v", line.example, want, got.Pictures)
			}
		})
	}
}
