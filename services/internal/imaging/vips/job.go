package vips

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// slowEncoders is how many outputs in a format that takes seconds are encoded at a time: they would leave the others no
// processor.
const slowEncoders = 1

// job renders one recipe from one page: the picture is decoded once, and every step's picture is shared by the steps
// below it. Outputs are encoded while the next ones are made.
type job struct {
	order    imaging.Order
	source   source
	saves    []recipe.Save
	sink     imaging.Sink
	album    *album
	encoders *errgroup.Group
	slow     chan struct{}
	pixels   int64 // that were in memory at a time

	turn     sync.Mutex
	reported map[int]bool // outputs that the sink has
}

// errSource is returned inside a job when pixels that were still in the file could not be read.
var errSource = errors.New("read source")

func newJob(o imaging.Order, src source, sink imaging.Sink) *job {
	return &job{
		order: o, source: src, saves: o.Recipe.Outputs(), sink: sink, reported: map[int]bool{},
		album: &album{files: o.Pictures, limits: o.Limits}, slow: make(chan struct{}, slowEncoders),
	}
}

func (j *job) render() error {
	plan := recipe.MakePlan(j.order.Recipe, j.source.picture)
	moving := j.moving()
	still := len(j.saves) - len(moving)
	if len(moving) > 0 {
		// An animation is read whole: most of its decoders go back to earlier frames.
		all := recipe.Plan{Shrink: 1, Access: recipe.Random}
		if err := j.pass(all, true, func(i int) bool { return moving[i] }); err != nil {
			return err
		}
	}
	if still == 0 {
		return nil
	}
	err := j.pass(plan, false, func(i int) bool { return !moving[i] })
	if errors.Is(err, errSource) {
		// Is the file at fault, or an operation? Decoding into memory first tells them apart.
		plan.Access = recipe.Random
		err = j.pass(plan, false, func(i int) bool { return !moving[i] })
	}
	return err
}

// pass decodes once and makes the wanted outputs.
func (j *job) pass(plan recipe.Plan, animated bool, wanted func(int) bool) error {
	base, err := j.source.decode(plan, animated)
	if err != nil {
		return err
	}
	defer base.close()
	base.album, base.limits = j.album, j.order.Limits
	if plan.Access == recipe.Random {
		j.pixels = max(j.pixels, base.actual().Pixels()*int64(base.frames))
	}
	j.encoders = new(errgroup.Group)
	j.encoders.SetLimit(runtime.GOMAXPROCS(0))
	next := 0
	err = j.steps(j.order.Recipe.Steps, base, &next, wanted)
	return errors.Join(err, j.encoders.Wait())
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
	err = f.perform(step)
	if err == nil && shared(step) {
		err = f.materialize()
	}
	if err != nil {
		defer f.close()
		return j.failAll(f.streamed, err, first, first+count(step), wanted)
	}
	next := first
	if step.Save != nil {
		next++
	}
	below := any(next, first+count(step), wanted)
	if step.Save == nil || !wanted(first) {
		defer f.close()
		return j.steps(step.Steps, f, &next, wanted)
	}
	if !below {
		return j.save(f, first)
	}
	defer f.close()
	out, err := f.branch()
	if err != nil {
		return fmt.Errorf("branch: %w", err)
	}
	if err := j.save(out, first); err != nil {
		return err
	}
	return j.steps(step.Steps, f, &next, wanted)
}

// save computes one output's pixels and leaves it to an encoder. The frame is used up.
func (j *job) save(out *frame, index int) error {
	streamed := out.streamed
	if err := j.compute(out, index); err != nil {
		out.close()
		return j.fail(streamed, err, index)
	}
	j.encoders.Go(func() error {
		defer out.close()
		return j.encode(out, index)
	})
	return nil
}

// compute brings an output's pixels into memory.
func (j *job) compute(out *frame, index int) error {
	if err := j.order.Limits.CheckOutput(out.size); err != nil {
		return err
	}
	if format := recipe.OutputFormat(j.saves[index], j.source.picture.Format); !format.Animated() && !format.Paged() {
		if err := out.still(); err != nil {
			return err
		}
	}
	if err := out.settle(); err != nil {
		return err
	}
	if err := out.materialize(); err != nil {
		return err
	}
	// A branch of pixels in memory is not in memory itself.
	return inMemory(out.img)
}

// encode writes one output and hands it on.
func (j *job) encode(out *frame, index int) error {
	save := j.saves[index]
	format := recipe.OutputFormat(save, j.source.picture.Format)
	if format == recipe.AVIF || format == recipe.JXL {
		j.slow <- struct{}{}
		defer func() { <-j.slow }()
	}
	hint, err := placeholder(out)
	var file written
	if err == nil {
		file, err = out.encode(save, format)
	}
	if err != nil {
		return j.fail(false, err, index)
	}
	size := out.actual()
	j.report(index)
	return j.sink.Output(imaging.Rendered{
		ID: save.ID, Index: index, Page: j.source.only, Format: string(format), Width: size.Width, Height: size.Height,
		Frames: out.frames, Placeholder: hint, Quality: file.quality, DPI: file.dpi, Blank: file.blank, Sprites: out.sprites, Data: file.data,
	})
}

// report notes that the sink has heard of an output, and returns false when it had before.
func (j *job) report(index int) bool {
	j.turn.Lock()
	defer j.turn.Unlock()
	first := !j.reported[index]
	j.reported[index] = true
	return first
}

// failAll reports the same failure for several outputs.
func (j *job) failAll(streamed bool, err error, from, to int, wanted func(int) bool) error {
	for i := from; i < to; i++ {
		if !wanted(i) {
			continue
		}
		if err := j.fail(streamed, err, i); err != nil {
			return err
		}
	}
	return nil
}

// fail reports one output as failed, in words for the client. While the pixels come straight from the file the fault
// may be the file's, so then the job stops with errSource.
func (j *job) fail(streamed bool, err error, index int) error {
	defer forget()
	fault, own := errors.AsType[*recipe.Error](err)
	if !own {
		fmt.Fprintln(os.Stderr, err)
		if streamed {
			return errSource
		}
		fault = recipe.Errorf(recipe.RenderFailed, "the output could not be made from this picture")
	}
	if !j.report(index) {
		return nil
	}
	return j.sink.Failure(imaging.Failure{
		ID: j.saves[index].ID, Index: index, Page: j.source.only, Code: fault.Code, Message: fault.Message,
	})
}
