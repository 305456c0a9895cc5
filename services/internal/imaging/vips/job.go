package vips

import (
	"errors"
	"fmt"
	"os"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// job renders one recipe from one source: the picture is decoded once, and every step's picture is shared by the steps
// below it.
type job struct {
	source   source
	saves    []recipe.Save
	sink     imaging.Sink
	reported map[int]bool // outputs that the sink has
	pixels   int64        // that were in memory at a time
}

// errSource is returned inside a job when pixels that were still in the file could not be read.
var errSource = errors.New("read source")

func (j *job) render(r recipe.Recipe) error {
	plan := recipe.MakePlan(r, j.source.picture)
	moving := j.moving()
	still := len(j.saves) - len(moving)
	if len(moving) > 0 {
		// An animation is read whole: most of its decoders go back to earlier frames.
		all := recipe.Plan{Shrink: 1, Access: recipe.Random}
		if err := j.pass(r, all, true, func(i int) bool { return moving[i] }); err != nil {
			return err
		}
	}
	if still == 0 {
		return nil
	}
	err := j.pass(r, plan, false, func(i int) bool { return !moving[i] })
	if errors.Is(err, errSource) {
		// Is the file at fault, or the encoder? Decoding into memory first tells them apart.
		plan.Access = recipe.Random
		err = j.pass(r, plan, false, func(i int) bool { return !moving[i] })
	}
	return err
}

// pass decodes once and makes the wanted outputs.
func (j *job) pass(r recipe.Recipe, plan recipe.Plan, animated bool, wanted func(int) bool) error {
	base, err := j.source.decode(plan, animated)
	if err != nil {
		return err
	}
	defer base.close()
	if plan.Access == recipe.Random {
		j.pixels = max(j.pixels, base.actual().Pixels()*int64(base.frames))
	}
	next := 0
	return j.steps(r.Steps, base, &next, wanted)
}

// steps renders siblings. next counts the outputs in the order of the recipe.
func (j *job) steps(steps []recipe.Step, in *frame, next *int, wanted func(int) bool) error {
	for _, step := range steps {
		first := *next
		*next += count(step)
		if !any(first, *next, wanted) {
			continue
		}
		if err := j.step(step, in, first, wanted); err != nil {
			return err
		}
	}
	return nil
}

func (j *job) step(step recipe.Step, in *frame, first int, wanted func(int) bool) error {
	f, err := in.branch()
	if err != nil {
		return fmt.Errorf("branch: %w", err)
	}
	defer f.close()
	err = f.perform(step)
	if err == nil && shared(step) {
		err = f.materialize()
	}
	if err != nil {
		return j.failAll(f, err, first, first+count(step), wanted)
	}
	next := first
	if step.Save != nil {
		next++
		if wanted(first) {
			if err := j.save(f, first); err != nil {
				return err
			}
		}
	}
	return j.steps(step.Steps, f, &next, wanted)
}

// perform does what the step's operation asks for.
func (f *frame) perform(step recipe.Step) error {
	actions, _, err := step.Apply(f.size)
	if err != nil {
		return err
	}
	for _, action := range actions {
		if err := f.apply(action); err != nil {
			return err
		}
	}
	return nil
}

// save encodes one output and hands it on.
func (j *job) save(f *frame, index int) error {
	out, err := f.branch()
	if err != nil {
		return fmt.Errorf("branch: %w", err)
	}
	defer out.close()
	save := j.saves[index]
	format := recipe.OutputFormat(save, j.source.picture.Format)
	data, err := j.encode(out, save, format)
	if err != nil {
		return j.fail(f, err, index)
	}
	j.reported[index] = true
	size := out.actual()
	return j.sink.Output(imaging.Rendered{
		ID: save.ID, Index: index, Format: string(format), Width: size.Width, Height: size.Height, Data: data,
	})
}

func (j *job) encode(out *frame, save recipe.Save, format recipe.Format) ([]byte, error) {
	size := out.size
	if size.Width > recipe.MaxEdge || size.Height > recipe.MaxEdge {
		return nil, recipe.Errorf(recipe.OutputTooLarge, "the output has %d × %d pixels, the limit is %d an edge",
			size.Width, size.Height, recipe.MaxEdge)
	}
	return out.encode(save, format)
}

// failAll reports the same failure for several outputs.
func (j *job) failAll(f *frame, err error, from, to int, wanted func(int) bool) error {
	for i := from; i < to; i++ {
		if !wanted(i) {
			continue
		}
		if err := j.fail(f, err, i); err != nil {
			return err
		}
	}
	return nil
}

// fail reports one output as failed, in words for the client. While the pixels come straight from the file the fault
// may be the file's, so then the job stops with errSource.
func (j *job) fail(f *frame, err error, index int) error {
	defer forget()
	fault, own := errors.AsType[*recipe.Error](err)
	if !own {
		fmt.Fprintln(os.Stderr, err)
		if f.streamed {
			return errSource
		}
		fault = recipe.Errorf(recipe.RenderFailed, "the output could not be made from this picture")
	}
	if j.reported[index] {
		return nil
	}
	j.reported[index] = true
	return j.sink.Failure(imaging.Failure{
		ID: j.saves[index].ID, Index: index, Code: fault.Code, Message: fault.Message,
	})
}
