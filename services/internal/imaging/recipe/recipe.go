package recipe

import (
	"encoding/json"
	"fmt"
)

// Recipe is a tree of steps. A step applies one operation; its children take its output and its siblings share its
// input. A [Save] on a step makes an output.
type Recipe struct {
	Steps []Step `json:"steps"`
}

// Step applies one operation to a picture. An empty Op passes the picture on as it is.
type Step struct {
	Op     string          `json:"op,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Save   *Save           `json:"save,omitempty"`
	Steps  []Step          `json:"steps,omitempty"`
}

// Save makes an output of a step's picture.
type Save struct {
	// ID is the client's name for the output, echoed in the result.
	ID string `json:"id"`
	// Format is one of jpeg, png, webp, avif and gif; empty keeps the source's format where it can be written.
	Format string `json:"format,omitempty"`
	// Quality is 1 to 100 for jpeg, webp and avif; nil takes the format's default.
	Quality *int `json:"quality,omitempty"`
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
