package blitline_test

import (
	"cmp"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/blitline"
)

// documented is a line of the tables in README.md.
type documented struct{ name, likeness, difference, example string }

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

// tableLine is the name of a function, how near it comes, what differs, and parameters.
var tableLine = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([a-z]+) \\| (.*?) ?\\| (?:`([^|]*)` )?\\|$")

// documentedLines are the lines of all tables by their headings.
func documentedLines(t *testing.T) map[string][]documented {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]documented{}
	for section := range strings.SplitSeq(string(text), "\n## ") {
		heading, body, _ := strings.Cut(section, "\n")
		for _, m := range tableLine.FindAllStringSubmatch(body, -1) {
			line := documented{name: m[1], likeness: m[2], difference: m[3], example: cmp.Or(m[4], "{}")}
			if !slices.Contains([]string{"exact", "close", "refused"}, line.likeness) {
				t.Errorf("%s is %q: expected exact, close or refused", line.name, line.likeness)
			}
			if line.likeness != "exact" && line.difference == "" {
				t.Errorf("%s is %s, and nothing says how", line.name, line.likeness)
			}
			all[heading] = append(all[heading], line)
		}
	}
	return all
}

func documentedFunctions(t *testing.T) []documented {
	t.Helper()
	var all []documented
	for heading, lines := range documentedLines(t) {
		if fields[heading] == nil {
			all = append(all, lines...)
		}
	}
	return all
}

// TestReadme_FieldsDoWhatItSays accepts a job with each field that is not of a function, or fails it for the reason that
// is told.
func TestReadme_FieldsDoWhatItSays(t *testing.T) {
	t.Parallel()
	all := documentedLines(t)
	for heading, job := range fields {
		if len(all[heading]) == 0 {
			t.Errorf("no table of %s", heading)
		}
		for _, line := range all[heading] {
			got := parseOne(t, job(line.name, line.example))
			switch refused := line.likeness == "refused"; {
			case got.Error != "":
				t.Errorf("%s: not accepted: %s", line.name, got.Error)
			case refused && (got.Refusal == nil || !strings.Contains(got.Refusal.Message, line.difference)):
				t.Errorf("%s: refusal %+v, want %q", line.name, got.Refusal, line.difference)
			case !refused && got.Refusal != nil:
				t.Errorf("%s: refused: %+v", line.name, got.Refusal)
			}
		}
	}
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
		}
	}
	slices.Sort(translated)
	slices.Sort(refused)
	if diff := gocmp.Diff(blitline.Translated, translated); diff != "" {
		t.Errorf("functions that are translated (-code +README.md):\n%s", diff)
	}
	if diff := gocmp.Diff(blitline.Refused, refused); diff != "" {
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
