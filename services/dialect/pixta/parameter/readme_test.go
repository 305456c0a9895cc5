package parameter_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/dialect/dialecttest"
	"github.com/ringback/ringback/services/dialect/pixta/parameter"
)

// documentation are the lines of the tables in README.md.
func documentation(tb testing.TB) []dialecttest.Line {
	tb.Helper()
	return dialecttest.Lines(tb, "../README.md")
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
	dialecttest.Complete(t, documentation(t), parameter.Translated(), parameter.Refused())
}

func TestReadme_ExamplesDoWhatItSays(t *testing.T) {
	t.Parallel()
	for _, line := range documentation(t) {
		t.Run(line.Name, func(t *testing.T) {
			t.Parallel()
			got, err := translate(t, line.Example)
			if line.Refused() {
				said, ok := errors.AsType[*parameter.Error](err)
				if !ok || len(said.Unsupported) != 1 || said.Unsupported[0].Why != line.Difference {
					t.Errorf("%s: got %v, want it refused because %s", line.Example, err, line.Difference)
				}
				return
			}
			if err != nil {
				t.Fatalf("%s: %v", line.Example, err)
			}
			if !strings.Contains(line.Example, line.Name+"=") {
				t.Errorf("the example %s has nothing of %s", line.Example, line.Name)
			}
			if want := got.Recipe.Pictures(); len(want) != len(got.Pictures) {
				t.Errorf("%s: the recipe names %v and the translation has %v", line.Example, want, got.Pictures)
			}
		})
	}
}
