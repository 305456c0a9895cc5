// Package dialecttest holds the README.md of a dialect against what the dialect does.
package dialecttest

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The ways in which what a dialect knows can be likened to the original.
const (
	exact   = "exact"
	near    = "close"
	refused = "refused"
)

// Line is one of the tables in README.md: something the format knows, how near its translation comes, what differs or why
// it is refused, and an example, which may be empty.
type Line struct {
	Section, Name, Likeness, Difference, Example string
}

// Refused tells that the format knows it and Ringback does not do it.
func (l Line) Refused() bool { return l.Likeness == refused }

// tableLine is a line with the four cells of [Line].
var tableLine = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([a-z]+) \\| (.*?) ?\\| (?:`([^|]*)` )?\\|$")

// Lines reads the tables of a README.md under all its headings. The test fails when there is none, or a line that is not
// exact does not say how.
func Lines(tb testing.TB, path string) []Line {
	tb.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	var all []Line
	for section := range strings.SplitSeq(string(text), "\n## ") {
		heading, body, _ := strings.Cut(section, "\n")
		for _, m := range tableLine.FindAllStringSubmatch(body, -1) {
			line := Line{Section: heading, Name: m[1], Likeness: m[2], Difference: m[3], Example: m[4]}
			if !slices.Contains([]string{exact, near, refused}, line.Likeness) {
				tb.Errorf("%s is %q: expected exact, close or refused", line.Name, line.Likeness)
			}
			if line.Likeness != exact && line.Difference == "" {
				tb.Errorf("%s is %s, and nothing says how", line.Name, line.Likeness)
			}
			all = append(all, line)
		}
	}
	if len(all) == 0 {
		tb.Fatalf("%s has no table", path)
	}
	return all
}

// Complete demands that the lines tell of everything that is translated and everything that is refused, and of nothing
// else; both in the order of their names.
func Complete(tb testing.TB, lines []Line, wantTranslated, wantRefused []string) {
	tb.Helper()
	var gotTranslated, gotRefused []string
	for _, line := range lines {
		if line.Refused() {
			gotRefused = append(gotRefused, line.Name)
		} else {
			gotTranslated = append(gotTranslated, line.Name)
		}
	}
	slices.Sort(gotTranslated)
	slices.Sort(gotRefused)
	if diff := cmp.Diff(wantTranslated, gotTranslated); diff != "" {
		tb.Errorf("what is translated (-code +README.md):\n%s", diff)
	}
	if diff := cmp.Diff(wantRefused, gotRefused); diff != "" {
		tb.Errorf("what is refused (-code +README.md):\n%s", diff)
	}
}
