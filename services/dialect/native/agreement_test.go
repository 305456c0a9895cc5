package native_test

import (
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ringback/ringback/schemas"
	"github.com/ringback/ringback/services/dialect/native"
)

// TestParse_AgreesWithItsSchemaOnEveryParameter gives every parameter of every operation, of a save and of a recipe
// values of every kind, alone, beside the example's and in chance company. Whatever the schema takes has to be taken, and
// what it refuses refused, except where one of the two says that it knows less.
func TestParse_AgreesWithItsSchemaOnEveryParameter(t *testing.T) {
	t.Parallel()
	job := compile(t, "native/job.json")
	for name, place := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, 2)) // the same chances every time
			taken := map[string][]any{}
			for param, values := range place.values {
				for _, value := range values {
					agree(t, job, place, map[string]any{param: value})
					if agree(t, job, place, with(place.example, param, value)) {
						taken[param] = append(taken[param], value)
					}
				}
				agree(t, job, place, without(place.example, param))
			}
			params := slices.Sorted(maps.Keys(taken))
			for range 100 {
				company := maps.Clone(place.example)
				for range min(len(params), 4) {
					param := params[random.IntN(len(params))]
					company[param] = taken[param][random.IntN(len(taken[param]))]
				}
				agree(t, job, place, company)
			}
		})
	}
}

// place is an object of a job with its parameters.
type place struct {
	example map[string]any
	values  map[string][]any
	wrap    func(params map[string]any) map[string]any
}

// places are all operations, a save and a recipe.
func places(t *testing.T) map[string]place {
	t.Helper()
	raw, err := schemas.Lookup("native/operations.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Defs map[string]struct {
			Properties map[string]any
			Examples   []map[string]any
		} `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	all := map[string]place{}
	for name, def := range file.Defs {
		made := place{values: map[string][]any{"unknown": {1}}}
		switch {
		case len(def.Examples) > 0:
			made.example = def.Examples[0]
			made.wrap = func(params map[string]any) map[string]any {
				return map[string]any{"steps": []any{map[string]any{"op": name, "params": params, "save": map[string]any{"id": "a"}}}}
			}
		case name == "save":
			made.example = map[string]any{"id": "a"}
			made.wrap = func(params map[string]any) map[string]any {
				return map[string]any{"steps": []any{map[string]any{"save": params}}}
			}
		case name == "recipe":
			made.example = map[string]any{"steps": []any{map[string]any{"save": map[string]any{"id": "a"}}}}
			made.wrap = func(params map[string]any) map[string]any { return params }
		default:
			continue
		}
		for param, schema := range def.Properties {
			made.values[param] = candidates(schema)
		}
		all[name] = made
	}
	if len(all) < 60 {
		t.Fatalf("got %d places: the schema has changed its shape", len(all))
	}
	return all
}

// candidates are values of every kind, and those at the ends of every range and the words of every list in the schema.
func candidates(schema any) []any {
	values := []any{
		-1e9, -1.5, -1, 0, 0.5, 1, 1.5, 2, 3, 100, 1000, 1e9, true, false, nil, "", "?", "red", "#fff", "#12345", "50%", "-50%", "5.%", "1e1%",
		"16:9", "16/9", "max", "all", "1,3-5", "0", " a", "-a", "ä ٣",
		[]any{},
		[]any{1},
		[]any{1, 2, 3, 4},
		[]any{"red"},
		[]any{nil},
		[]any{""},
		map[string]any{},
		map[string]any{"width": 1, "height": 1},
		map[string]any{"width": 1, "height": 1, "z": 1},
		[]any{map[string]any{"op": "blur"}},
		[]any{map[string]any{"op": "blur", "save": map[string]any{"id": "b"}}},
		[]any{map[string]any{"op": "blur", "params": map[string]any{"sigma": 0}}},
		[]any{map[string]any{"op": "overlay", "params": map[string]any{"picture": "a"}}},
		[]any{map[string]any{"parms": 1}},
		strings.Repeat("a", 256), strings.Repeat("a", 257), strings.Repeat("a", 2001), slices.Repeat([]any{"red"}, 17),
		slices.Repeat([]any{map[string]any{}}, 17),
	}
	var walk func(any)
	walk = func(of any) {
		switch of := of.(type) {
		case map[string]any:
			for key, value := range of {
				if end, ok := value.(float64); ok && (key == "minimum" || key == "maximum") {
					values = append(values, end, end-1, end+1, end-1e-6, end+1e-6)
				}
				walk(value)
			}
		case []any:
			for _, value := range of {
				values = append(values, value)
				walk(value)
			}
		}
	}
	walk(schema)
	return values
}

// stated is what the schema says that it cannot say.
var stated = regexp.MustCompile(`a colour|or a share|^a ratio|below white|as many ascending|pages from 1|` +
	`a save on at least one step|because the recipe names this picture`)

// agree tells whether the job is taken, and fails when schema and code are not of one mind.
func agree(t *testing.T, schema *jsonschema.Schema, at place, params map[string]any) bool {
	t.Helper()
	body := at.job(t, params)
	_, err := native.Parse(body, false)
	refused := schema.Validate(parse(t, body))
	var problem *native.Problem
	switch {
	case err == nil && refused != nil:
		for _, fewer := range []map[string]any{present(params, ""), present(params, "", 0, 0.0)} {
			if schema.Validate(parse(t, at.job(t, fewer))) == nil {
				return true
			}
		}
		t.Errorf("taken, and not by the schema: %s\n%v", body, refused)
	case err != nil && refused == nil:
		known := errors.As(err, &problem)
		for _, e := range problem.Errors {
			known = known && stated.MatchString(e.Want)
		}
		if !known {
			t.Errorf("refused, and not by the schema: %s\n%v", body, err)
		}
	}
	return err == nil
}

// present are the parameters without those that stand for absent ones.
func present(params map[string]any, absent ...any) map[string]any {
	rest := maps.Clone(params)
	maps.DeleteFunc(rest, func(_ string, value any) bool {
		return slices.ContainsFunc(absent, func(nothing any) bool { return reflect.DeepEqual(value, nothing) })
	})
	return rest
}

// job makes a job, with all pictures that it names.
func (at place) job(t *testing.T, params map[string]any) []byte {
	t.Helper()
	source := map[string]any{"url": "http://x/y"}
	pictures := map[string]any{}
	named, _ := params["pictures"].([]any)
	for _, name := range append(slices.Clone(named), params["picture"]) {
		if text, ok := name.(string); ok {
			pictures[text] = source
		}
	}
	return marshal(t, map[string]any{"source": source, "pictures": pictures, "recipe": at.wrap(params)})
}

func with(params map[string]any, name string, value any) map[string]any {
	more := maps.Clone(params)
	more[name] = value
	return more
}

func without(params map[string]any, name string) map[string]any {
	fewer := maps.Clone(params)
	delete(fewer, name)
	return fewer
}
