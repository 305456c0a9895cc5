package native

import (
	"encoding/json"
	"fmt"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// recipe reads the tree of steps: here its shape and types, in [recipe.Recipe.Validate] what operations and saves
// mean. Values are judged only once every type is right, so that no field is reported twice.
func (p *parser) recipe(root *object) recipe.Recipe {
	o, ok := root.object("recipe")
	if o == nil {
		root.fail("recipe", "an object with the list of steps")
		return recipe.Recipe{}
	}
	if !ok {
		return recipe.Recipe{}
	}
	const want = "a list of steps, which may be empty"
	before := len(p.errs)
	if _, given := o.fields["steps"]; !given {
		o.fail("steps", want)
	}
	r := recipe.Recipe{Steps: p.steps(o, want, 1)}
	o.close()
	if len(p.errs) == before && len(r.Steps) > 0 {
		p.values(r)
	}
	return r
}

func (p *parser) values(r recipe.Recipe) {
	for _, e := range recipe.Problems(r.Validate()) {
		var value json.RawMessage
		if e.Value != nil {
			var err error
			if value, err = encode(e.Value); err != nil {
				value = fmt.Append(nil, e.Value)
			}
		}
		p.fail(e.Path, value, e.Want)
	}
}

func (p *parser) steps(parent *object, want string, depth int) []recipe.Step {
	items := parent.list("steps", want)
	// Reading costs depth times size, so the limit is kept while reading.
	if depth > recipe.MaxDepth && len(items) > 0 {
		p.fail(parent.name("steps"), nil, fmt.Sprintf("steps nested at most %d deep", recipe.MaxDepth))
		return nil
	}
	var steps []recipe.Step
	for i, item := range items {
		steps = append(steps, p.step(index(parent.name("steps"), i), item, depth))
	}
	return steps
}

func (p *parser) step(path string, raw json.RawMessage, depth int) recipe.Step {
	o, ok := p.open(path, raw)
	if !ok {
		return recipe.Step{}
	}
	defer o.close()
	var step recipe.Step
	step.Op, _ = o.text("op", "the name of an operation")
	if params, ok := o.take("params"); ok {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(params, &fields); err != nil || fields == nil {
			o.fail("params", "a JSON object")
		}
		step.Params = params
	}
	step.Save = p.save(o)
	step.Steps = p.steps(o, "a list of steps", depth+1)
	return step
}

func (p *parser) save(step *object) *recipe.Save {
	o, ok := step.object("save")
	if !ok {
		return nil
	}
	defer o.close()
	var save recipe.Save
	save.ID, _ = o.text("id", "a name for the output")
	save.Format, _ = o.text("format", "the name of a format")
	if raw, ok := o.take("quality"); ok {
		if err := json.Unmarshal(raw, &save.Quality); err != nil || save.Quality == nil {
			o.fail("quality", "a whole number from 1 to 100")
		}
	}
	return &save
}
