package vips

import "github.com/ringback/ringback/services/internal/imaging/recipe"

// count is the number of outputs of the step and those below it.
func count(step recipe.Step) int {
	return len(recipe.Recipe{Steps: []recipe.Step{step}}.Outputs())
}

// any tells whether one of the outputs from, …, to-1 is wanted.
func any(from, to int, wanted func(int) bool) bool {
	for i := from; i < to; i++ {
		if wanted(i) {
			return true
		}
	}
	return false
}

// shared tells whether the step's picture is used more than once, so that it pays to compute it once.
func shared(step recipe.Step) bool {
	uses := 0
	if step.Save != nil {
		uses++
	}
	for _, child := range step.Steps {
		if count(child) > 0 {
			uses++
		}
	}
	return uses > 1
}

// moving are the outputs that keep an animation's frames: those whose format holds several.
func (j *job) moving() map[int]bool {
	kept := map[int]bool{}
	if j.source.picture.Frames < 2 {
		return kept
	}
	for i, save := range j.saves {
		if format := recipe.OutputFormat(save, j.source.picture.Format); format.Animated() || format.Paged() {
			kept[i] = true
		}
	}
	return kept
}
