package parameter_test

import (
	"errors"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/pixta/parameter"
)

// documented is a line of the tables in README.md.
type documented struct{ name, likeness, difference, example string }

// tableLine is a name, how near its translation comes, what differs, and an example.
var tableLine = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| ([a-z]+) \\| (.*?) ?\\| `([^|`]*)` \\|$")

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

// query reads parameters as they stand in an address.
func query(tb testing.TB, text string) url.Values {
	tb.Helper()
	values, err := url.ParseQuery(text)
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return values
}

// translate translates parameters as they stand in an address.
func translate(tb testing.TB, text string) (parameter.Translation, error) {
	tb.Helper()
	params, err := parameter.Parse(query(tb, text), parameter.Options{})
	if err != nil {
		return parameter.Translation{}, err
	}
	return params.Translate("")
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
	if diff := cmp.Diff(parameter.Translated(), translated); diff != "" {
		t.Errorf("what is translated (-code +README.md):\n%s", diff)
	}
	if diff := cmp.Diff(parameter.Refused(), refused); diff != "" {
		t.Errorf("what is refused (-code +README.md):\n%s", diff)
	}
}

func TestReadme_ExamplesDoWhatItSays(t *testing.T) {
	t.Parallel()
	for _, line := range documentation(t) {
		t.Run(line.name, func(t *testing.T) {
			t.Parallel()
			got, err := translate(t, line.example)
			if line.likeness == "refused" {
				said, ok := errors.AsType[*parameter.Error](err)
				if !ok || len(said.Unsupported) != 1 || said.Unsupported[0].Why != line.difference {
					t.Errorf("%s: got %v, want it refused because %s", line.example, err, line.difference)
				}
				return
			}
			if err != nil {
				t.Fatalf("%s: %v", line.example, err)
			}
			if !strings.Contains(line.example, line.name+"=") {
				t.Errorf("the example %s has nothing of %s", line.example, line.name)
			}
			if want := got.Recipe.Pictures(); len(want) != len(got.Pictures) {
				t.Errorf("%s: the recipe names %v and the translation has %v", line.example, want, got.Pictures)
			}
		})
	}
}
