package blitline

import (
	"encoding/json"
	"fmt"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
)

// translator walks one job's functions. The walk goes on after a refusal, because the result names every image that
// was not made.
type translator struct {
	details      Details
	images       []Image
	destinations []*job.Destination // one for each image, nil where it stays here
	pictures     map[string]Source
	// prefix begins the names of pictures, so that those of the job that runs first have names of their own.
	prefix string
	// prepared are the identifiers of what the job that runs first makes.
	prepared []string
	// first is an operation that comes before all others, if any.
	first     string
	numbering job.Numbering
	group     bool
	fault     string
	refusal   *events.Failure
}

// fail notes why the job is not accepted. The first reason stands.
func (t *translator) fail(sentence string) {
	if t.fault == "" {
		t.fault = sentence
	}
}

// refuse notes why the job is going to fail. The first reason stands, as the first error ends the job there.
func (t *translator) refuse(code, format string, args ...any) {
	if t.refusal == nil {
		t.refusal = &events.Failure{Code: code, Message: fmt.Sprintf(format, args...)}
	}
}

func (t *translator) steps(functions []json.RawMessage, depth int) []recipe.Step {
	if depth > recipe.MaxDepth && len(functions) > 0 {
		t.fail(fmt.Sprintf("Functions may be nested at most %d deep", recipe.MaxDepth))
		return nil
	}
	var steps []recipe.Step
	for _, raw := range functions {
		steps = append(steps, t.step(raw, depth))
	}
	return steps
}

func (t *translator) step(raw json.RawMessage, depth int) recipe.Step {
	function, ok := openLoose(raw)
	name := function.text("name")
	if !ok || name == "" {
		t.fail("Every function needs a name")
	}
	step := t.function(name, function.object("params"))
	if save := function.raw("save"); save != nil {
		t.save(&step, function.object("save"))
	}
	step.Steps = append(step.Steps, t.steps(function.list("functions"), depth+1)...)
	return step
}

func (t *translator) function(name string, in loose) recipe.Step {
	translate, ok := rules[name]
	switch {
	case recipe.Refused[name] != "":
		t.refuse(UnsupportedFunction, "The function '%s' is not supported: expected %s", name, recipe.Refused[name])
	case known[name]:
		t.refuse(UnsupportedFunction, "The function '%s' is not supported", name)
	case !ok:
		t.refuse(UnknownFunction, "Unknown function named '%s'", name)
	default:
		o, complaint := translate(in)
		if complaint == "" {
			return o.step()
		}
		t.refuse(InvalidParams, "%s", complaint)
	}
	return recipe.Step{}
}
