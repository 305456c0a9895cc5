package blitline

import (
	"maps"
	"slices"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
)

// unsupportedPreparations are what a pre_process can hold beside a job.
var unsupportedPreparations = []string{
	"move_original", "convert_original", "resize_gif", "resize_gif_to_fit", "gif_overlay", "gif_to_vid", "find_subimage", "phash_compare",
}

// prepare reads the job that runs first: its pictures can be named by "&" and their identifiers. They are not stored.
func (t *translator) prepare(doc loose) *job.Before {
	given := doc.object("pre_process")
	if list := doc.list("pre_process"); len(list) == 1 {
		given, _ = openLoose(list[0])
	}
	for _, name := range unsupportedPreparations {
		if given.set(name) {
			t.refuse(UnsupportedOption, "The pre_process '%s' is not supported: expected a job", name)
		}
	}
	first := given.object("job")
	if len(first) == 0 {
		if doc.set("pre_process") {
			t.refuse(UnsupportedOption, "A pre_process without a single job is not supported")
		}
		return nil
	}
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
