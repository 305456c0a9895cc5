package transformation_test

import (
	"strings"
	"testing"

	"github.com/ringback/ringback/services/dialect/cloudinary/transformation"
	"github.com/ringback/ringback/services/dialect/dialecttest"
)

// documentation are the lines of the tables in README.md.
func documentation(tb testing.TB) []dialecttest.Line {
	tb.Helper()
	return dialecttest.Lines(tb, "../README.md")
}

func TestReadme_TellsOfEverything(t *testing.T) {
	t.Parallel()
	dialecttest.Complete(t, documentation(t), transformation.Translated, transformation.Refused)
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
		t.Run(line.Name, func(t *testing.T) {
			t.Parallel()
			got, err := example(line.Example)
			if line.Refused() {
				said := message(t, err)
				if !strings.HasPrefix(said, "Unsupported ") || !strings.HasSuffix(said, "("+line.Difference+")") {
					t.Errorf("%s: got %s, want it refused because %s", line.Example, said, line.Difference)
				}
				return
			}
			if err != nil {
				t.Fatalf("%s: %v", line.Example, err)
			}
			if err := got.Recipe.Validate(); err != nil {
				t.Errorf("%s: %v", line.Example, err)
			}
			if want := got.Recipe.Pictures(); len(want) != len(got.Pictures) {
				t.Errorf("%s: the recipe names %v and the translation has %v", line.Example, want, got.Pictures)
			}
		})
	}
}
