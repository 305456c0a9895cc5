package recipe

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The limits of recipes.
const (
	// MaxDepth is how deep steps may be nested.
	MaxDepth = 32
	// MaxOutputs is how many outputs a recipe may have.
	MaxOutputs = 100
	// MaxSteps is how many steps a recipe may have.
	MaxSteps = 200
	// MaxIDLength is how many bytes the id of an output may have.
	MaxIDLength = 256
	// maxDensity is the finest drawing of a document, in dots an inch.
	maxDensity = 1200
)

// Problem is one thing that is wrong with a recipe, for the developer who wrote it.
type Problem struct {
	// Path is where, such as recipe.steps[0].params.width.
	Path string
	// Value is what was there; nil when something is missing.
	Value any
	// Want is what was expected, as a phrase: "a whole number of pixels, 1 to 16383".
	Want string
}

// Error says where, what was there and what was expected.
func (e *Problem) Error() string {
	if e.Value == nil {
		return fmt.Sprintf("%s is missing: expected %s", e.Path, e.Want)
	}
	text, err := json.Marshal(e.Value)
	if err != nil {
		text = fmt.Appendf(nil, "%v", e.Value)
	}
	if len(text) > 80 {
		text = append([]byte(strings.ToValidUTF8(string(text[:80]), "")), "…"...)
	}
	return fmt.Sprintf("%s is %s: expected %s", e.Path, text, e.Want)
}

// Validate returns nil for a recipe that a renderer can follow. Otherwise it returns every [Problem] in the order of
// the recipe, joined when there are several; [Problems] takes them apart.
func (r Recipe) Validate() error {
	v := validation{ids: map[string]string{}}
	if len(r.Steps) == 0 {
		v.report("recipe.steps", nil, "at least one step")
	}
	v.walk(r.Steps, "recipe.steps", 1)
	v.steps += v.laid
	if v.steps > MaxSteps {
		v.report("recipe.steps", v.steps, "at most %d steps in all", MaxSteps)
	}
	if v.outputs > MaxOutputs {
		v.report("recipe.steps", v.outputs, "at most %d outputs in all", MaxOutputs)
	}
	if len(r.Steps) > 0 && v.outputs == 0 && !v.deep && len(r.Inspect) == 0 {
		v.report("recipe.steps", nil, "a save on at least one step: without it nothing is made")
	}
	v.reading(r)
	switch len(v.found) {
	case 0:
		return nil
	case 1:
		return v.found[0]
	}
	all := make([]error, len(v.found))
	for i, e := range v.found {
		all[i] = e
	}
	return errors.Join(all...)
}

// Problems lists the single errors within what [Recipe.Validate] returned.
func Problems(err error) []*Problem {
	if one, ok := errors.AsType[*Problem](err); ok {
		joined, several := err.(interface{ Unwrap() []error })
		if !several {
			return []*Problem{one}
		}
		var list []*Problem
		for _, e := range joined.Unwrap() {
			list = append(list, Problems(e)...)
		}
		return list
	}
	return nil
}

// validation walks a recipe.
type validation struct {
	checker
	ids            map[string]string // where each output id was first seen
	steps, outputs int
	deep           bool
}

// reading checks what is asked of the source.
func (v *validation) reading(r Recipe) {
	if _, ok := parsePages(r.Pages); r.Pages != "" && !ok {
		v.report("recipe.pages", r.Pages, `"all", or pages from 1 and ranges, such as "1,3-5"`)
	}
	if r.Density < 0 || r.Density > maxDensity {
		v.report("recipe.density", r.Density, "a whole number of dots an inch, 1 to %d", maxDensity)
	}
	for i, name := range r.Inspect {
		if !slices.Contains(Inspections, name) {
			v.report(fmt.Sprintf("recipe.inspect[%d]", i), name, "one of %s", join(Inspections))
		}
	}
}

func (v *validation) walk(steps []Step, path string, depth int) {
	if len(steps) > 0 && depth > MaxDepth {
		v.deep = true
		v.report(path, depth, "steps nested at most %d deep", MaxDepth)
		return
	}
	for i, step := range steps {
		here := fmt.Sprintf("%s[%d]", path, i)
		v.steps++
		// Counting goes on, but a recipe of a million bad steps shall not become a million sentences.
		if v.steps <= MaxSteps {
			v.operation(step, here)
			v.save(step.Save, here+".save")
		}
		if step.Save != nil {
			v.outputs++
		}
		v.walk(step.Steps, here+".steps", depth+1)
	}
}
