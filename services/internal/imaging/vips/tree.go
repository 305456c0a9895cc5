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

// moving are the outputs that keep an animation's frames: their format holds several, and every action on the way to
// them can be done to all frames at once.
func (j *job) moving(steps []recipe.Step) map[int]bool {
	kept := map[int]bool{}
	if j.source.picture.Frames < 2 {
		return kept
	}
	next := 0
	j.mark(steps, j.source.picture.Size, true, &next, kept)
	return kept
}

func (j *job) mark(steps []recipe.Step, in recipe.Size, possible bool, next *int, kept map[int]bool) {
	for _, step := range steps {
		actions, size, err := step.Apply(in)
		possible := possible && err == nil
		for _, action := range actions {
			possible = possible && action.Framewise()
		}
		if step.Save != nil {
			if possible && recipe.OutputFormat(*step.Save, j.source.picture.Format).Animated() {
				kept[*next] = true
			}
			*next++
		}
		j.mark(step.Steps, size, possible, next, kept)
	}
}
