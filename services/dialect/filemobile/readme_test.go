package filemobile_test

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/filemobile"
)

// tableRow is a row of one of the README's tables: a name, its likeness, and what differs.
var tableRow = regexp.MustCompile("(?m)^\\| `([A-Za-z_.]+)` \\| (exact|close|refused) \\| ?([^|]*?) ?\\|$")

func readme(t *testing.T) (calls, elements [][]string) {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range tableRow.FindAllStringSubmatch(string(text), -1) {
		if strings.HasPrefix(row[1], "media.") {
			calls = append(calls, row)
		} else {
			elements = append(elements, row)
		}
		if row[2] != "exact" && strings.TrimSpace(row[3]) == "" {
			t.Errorf("%s is %s, and nothing says how", row[1], row[2])
		}
	}
	return calls, elements
}

func TestReadme_HasEveryCall(t *testing.T) {
	t.Parallel()
	calls, _ := readme(t)
	var known []filemobile.Method
	for _, row := range calls {
		method, err := filemobile.ParseMethod(strings.ToLower(row[1]))
		if (err != nil) != (row[2] == "refused") {
			t.Errorf("%s is %s, but got %v", row[1], row[2], err)
		}
		if err == nil {
			known = append(known, method)
		}
		for _, alias := range regexp.MustCompile("by the name `([a-zA-Z.]+)`").FindAllStringSubmatch(row[3], -1) {
			if other, err := filemobile.ParseMethod(alias[1]); err != nil || other != method {
				t.Errorf("%s is %s, %v, want %s", alias[1], other, err, method)
			}
		}
	}
	slices.Sort(known)
	want := slices.Sorted(slices.Values(filemobile.Methods))
	if diff := cmp.Diff(want, known); diff != "" {
		t.Errorf("calls (-code +README.md):\n%s", diff)
	}
}

// TestReadme_HasEveryElement checks the order, and that what is as given can be given.
func TestReadme_HasEveryElement(t *testing.T) {
	t.Parallel()
	_, rows := readme(t)
	var names []string
	for _, row := range rows {
		names = append(names, row[1])
		if !strings.Contains(row[3], "as given") {
			continue
		}
		value := "1"
		params := url.Values{row[1]: {value}}
		if strings.HasPrefix(row[1], "geo_") {
			params = url.Values{"geo_latitude": {value}, "geo_longitude": {value}}
		}
		if row[1] == "date" {
			params.Set("date", "2009-01-31 22:11:18")
		}
		if patch, err := filemobile.Describe(filemobile.Call{Params: params}); err != nil || string(patch) == "{}" {
			t.Errorf("%s cannot be given: %s, %v", row[1], patch, err)
		}
	}
	if diff := cmp.Diff(schema(t).Names(), names); diff != "" {
		t.Errorf("elements (-schema +README.md):\n%s", diff)
	}
}
