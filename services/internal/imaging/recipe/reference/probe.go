package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// finding is what the code says against a parameter.
type finding struct {
	// param is the parameter, without what lies within it.
	param string
	value any
	want  string
}

// subject is a thing with parameters, which is asked what it takes by trying: an operation, a region within one, a save
// or the recipe itself. So the reference says what the code does and not what somebody thought of it.
type subject struct {
	name   string
	fields []field
	// example are parameters that go together.
	example map[string]any
	// wrap puts parameters into a recipe, and says at which path.
	wrap func(params map[string]any) (document any, path string)
}

// field is a parameter.
type field struct {
	name string // in JSON
	kind reflect.Type
}

// fieldsOf lists a struct's fields, those of embedded structs among them.
func fieldsOf(t reflect.Type) []field {
	var list []field
	for f := range t.Fields() {
		if f.Anonymous {
			list = append(list, fieldsOf(f.Type)...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		kind := f.Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		list = append(list, field{name, kind})
	}
	return list
}

// operation is the subject of an operation.
func operation(e entry) (subject, error) {
	make, known := recipe.Operations[e.op]
	if !known {
		return subject{}, fmt.Errorf("the catalogue has %q, which is no operation", e.op)
	}
	s := subject{name: e.op, fields: fieldsOf(reflect.TypeOf(make()).Elem())}
	s.wrap = func(params map[string]any) (any, string) {
		step := object{{"op", e.op}, {"params", params}, {"save", object{{"id", "a"}}}}
		return object{{"steps", []any{step}}}, "recipe.steps[0].params."
	}
	if err := json.Unmarshal([]byte(e.params), &s.example); err != nil {
		return s, fmt.Errorf("read the example of %s: %w", e.op, err)
	}
	if found := s.try(s.example); len(found) > 0 {
		return s, fmt.Errorf("the example of %s is wrong: %v", e.op, found)
	}
	return s, nil
}

// within is the subject of an object that is a parameter.
func (s subject) within(f field) subject {
	inner := subject{name: s.name + "." + f.name, fields: fieldsOf(f.kind), example: map[string]any{}}
	inner.wrap = func(params map[string]any) (any, string) {
		document, path := s.wrap(map[string]any{f.name: params})
		return document, path + f.name + "."
	}
	return inner
}

// saving is the subject of a save, and reading that of the recipe's own fields.
func saving() subject {
	s := subject{name: "save", fields: fieldsOf(reflect.TypeFor[recipe.Save]()), example: map[string]any{}}
	s.wrap = func(params map[string]any) (any, string) {
		return object{{"steps", []any{object{{"save", params}}}}}, "recipe.steps[0].save."
	}
	return s
}

func reading() subject {
	s := subject{name: "recipe", example: map[string]any{}}
	for _, f := range fieldsOf(reflect.TypeFor[recipe.Recipe]()) {
		if f.name != "steps" {
			s.fields = append(s.fields, f)
		}
	}
	s.wrap = func(params map[string]any) (any, string) {
		document := object{{"steps", []any{object{{"save", object{{"id", "a"}}}}}}}
		for name, value := range params {
			document = append(document, member{name, value})
		}
		return document, "recipe."
	}
	return s
}

// try lists what the code has against the parameters.
func (s subject) try(params map[string]any) []finding {
	if params == nil {
		params = map[string]any{}
	}
	document, path := s.wrap(params)
	var r recipe.Recipe
	if err := json.Unmarshal(encode(document), &r); err != nil {
		return []finding{{param: "", want: err.Error()}}
	}
	var found []finding
	for _, problem := range recipe.Problems(r.Validate()) {
		inner, ok := strings.CutPrefix(problem.Path, path)
		if !ok {
			continue
		}
		if end := strings.IndexAny(inner, ".["); end >= 0 {
			inner = inner[:end]
		}
		found = append(found, finding{inner, problem.Value, problem.Want})
	}
	return found
}

// against is what the code has against a value of the parameter, or empty. Other parameters are there only if the
// example needs them beside this one.
func (s subject) against(param string, value any) string {
	params := map[string]any{param: value}
	if _, shown := s.example[param]; shown {
		for name, other := range s.example {
			if name != param {
				params[name] = other
			}
		}
	}
	for _, f := range s.try(params) {
		if f.param == param || f.param == "" {
			return f.want
		}
	}
	return ""
}
