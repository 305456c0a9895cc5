package blitline

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
)

// prepare reads what runs first. The pictures of a job can be named by "&" and their identifiers; they are not stored.
func (t *translator) prepare(doc loose, r *recipe.Recipe) *job.Before {
	all := doc.list("pre_process")
	if given := doc.raw("pre_process"); given != nil && all == nil {
		all = []json.RawMessage{given}
	}
	var first loose
	for _, raw := range all {
		given, _ := openLoose(raw)
		for _, name := range slices.Sorted(maps.Keys(given)) {
			translate := preparations[name]
			switch {
			case name == "job" && !given.set(name):
				t.refuse(UnsupportedOption, "A job in a pre_process that is empty is not supported")
			case !given.set(name):
			case name == "job" && first == nil:
				first = given.object("job")
			case refusedPreparations[name] != "":
				t.refuse(UnsupportedOption, "The pre_process '%s' is not supported: %s", name, refusedPreparations[name])
			case translate == nil:
				t.refuse(UnsupportedOption, "The pre_process '%.100s' is not supported: expected one job or a preparation that is known", name)
			default:
				translate(t, given.object(name), r)
			}
		}
	}
	if len(first) == 0 {
		return nil
	}
	return t.prepareJob(first)
}

// prepareJob reads the job that runs first.
func (t *translator) prepareJob(first loose) *job.Before {
	inner := translator{details: t.details, prefix: "before-"}
	before := &job.Before{}
	before.Source = inner.picture(inner.source(first, &before.Recipe))
	before.Recipe.Steps = append(before.Recipe.Steps, inner.steps(first.list("functions"), 1)...)
	if inner.first != "" {
		before.Recipe.Steps = []recipe.Step{{Op: inner.first, Steps: before.Recipe.Steps}}
	}
	if inner.fault != "" {
		t.fail("In pre_process: " + inner.fault)
	}
	if inner.refusal != nil && t.refusal == nil {
		t.refusal = inner.refusal
	}
	for _, image := range inner.images {
		t.prepared = append(t.prepared, image.Output)
	}
	if t.refusal == nil && t.fault == "" {
		if found := recipe.Problems(before.Recipe.Validate()); len(found) > 0 {
			t.refusal = &events.Failure{Code: InvalidParams, Message: "pre_process: " + found[0].Error()}
		}
	}
	if t.pictures == nil {
		t.pictures = map[string]Source{}
	}
	maps.Copy(t.pictures, inner.pictures)
	return before
}

// reference is a picture that the job that runs first makes.
func (t *translator) reference(identifier string) Source {
	if !slices.Contains(t.prepared, identifier) {
		t.refuse("source_unreadable", "Image reference '%s' not found. Preprocessing probably failed.", identifier)
	}
	return Source{Reference: identifier}
}
