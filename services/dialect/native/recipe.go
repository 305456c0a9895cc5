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
	var r recipe.Recipe
	o.value("pages", `"all", or pages from 1 and ranges, such as "1,3-5"`, &r.Pages)
	o.value("density", "a whole number of dots an inch", &r.Density)
	o.value("as_stored", "true or false", &r.AsStored)
	o.value("inspect", "a list of what to find out", &r.Inspect)
	r.Steps = p.steps(o, want, 1)
	o.close()
	asks := len(r.Steps) > 0 || r.Pages != "" || r.Density != 0 || r.AsStored || len(r.Inspect) > 0
	if len(p.errs) == before && asks {
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
	o.value("id", "a name for the output", &save.ID)
	o.value("format", "the name of a format", &save.Format)
	o.value("quality", "a whole number from 1 to 100", &save.Quality)
	o.value("auto_quality", "best, good, eco or low", &save.AutoQuality)
	o.value("max_bytes", "a whole number of bytes", &save.MaxBytes)
	o.value("lossless", "true or false", &save.Lossless)
	o.value("progressive", "true or false", &save.Progressive)
	o.value("chroma", `"420" or "444"`, &save.Chroma)
	o.value("colors", "a whole number from 2 to 256", &save.Colors)
	o.value("metadata", "none or keep", &save.Metadata)
	o.value("profile", "the name of a colour profile", &save.Profile)
	o.value("background", "a colour, such as #rrggbb", &save.Background)
	o.value("tags", "an object of texts", &save.Tags)
	o.value("check_blank", "true or false", &save.CheckBlank)
	p.destinations = append(p.destinations, p.places(o))
	return &save
}
