package vips

import (
	"fmt"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// frame is a picture on its way through a recipe. Turning it upright and converting its colours are put off until the
// first scaling is done, where they cost a fraction; an action that cannot wait settles them first.
type frame struct {
	img *vips.ImageRef
	// frames is the number of animation frames, one below the other.
	frames int
	// size is of one frame, upright, at full resolution: what the recipe's lengths refer to. The pixels may be fewer
	// until the first scaling, and lie on their side.
	size        recipe.Size
	orientation int
	managed     bool // colours are sRGB, or known not to need it
	streamed    bool // pixels are still in the file, to be read once from top to bottom
	lazy        bool // there is work that would be done again for each reader
	dense       bool // the file is to say how many pixels make an inch
	album       *album
	limits      recipe.Limits
	// cells are where the pictures lie within frames of one size, until something moves them.
	cells []recipe.Sprite
	// sprites are set on a sprite sheet, until something moves them.
	sprites []recipe.Sprite
	// smaller are halvings of the pixels in memory, shared by all branches; nil while there are none in memory.
	smaller *pyramid
	owner   bool // of smaller
}

func (f *frame) close() {
	f.img.Close()
	if f.owner {
		f.smaller.close()
	}
}

// perform does what the step's operation asks for.
func (f *frame) perform(step recipe.Step) error {
	actions, _, err := step.Apply(f.size)
	if err != nil {
		return err
	}
	for _, action := range actions {
		if err := f.limits.CheckStep(action.Result(f.size), f.frames); err != nil {
			return err
		}
		if err := f.apply(action); err != nil {
			return err
		}
	}
	return nil
}

// branch is a copy that shares the pixels.
func (f *frame) branch() (*frame, error) {
	img, err := f.img.Copy()
	if err != nil {
		return nil, fmt.Errorf("copy: %w", err)
	}
	b := *f
	b.img, b.owner = img, false
	return &b, nil
}

// actual is the size of one frame's pixels as they are.
func (f *frame) actual() recipe.Size {
	return recipe.Size{Width: f.img.Width(), Height: f.img.Height() / f.frames}
}

// plain tells whether the pixels are 8 bits of gray or RGB, so that work on them may come before colour management.
func (f *frame) plain() bool {
	switch f.img.Interpretation() {
	case vips.InterpretationSRGB, vips.InterpretationBW:
		return f.img.BandFormat() == vips.BandFormatUchar
	default:
		return false
	}
}

// materialize computes the pixels so far into memory, after which they may be read in any order and many times.
func (f *frame) materialize() error {
	if !f.streamed && !f.lazy {
		return nil
	}
	if err := inMemory(f.img); err != nil {
		return err
	}
	f.streamed, f.lazy = false, false
	f.anew()
	return nil
}

// anew forgets the halvings of what the pixels were before.
func (f *frame) anew() {
	if f.owner {
		f.smaller.close()
	}
	f.smaller, f.owner = &pyramid{base: f.img}, true
}

// settle makes the picture upright and its colours sRGB.

func (f *frame) settle() error {
	if err := f.toSRGB(); err != nil {
		return err
	}
	return f.upright()
}

// upright applies the EXIF orientation.
func (f *frame) upright() error {
	if f.orientation <= 1 {
		f.orientation = 1
		return nil
	}
	if err := f.materialize(); err != nil {
		return err
	}
	if err := f.img.AutoRotate(); err != nil {
		return fmt.Errorf("turn upright: %w", err)
	}
	f.orientation, f.lazy = 1, true
	return nil
}

// sideways tells whether the pixels still lie on their side.
func (f *frame) sideways() bool { return f.orientation >= 5 && f.orientation <= 8 }

// toSRGB converts by the embedded profile, and to 8 bits.
func (f *frame) toSRGB() error {
	if f.managed {
		return nil
	}
	f.managed, f.lazy = true, true
	profiled := f.img.HasICCProfile() || f.img.Interpretation() == vips.InterpretationCMYK
	if profiled {
		if err := toPlain(f.img); err != nil {
			forget() // a profile that does not fit its picture is ignored, as browsers do
		}
	}
	if !f.plain() {
		space := vips.InterpretationSRGB
		if f.img.Bands() < 3 {
			space = vips.InterpretationBW
		}
		if err := f.img.ToColorSpace(space); err != nil {
			return fmt.Errorf("convert colours: %w", err)
		}
	}
	if f.img.BandFormat() != vips.BandFormatUchar {
		if err := f.img.Cast(vips.BandFormatUchar); err != nil {
			return fmt.Errorf("convert to 8 bits: %w", err)
		}
	}
	return nil
}
