package native

import (
	"encoding/json"

	"github.com/ringback/ringback/services/internal/imaging"
)

const (
	// maxDepth bounds how deep steps may be nested: reading costs depth times size.
	maxDepth = 32
	// maxOutputID bounds the name of an output, in bytes.
	maxOutputID = 256
)

// formats are the values of save.format.
var formats = map[string]bool{"jpeg": true, "png": true, "webp": true, "avif": true, "gif": true}

func (p *parser) recipe(root *object) imaging.Recipe {
	o, ok := root.object("recipe")
	if o == nil {
		root.fail("recipe", "an object with the list of steps")
		return imaging.Recipe{}
	}
	if !ok {
		return imaging.Recipe{}
	}
	defer o.close()
	const want = "a list of steps, which may be empty"
	if _, given := o.fields["steps"]; !given {
		o.fail("steps", want)
	}
	r := reader{p: p, ids: map[string]bool{}}
	return imaging.Recipe{Steps: r.steps(o, want, 1)}
}

// reader reads the steps of one recipe. ids are the outputs so far: results name outputs by their ids.
type reader struct {
	p   *parser
	ids map[string]bool
}

func (r reader) steps(parent *object, want string, depth int) []imaging.Step {
	items := parent.list("steps", want)
	if depth > maxDepth && len(items) > 0 {
		parent.p.fail(parent.name("steps"), nil, "steps nested at most 32 deep")
		return nil
	}
	var steps []imaging.Step
	for i, item := range items {
		steps = append(steps, r.step(index(parent.name("steps"), i), item, depth))
	}
	return steps
}

func (r reader) step(path string, raw json.RawMessage, depth int) imaging.Step {
	o, ok := r.p.open(path, raw)
	if !ok {
		return imaging.Step{}
	}
	defer o.close()
	var step imaging.Step
	step.Op, _ = o.text("op", "the name of an operation")
	if params, ok := o.take("params"); ok {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(params, &fields); err != nil || fields == nil {
			o.fail("params", "a JSON object")
		}
		step.Params = params
	}
	step.Save = r.save(o)
	step.Steps = r.steps(o, "a list of steps", depth+1)
	return step
}

func (r reader) save(step *object) *imaging.Save {
	o, ok := step.object("save")
	if !ok {
		return nil
	}
	defer o.close()
	const wantID = "a string of 1 to 256 bytes that no other output has"
	id, ok := o.text("id", wantID)
	if ok || o.fields["id"] == nil {
		if id == "" || len(id) > maxOutputID || r.ids[id] {
			o.fail("id", wantID)
		}
	}
	r.ids[id] = true
	const wantFormat = `"jpeg", "png", "webp", "avif" or "gif"`
	format, ok := o.text("format", wantFormat)
	if ok && !formats[format] {
		o.fail("format", wantFormat)
	}
	return &imaging.Save{ID: id, Format: format, Quality: quality(o)}
}

func quality(save *object) *int {
	raw, ok := save.take("quality")
	if !ok {
		return nil
	}
	var q *int
	if err := json.Unmarshal(raw, &q); err != nil || q == nil || *q < 1 || *q > 100 {
		save.fail("quality", "a whole number from 1 to 100")
		return nil
	}
	return q
}
