package blitline_test

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/dialect/dialecttest"
)

// fields are the headings of the tables that are not of functions, and a job in which one of their lines is.
var fields = map[string]func(name, example string) string{
	"Sources": func(name, example string) string {
		fields := strings.TrimSuffix(strings.TrimPrefix(example, "{"), "}")
		return `{"application_id":"A","v":1.21,"src_type":` + strconv.Quote(name) + `,` + fields +
			`,"functions":[{"name":"no_op","save":{"image_identifier":"a"}}]}`
	},
	"What runs first": func(name, example string) string {
		return `{"application_id":"A","v":1.21,"src":"http://example.com/a.gif","pre_process":{` + strconv.Quote(name) + ":" + example + `},
			"functions":[{"name":"no_op","save":{"image_identifier":"a"}}]}`
	},
	"Saves": func(name, example string) string {
		save := `"image_identifier":"a",` + strconv.Quote(name) + ":" + example
		if name == "image_identifier" {
			save = strconv.Quote(name) + ":" + example
		}
		return `{"application_id":"A","v":1.21,"src":"http://example.com/a.jpg","functions":[{"name":"no_op","save":{` + save + `}}]}`
	},
}

// documentation are the lines of the tables in README.md.
func documentation(tb testing.TB) []dialecttest.Line {
	tb.Helper()
	return dialecttest.Lines(tb, "README.md")
}

func documentedFunctions(t *testing.T) []dialecttest.Line {
	t.Helper()
	return slices.DeleteFunc(documentation(t), func(line dialecttest.Line) bool { return fields[line.Section] != nil })
}

// TestReadme_FieldsDoWhatItSays accepts a job with each field that is not of a function, or fails it for the reason that
// is told.
func TestReadme_FieldsDoWhatItSays(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, line := range documentation(t) {
		job := fields[line.Section]
		if job == nil {
			continue
		}
		seen[line.Section] = true
		got := parseOne(t, job(line.Name, line.Example))
		switch {
		case got.Error != "":
			t.Errorf("%s: not accepted: %s", line.Name, got.Error)
		case line.Refused() && (got.Refusal == nil || !strings.Contains(got.Refusal.Message, line.Difference)):
			t.Errorf("%s: refusal %+v, want %q", line.Name, got.Refusal, line.Difference)
		case !line.Refused() && got.Refusal != nil:
			t.Errorf("%s: refused: %+v", line.Name, got.Refusal)
		}
	}
	if len(seen) != len(fields) {
		t.Errorf("there are tables of %v, want one of each of %d", seen, len(fields))
	}
}

// functionJob is a job of one function, saved as PNG.
func functionJob(name, params string) string {
	params = cmp.Or(params, "{}")
	return `{"application_id":"A","src":"http://example.com/a.jpg","functions":[{"name":"` + name + `","params":` + params +
		`,"save":{"image_identifier":"out","extension":".png"}}]}`
}

func TestReadme_TellsOfEveryFunction(t *testing.T) {
	t.Parallel()
	dialecttest.Complete(t, documentedFunctions(t), blitline.Translated, blitline.Refused)
}

func TestReadme_ExamplesDoWhatItSays(t *testing.T) {
	t.Parallel()
	for _, line := range documentedFunctions(t) {
		t.Run(line.Name, func(t *testing.T) {
			t.Parallel()
			got := parseOne(t, functionJob(line.Name, line.Example))
			if got.Error != "" {
				t.Fatalf("the job is not accepted: %s", got.Error)
			}
			if line.Refused() {
				want := "The function '" + line.Name + "' is not supported: " + line.Difference
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
			if want := strings.Count(line.Example, "example.com"); len(got.Recipe.Pictures()) != want || len(got.Pictures) != want {
				t.Errorf("the recipe names %d pictures and the job has %d, want %d", len(got.Recipe.Pictures()), len(got.Pictures), want)
			}
		})
	}
}
