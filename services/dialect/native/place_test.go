package native_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/native"
)

func TestParse_Places(t *testing.T) {
	t.Parallel()
	got, err := native.Parse([]byte(`{"source":{"source":"62ec7b0041e66d000146c60a","key":"a/b c.jpg"},
		"pictures":{"logo":{"source":"photos","key":"logo.png"}},
		"recipe":{"steps":[
			{"op":"overlay","params":{"picture":"logo"},"save":{"id":"a","destinations":[{"name":"one","key":"1.jpg"},{"name":"two","key":"2.jpg"}]},
			 "steps":[{"op":"grayscale","save":{"id":"b"}}]},
			{"op":"negate","save":{"id":"c","destinations":[{"name":"one","key":"3.jpg"}]}}]}}`), false)
	if err != nil {
		t.Fatal(err)
	}
	if want := (native.Place{Name: "62ec7b0041e66d000146c60a", Key: "a/b c.jpg"}); got.Source.Place != want {
		t.Errorf("source %+v", got.Source)
	}
	if want := (native.Place{Name: "photos", Key: "logo.png"}); got.Pictures["logo"].Place != want {
		t.Errorf("picture %+v", got.Pictures["logo"])
	}
	want := [][]native.Place{{{Name: "one", Key: "1.jpg"}, {Name: "two", Key: "2.jpg"}}, nil, {{Name: "one", Key: "3.jpg"}}}
	if diff := cmp.Diff(want, got.Destinations); diff != "" {
		t.Errorf("destinations, in the order of the outputs (-want +got):\n%s", diff)
	}
}

func TestParse_PlacesRefused(t *testing.T) {
	t.Parallel()
	many := strings.TrimSuffix(strings.Repeat(`{"name":"a","key":"b"},`, 17), ",")
	for name, row := range map[string]struct{ source, destinations, field string }{
		"NoKey":      {`{"source":"photos"}`, ``, "source.key"},
		"NoSource":   {`{"key":"a.jpg"}`, ``, "source.source"},
		"BesideURL":  {`{"source":"photos","key":"a.jpg","url":"https://example.com/a.jpg"}`, ``, "source"},
		"BadName":    {`{"source":"../x","key":"a.jpg"}`, ``, "source.source"},
		"ControlKey": {`{"source":"photos","key":"a\u0000"}`, ``, "source.key"},
		"LongKey":    {`{"source":"photos","key":"` + strings.Repeat("k", 1025) + `"}`, ``, "source.key"},
		"Texts":      {``, `["archive"]`, "recipe.steps[0].save.destinations[0]"},
		"Empty":      {``, `[]`, "recipe.steps[0].save.destinations"},
		"TooMany":    {``, `[` + many + `]`, "recipe.steps[0].save.destinations"},
		"Nothing":    {``, `[{}]`, "recipe.steps[0].save.destinations[0]"},
		"Unknown":    {``, `[{"name":"a","key":"b","acl":"public"}]`, "recipe.steps[0].save.destinations[0].acl"},
		"NoList":     {``, `{"name":"a"}`, "recipe.steps[0].save.destinations"},
	} {
		if row.source == "" {
			row.source = `{"url":"https://example.com/a.jpg"}`
		}
		save := `{"id":"a"`
		if row.destinations != "" {
			save += `,"destinations":` + row.destinations
		}
		_, err := native.Parse([]byte(`{"source":`+row.source+`,"recipe":{"steps":[{"op":"negate","save":`+save+`}}]}}`), false)
		p, ok := errors.AsType[*native.Problem](err)
		if !ok || len(p.Errors) == 0 || p.Errors[0].Field != row.field {
			t.Errorf("%s: got %v, want an error at %s", name, err, row.field)
		}
	}
}
