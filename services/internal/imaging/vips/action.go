package vips

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// apply does one action. Its errors are libvips' own and not for clients.
func (f *frame) apply(action recipe.Action) error {
	f.cells, f.sprites = nil, nil
	if scale, ok := action.(recipe.Scale); ok {
		return f.scale(scale.Size)
	}
	if err := f.settle(); err != nil {
		return err
	}
	if looking, ok := action.(recipe.Looking); ok {
		plainer, err := f.look(looking)
		if err != nil {
			return fmt.Errorf("look for %T: %w", action, err)
		}
		if plainer == nil {
			return nil
		}
		action = plainer
	}
	if scale, ok := action.(recipe.Scale); ok {
		if err := f.limits.CheckStep(scale.Size, f.frames); err != nil {
			return err
		}
		return f.scale(scale.Size)
	}
	// Pixels that come from the file in order can be cut and recoloured on the way; anything else looks around.
	if !action.Framewise() {
		if err := f.materialize(); err != nil {
			return err
		}
	}
	if err := f.work(action); err != nil {
		return fmt.Errorf("apply %T: %w", action, err)
	}
	if _, ok := action.(recipe.Density); ok {
		f.dense = true
	}
	f.lazy = true
	if action.Pointwise() {
		f.size = action.Result(f.size) // the decoder may have left out pixels, which no length of the recipe knows
	} else {
		f.size = f.actual()
	}
	return f.limits.CheckStep(f.size, f.frames)
}

// work does an action that may need more than one frame's pixels.
func (f *frame) work(action recipe.Action) error {
	switch a := action.(type) {
	case recipe.Overlay:
		return f.overlay(a)
	case recipe.Writing:
		return f.write(a)
	case recipe.Drawing:
		return f.draw(a)
	case recipe.Assembly:
		return f.assemble(a)
	}
	if f.frames > 1 && !action.Framewise() {
		return f.each(func(img *vips.ImageRef) error { return perform(img, action) })
	}
	return perform(f.img, action)
}

// each changes one frame of an animation after the other, or the picture that is none.
func (f *frame) each(change func(*vips.ImageRef) error) error {
	if f.frames == 1 {
		return change(f.img)
	}
	var done []*vips.ImageRef
	defer func() {
		for _, img := range done {
			img.Close()
		}
	}()
	for i := range f.frames {
		one, err := f.single(i)
		if err != nil {
			return err
		}
		done = append(done, one)
		if err := change(one); err != nil {
			return err
		}
		// A frame holds on to the pixels of the whole strip until its own are computed.
		if err := inMemory(one); err != nil {
			return err
		}
	}
	return f.stack(done)
}

// single is a picture of one frame.
func (f *frame) single(index int) (*vips.ImageRef, error) {
	one, err := f.img.Copy()
	if err != nil {
		return nil, fmt.Errorf("take a frame: %w", err)
	}
	size := f.actual()
	if f.frames > 1 {
		err = setFrames(one, 1, one.Height())
	}
	if err == nil {
		err = one.ExtractArea(0, index*size.Height, size.Width, size.Height)
	}
	if err == nil && f.frames > 1 {
		err = setFrames(one, 1, size.Height)
	}
	if err != nil {
		one.Close()
		return nil, fmt.Errorf("take a frame: %w", err)
	}
	return one, nil
}

// still keeps the first frame alone.
func (f *frame) still() error {
	if f.frames == 1 {
		return nil
	}
	one, err := f.single(0)
	if err != nil {
		return err
	}
	f.img.Close()
	f.img, f.frames = one, 1
	return nil
}

// setFrames says how the picture is divided. govips treats each frame apart where there are several.
func setFrames(img *vips.ImageRef, frames, height int) error {
	if err := img.SetPages(frames); err != nil {
		return err
	}
	return img.SetPageHeight(height)
}

// stack puts frames of one size one below the other in the place of the animation's own.
func (f *frame) stack(frames []*vips.ImageRef) error {
	height := frames[0].Height()
	all, err := frames[0].Copy()
	if err == nil {
		err = all.ArrayJoin(frames[1:], 1)
	}
	if err == nil {
		err = setFrames(all, len(frames), height)
	}
	if err != nil {
		if all != nil {
			all.Close()
		}
		return fmt.Errorf("stack frames: %w", err)
	}
	f.img.Close()
	f.img = all
	return nil
}

// change is what the engine does for one kind of action.
type change struct {
	kind reflect.Type
	do   func(*vips.ImageRef, recipe.Action) error
}

// on is the change for the actions of type A: to a still picture, or to all frames of an animation where the action is
// framewise.
func on[A recipe.Action](do func(*vips.ImageRef, A) error) change {
	return change{
		kind: reflect.TypeFor[A](),
		do:   func(img *vips.ImageRef, action recipe.Action) error { return do(img, action.(A)) },
	}
}

// changes has what to do for every kind of action that needs no more than the picture itself.
var changes = slices.Concat(geometryChanges, colourChanges, filterChanges)

func perform(img *vips.ImageRef, action recipe.Action) error {
	// Those that are made of others cannot be in a list that they look into.
	switch a := action.(type) {
	case recipe.Mix:
		return mix(img, a)
	case recipe.Within:
		return within(img, a)
	}
	kind := reflect.TypeOf(action)
	for _, change := range changes {
		if change.kind == kind {
			return change.do(img, action)
		}
	}
	return fmt.Errorf("no such action: %T", action)
}
