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
	// saving are what functions above change of saves, the outermost first.
	saving []change
	// prefix begins the names of pictures, so that those of the job that runs first have names of their own.
	prefix string
	// prepared are the identifiers of what the job that runs first makes.
	prepared []string
	// original is where the source itself goes, if anywhere.
	original *job.Destination
	// comparing are the pictures that the source is compared with, and compared their identifiers.
	comparing []string
	compared  map[string]string
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
	c := t.function(name, function.raw("params"))
	step := recipe.Step{}
	if n := len(c.steps); n > 0 {
		step = c.steps[n-1]
	}
	if c.saving != nil {
		t.saving = append(t.saving, c.saving)
		defer func() { t.saving = t.saving[:len(t.saving)-1] }()
	}
	if save := function.raw("save"); save != nil {
		t.save(&step, function.object("save"))
		for _, change := range t.saving {
			eachSave(&step, function.object("save"), change)
		}
	}
	below := depth + max(len(c.steps), 1)
	step.Steps = append(step.Steps, t.steps(function.list("functions"), below)...)
	// A function of several steps is a chain of them; what is saved and what is below is at its end.
	for i := len(c.steps) - 2; i >= 0; i-- {
		outer := c.steps[i]
		outer.Steps = []recipe.Step{step}
		step = outer
	}
	return step
}

// function translates one function by itself.
func (t *translator) function(name string, raw json.RawMessage) call {
	in, isObject := openLoose(raw)
	c := call{name: name, in: in, raw: raw, t: t}
	translate, known := rules[name]
	switch {
	case refused[name] != "":
		t.refuse(UnsupportedFunction, "The function '%s' is not supported: %s", name, refused[name])
	case !known:
		t.refuse(UnknownFunction, "Unknown function named '%s'", name)
	case raw != nil && !isObject && string(raw) != `""` && string(raw) != "[]":
		t.refuse(InvalidParams, "The params of '%s' are not an object", name)
	default:
		translate(&c)
		if c.complaint != "" {
			t.refuse(c.code, "%s", c.complaint)
		}
	}
	return c
}
