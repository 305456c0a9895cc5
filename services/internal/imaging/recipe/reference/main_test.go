package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// root is the folder of the repository.
const root = "../../../../.."

// TestReference_IsUpToDate fails when an operation, a parameter, a range or a comment has changed, or an operation was
// added: then both files have to be written anew. Examples are tried on the way.
func TestReference_IsUpToDate(t *testing.T) {
	t.Parallel()
	made, err := build(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range made.files() {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(got), string(want)); diff != "" {
			t.Errorf("%s is old; `go tool task generate` rewrites it (-file +code):\n%s", name, diff)
		}
	}
}

// TestReference_ShowsWhatIsTaken tries every example that people are shown, also those that are written by hand.
func TestReference_ShowsWhatIsTaken(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "services/docs/OPERATIONS.md"))
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllSubmatch(page, -1)
	if len(shown) <= len(recipe.Operations) {
		t.Errorf("got %d examples, want one for each operation and one for a recipe", len(shown))
	}
	for _, example := range shown {
		var step recipe.Step
		if err := json.Unmarshal(example[1], &step); err != nil {
			t.Fatalf("%s: %v", example[1], err)
		}
		r := recipe.Recipe{Steps: []recipe.Step{step}}
		if step.Op != "" {
			r.Steps[0].Save = &recipe.Save{ID: "a"}
		}
		if err := r.Validate(); err != nil {
			t.Errorf("%s: %v", example[1], err)
		}
	}
}

// TestReference_SaysSomethingOfEverything finds what nobody has commented on.
func TestReference_SaysSomethingOfEverything(t *testing.T) {
	t.Parallel()
	made, err := build(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]map[string]string{"save": made.saveSaid, "recipe": made.recipeSaid}
	params := map[string][]param{"save": made.save.params, "recipe": made.recipe.params}
	for _, f := range made.families {
		for _, op := range f.operations {
			if op.text == "" {
				t.Errorf("%s has no comment", op.name)
			}
			said[op.name], params[op.name] = op.said, op.params
		}
	}
	for name, list := range params {
		for _, p := range list {
			if said[name][p.name] == "" {
				t.Errorf("%s.%s has no comment", name, p.name)
			}
		}
	}
	if got, want := len(params), len(recipe.Operations)+2; got != want {
		t.Errorf("got %d things with parameters, want %d", got, want)
	}
}

// TestDescription_FindsTheRules holds what is found by trying against rules that are known.
func TestDescription_FindsTheRules(t *testing.T) {
	t.Parallel()
	s, err := operation(entry{"fill", `{"width": 1, "height": 1}`})
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.describe()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"width", "aspect_ratio"}, {"height", "aspect_ratio"}}, d.needed); diff != "" {
		t.Errorf("needed (-want +got):\n%s", diff)
	}
	excluded := [][]string{
		{"gravity", "focus_x"},
		{"gravity", "focus_y"},
		{"x", "focus_x"},
		{"x", "focus_y"},
		{"y", "focus_x"},
		{"y", "focus_y"},
		{"width", "height", "aspect_ratio"},
	}
	if diff := cmp.Diff(excluded, d.excluded); diff != "" {
		t.Errorf("excluded (-want +got):\n%s", diff)
	}
	smart := []string{"attention", "entropy", "faces"}
	barred := []barrier{{"gravity", smart, "x"}, {"gravity", smart, "y"}}
	if diff := cmp.Diff(barred, d.barred, cmp.AllowUnexported(barrier{})); diff != "" {
		t.Errorf("barred (-want +got):\n%s", diff)
	}
	if d, err = saving().describe(); err != nil {
		t.Fatal(err)
	}
	bound := []bond{{"profile", "cmyk", "format", []string{"jpeg", "tiff"}}}
	if diff := cmp.Diff(bound, d.bound, cmp.AllowUnexported(bond{})); diff != "" {
		t.Errorf("bound (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"id"}, d.required()); diff != "" {
		t.Errorf("required (-want +got):\n%s", diff)
	}
}
