package vips

import (
	"errors"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// album holds the further pictures of a job.
type album struct {
	files  map[string][]byte
	limits recipe.Limits
}

// picture decodes the first frame of a further picture and takes it through a chain of steps. It fails with a
// [recipe.Error] with [recipe.PictureUnreadable] that names the picture.
func (a *album) picture(name string, steps []recipe.Step) (*frame, error) {
	file, there := a.files[name]
	if !there {
		return nil, recipe.Errorf(recipe.PictureUnreadable, "there is no picture %q", name)
	}
	src, err := open(file, recipe.Recipe{}, a.limits)
	if err != nil {
		return nil, a.fault(name, err)
	}
	src.picture.Frames = 1
	// The last step stands for a save, so that the plan knows how many pixels are wanted.
	plan := recipe.MakePlan(recipe.Recipe{Steps: recipe.Chain(steps)}, src.picture)
	f, err := src.decode(plan, false)
	if err != nil {
		return nil, a.fault(name, err)
	}
	f.album, f.limits = a, a.limits
	for _, step := range steps {
		if err := f.perform(step); err != nil {
			f.close()
			return nil, a.fault(name, err)
		}
	}
	err = f.settle()
	if err == nil {
		err = f.materialize()
	}
	if err != nil {
		f.close()
		return nil, a.fault(name, err)
	}
	return f, nil
}

// fault names the picture that is at fault.
func (*album) fault(name string, err error) error {
	if own, ok := errors.AsType[*recipe.Error](err); ok {
		return recipe.Errorf(recipe.PictureUnreadable, "the picture %q cannot be used: %s", name, own.Message)
	}
	return recipe.Errorf(recipe.PictureUnreadable, "the picture %q cannot be read", name)
}
