package main

import (
	"bytes"
	"encoding/json"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// schema is the JSON Schema of an object with the parameters.
func (d description) schema(said map[string]string) object {
	properties := object{}
	for _, p := range d.params {
		of := append(object{}, p.schema...)
		properties = append(properties, member{p.name, of.with("description", unmarked(p.text(said)))})
	}
	made := object{{"type", "object"}}.with("required", d.required())
	made = append(made, member{"properties", properties}, member{"additionalProperties", false})
	return made.with("allOf", d.clauses())
}

// clauses are the rules between parameters.
func (d description) clauses() []any {
	var all []any
	has := func(names ...string) object { return object{{"required", names}} }
	for _, names := range d.needed {
		var either []any
		for _, name := range names {
			either = append(either, has(name))
		}
		if len(names) > 1 {
			all = append(all, object{{"anyOf", either}})
		}
	}
	for _, names := range d.excluded {
		all = append(all, object{{"not", has(names...)}})
	}
	for _, b := range d.barred {
		is := object{{b.param, object{{"enum", b.words}}}}
		all = append(all, object{{"not", object{{"required", []string{b.param, b.other}}, {"properties", is}}}})
	}
	for _, b := range d.bound {
		all = append(all, object{
			{"if", object{{"required", []string{b.param}}, {"properties", object{{b.param, object{{"const", b.word}}}}}}},
			{"then", object{{"required", []string{b.other}}, {"properties", object{{b.other, object{{"enum", b.words}}}}}}},
		})
	}
	return all
}

// schemaFile is schemas/native/operations.json.
func (r reference) schemaFile() []byte {
	defs := object{
		{"recipe", r.recipeSchema()},
		{"step", r.stepSchema(false)},
		{"layer", r.stepSchema(true)},
		{"save", append(r.saveSchema(), member{"description", "Makes an output of the step's picture."})},
		{"destination", destinationSchema},
		{"color", object{
			{"type", "string"},
			{"pattern", `^(#([0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})|[A-Za-z]+)$`},
			{"description", "A name or a hexadecimal form of CSS."},
		}},
		{"backdrop", append(refer("color"), member{"description", "A colour, or one of blur, mirror and copy, which are made of the picture."})},
	}
	for _, f := range r.families {
		for _, op := range f.operations {
			defs = append(defs, member{op.name, append(object{{"description", unmarked(op.text)}},
				append(op.schema(op.said), member{"examples", []any{op.example}})...)})
		}
	}
	file := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", "/schemas/native/operations.json"},
		{"title", "Recipe"},
		{"description", schemaText},
		{"$ref", "#/$defs/recipe"},
		{"properties", object{{"steps", object{{"minItems", 1}}}}},
		{"$defs", defs},
	}
	return indented(file)
}

// exampleFile is a recipe with every operation.
func (r reference) exampleFile() []byte {
	var steps []any
	for _, f := range r.families {
		for _, op := range f.operations {
			step := object{{"op", op.name}}
			if len(op.example) > 0 {
				step = append(step, member{"params", op.example})
			}
			steps = append(steps, append(step, member{"save", object{{"id", op.name}}}))
		}
	}
	return indented(object{{"steps", steps}})
}

func indented(value any) []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, encode(value), "", "  "); err != nil {
		panic(err) // what was just encoded is JSON
	}
	return append(out.Bytes(), '\n')
}

func (r reference) recipeSchema() object {
	made := r.recipe.schema(r.recipeSaid)
	for i, m := range made {
		if properties, ok := m.value.(object); ok && m.name == "properties" {
			made[i].value = append(properties, member{"steps", object{
				{"type", "array"}, {"maxItems", recipe.MaxSteps}, {"items", refer("step")},
			}})
		}
	}
	return append(object{{"type", "object"}, {"required", []string{"steps"}}}, made[1:]...)
}

// destinationSchema is an object at one of the application's destinations. The engine knows nothing of those: they are read
// by the native API, beside what a save says.
var destinationSchema = object{
	{"type", "object"},
	{"required", []string{"name", "key"}},
	{"properties", object{
		{"name", object{
			{"type", "string"}, {"pattern", "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"}, {"description", "One of the application's destinations."},
		}},
		{"key", object{
			{"type", "string"},
			{"minLength", 1},
			{"maxLength", 1024},
			{"pattern", `^[^\x00-\x1f\x7f]*$`},
			{"description", "The output's name there, behind the destination's prefix."},
		}},
	}},
	{"additionalProperties", false},
	{"description", "Where an output goes, in place of the installation's own store."},
}

// saveSchema is a save with where its output goes.
func (r reference) saveSchema() object {
	made := r.save.schema(r.saveSaid)
	for i, m := range made {
		if properties, ok := m.value.(object); ok && m.name == "properties" {
			made[i].value = append(properties, member{"destinations", object{
				{"type", "array"},
				{"minItems", 1},
				{"maxItems", 16},
				{"items", refer("destination")},
				{"description", "All places that the output is put at, side by side; each is reported in the result."},
			}})
		}
	}
	return made
}

// stepSchema is a step, or one that is applied to a further picture.
func (r reference) stepSchema(layer bool) object {
	var names []string
	var cases []any
	for _, f := range r.families {
		for _, op := range f.operations {
			if layer && !op.layer {
				continue
			}
			names = append(names, op.name)
			then := object{{"properties", object{{"params", refer(op.name)}}}}
			if len(op.needed) > 0 {
				then = then.with("required", []string{"params"})
			}
			is := object{{"required", []string{"op"}}, {"properties", object{{"op", object{{"const", op.name}}}}}}
			cases = append(cases, object{{"if", is}, {"then", then}})
		}
	}
	properties := object{{"op", object{{"enum", names}}}, {"params", object{{"type", "object"}}}}
	text := "Applies one operation to a further picture. It neither saves nor branches."
	if !layer {
		text = "Applies one operation; without op it passes the picture on. Its children take its output."
		properties = append(properties, member{"save", refer("save")},
			member{"steps", object{{"type", "array"}, {"items", refer("step")}}})
	}
	return object{
		{"type", "object"},
		{"description", text},
		{"properties", properties},
		{"additionalProperties", false},
		{"dependentRequired", object{{"params", []string{"op"}}}},
		{"allOf", cases},
	}
}
