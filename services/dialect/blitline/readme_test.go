package blitline_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/blitline"
)

// documented is a line of the tables in README.md.
type documented struct{ name, likeness, difference, example string }

// tableLine is the name of a function, how near it comes, what differs, and parameters.
var tableLine = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([a-z]+) \\| (.*?) ?\\| (?:`([^|]*)` )?\\|$")

func documentedFunctions(t *testing.T) []documented {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []documented
	for _, m := range tableLine.FindAllStringSubmatch(string(text), -1) {
		line := documented{name: m[1], likeness: m[2], difference: m[3], example: m[4]}
		if line.example == "" {
			line.example = "{}"
		}
		all = append(all, line)
	}
	return all
}

// functionJob is a job of one function, saved as PNG.
func functionJob(name, params string) string {
	return `{"application_id":"A","src":"http://example.com/a.jpg","functions":[{"name":"` + name + `","params":` + params +
		`,"save":{"image_identifier":"out","extension":".png"}}]}`
}

func TestReadme_TellsOfEveryFunction(t *testing.T) {
	t.Parallel()
	var translated, refused []string
	for _, line := range documentedFunctions(t) {
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
	if diff := cmp.Diff(blitline.Translated, translated); diff != "" {
		t.Errorf("functions that are translated (-code +README.md):\n%s", diff)
	}
	if diff := cmp.Diff(blitline.Refused, refused); diff != "" {
		t.Errorf("functions that are refused (-code +README.md):\n%s", diff)
	}
}

func TestReadme_ExamplesDoWhatItSays(t *testing.T) {
	t.Parallel()
	for _, line := range documentedFunctions(t) {
		t.Run(line.name, func(t *testing.T) {
			t.Parallel()
			got := parseOne(t, functionJob(line.name, line.example))
			if got.Error != "" {
				t.Fatalf("the job is not accepted: %s", got.Error)
			}
			if line.likeness == "refused" {
				want := "The function '" + line.name + "' is not supported: " + line.difference
				if got.Refusal == nil || got.Refusal.Code != blitline.UnsupportedFunction || got.Refusal.Message != want {
					t.Errorf("got refusal %+v, want %q", got.Refusal, want)
				}
				return
			}
			if got.Refusal != nil {
				t.Fatalf("refused: %+v", got.Refusal)
			}
			if err := got.Recipe.Validate(); err != nil {
				t.Errorf("recipe: %v", err)
			}
			if want := strings.Count(line.example, "example.com"); len(got.Recipe.Pictures()) != want || len(got.Pictures) != want {
				t.Errorf("the recipe names %d pictures and the job has %d, want %d", len(got.Recipe.Pictures()), len(got.Pictures), want)
			}
		})
	}
}
