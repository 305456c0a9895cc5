package recipe

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Recipe is a tree of steps. A step applies one operation; its children take its output and its siblings share its
// input. A [Save] on a step makes an output.
type Recipe struct {
	// Pages names the pages of a document, or the frames of an animation, that the steps are applied to, one after the
	// other: "all", or pages from 1 and ranges, such as "1,3-5". Every save then makes one output for each page. Empty
	// takes the first page, or the whole animation.
	Pages string `json:"pages,omitempty"`
	// Density is how many dots an inch a document is drawn with, 1 to 1200; 72 by default. Pictures made of pixels
	// ignore it.
	Density int `json:"density,omitempty"`
	// AsStored leaves the picture as its file has it. By default it is first turned upright by its EXIF orientation.
	AsStored bool `json:"as_stored,omitempty"`
	// Inspect names what to find out about the source: see [Inspections].
	Inspect []string `json:"inspect,omitempty"`
	Steps   []Step   `json:"steps"`
}

// Step applies one operation to a picture. An empty Op passes the picture on as it is.
type Step struct {
	Op     string          `json:"op,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Save   *Save           `json:"save,omitempty"`
	Steps  []Step          `json:"steps,omitempty"`
}

// NewStep makes the step that applies the operation, for callers that write recipes in Go. It does not check the
// parameters: [Recipe.Validate] does.
func NewStep(op Operation, save *Save, children ...Step) (Step, error) {
	params, err := json.Marshal(op)
	if err != nil {
		return Step{}, fmt.Errorf("encode params of %s: %w", op.Name(), err)
	}
	return Step{Op: op.Name(), Params: params, Save: save, Steps: children}, nil
}

// Outputs lists every save of the recipe, depth first in the order of the steps.
func (r Recipe) Outputs() []Save {
	var saves []Save
	var walk func([]Step)
	walk = func(steps []Step) {
		for _, step := range steps {
			if step.Save != nil {
				saves = append(saves, *step.Save)
			}
			walk(step.Steps)
		}
	}
	walk(r.Steps)
	return saves
}

// Pictures lists, once each, the names of the further pictures that the recipe reads, in the order of the steps.
func (r Recipe) Pictures() []string {
	var names []string
	seen := map[string]bool{}
	var walk func([]Step)
	walk = func(steps []Step) {
		for _, step := range steps {
			for _, name := range step.pictures() {
				if !seen[name] {
					seen[name] = true
					names = append(names, name)
				}
			}
			walk(step.Steps)
		}
	}
	walk(r.Steps)
	return names
}

// pictures are the names that the step's own operation refers to.
func (s Step) pictures() []string {
	op, err := s.Operation()
	if err != nil {
		return nil
	}
	return picturesOf(op)
}

// picturesOf are the names that an operation refers to.
func picturesOf(op Operation) []string {
	if reader, ok := op.(interface{ pictures() []string }); ok {
		return reader.pictures()
	}
	return nil
}

// further are pictures with those that steps which are applied to them lay over them.
func further(names []string, steps []Step) []string {
	names = slices.Clone(names)
	for _, step := range steps {
		names = append(names, step.pictures()...)
	}
	return names
}

// count is the number of outputs of the step and of the steps below it.
func (s Step) count() int {
	n := 0
	if s.Save != nil {
		n++
	}
	for _, child := range s.Steps {
		n += child.count()
	}
	return n
}

// Chain nests steps, each below the one before, and saves the last, so that [MakePlan] can judge them.
func Chain(steps []Step) []Step {
	last := Step{Save: &Save{ID: "last"}}
	for _, step := range slices.Backward(steps) {
		step.Steps = []Step{last}
		last = step
	}
	return []Step{last}
}
