package vips

import (
	"fmt"
	"math"
	"slices"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

var geometryChanges = []change{on(crop), on(turn), on(flip), on(rotate), on(extend), on(mask), on(density), on(retime), on(shadow), on(outline), on(warp)}

// millimetres make an inch.
const millimetres = 25.4

// density says how many pixels make an inch; libvips counts those of a millimetre.
func density(img *vips.ImageRef, a recipe.Density) error {
	return operate(img, "copy", fmt.Sprintf("xres=%[1]g,yres=%[1]g", a.DPI/millimetres))
}

// retime says how the frames of an animation follow each other.
func retime(img *vips.ImageRef, a recipe.Retime) error {
	frames := img.Pages()
	if frames < 2 {
		return nil
	}
	if a.Delay > 0 {
		if err := img.SetPageDelay(slices.Repeat([]int{a.Delay}, frames)); err != nil {
			return fmt.Errorf("set delays: %w", err)
		}
	}
	if a.Loop == nil {
		return nil
	}
	return img.SetLoop(*a.Loop)
}

// scale brings the picture to exactly the size, whatever the decoder has left of it, and then settles it: there are
// fewer pixels now.
func (f *frame) scale(to recipe.Size) error {
	target := to
	if f.sideways() {
		target = to.Turned()
	}
	if err := f.resample(target); err != nil {
		return fmt.Errorf("scale: %w", err)
	}
	if err := f.settle(); err != nil {
		return err
	}
	f.size = f.actual()
	if f.size != to {
		return fmt.Errorf("scale to %v: got %v", to, f.size)
	}
	return nil
}

// resample resizes the pixels as they lie.
func (f *frame) resample(to recipe.Size) error {
	now := f.actual()
	if now == to {
		return nil
	}
	if !f.streamed && !f.lazy && f.frames == 1 && f.smaller != nil {
		level, err := f.smaller.nearest(to)
		if err != nil {
			return err
		}
		if level != nil {
			f.img.Close()
			f.img, now = level, sizeOf(level)
		}
	}
	resize := func() error {
		less := now.Within(to)
		across, down := float64(less.Width)/float64(now.Width), float64(less.Height)/float64(now.Height)
		if err := f.img.ResizeWithVScale(across, down, vips.KernelLanczos3); err != nil {
			return err
		}
		if err := f.enlarge(less, to); err != nil {
			return err
		}
		return toBytes(f.img)
	}
	if f.streamed {
		f.lazy = true
		return resize()
	}
	f.lazy = false
	if err := inOrder(f.img, resize); err != nil {
		return err
	}
	f.anew()
	return nil
}

// enlarge interpolates, with a bicubic kernel, so that both pictures have the same centre. libvips' own resize is half a
// pixel of the result off to the right and down.
func (f *frame) enlarge(from, to recipe.Size) error {
	if from == to {
		return nil
	}
	across, down := float64(to.Width)/float64(from.Width), float64(to.Height)/float64(from.Height)
	options := fmt.Sprintf("matrix=%g 0 0 %g,interpolate=bicubic,idx=%g,idy=%g,extend=copy,oarea=0 0 %d %d",
		across, down, 0.5-0.5/across, 0.5-0.5/down, to.Width, to.Height*f.frames)
	if err := operate(f.img, "affine", options); err != nil {
		return err
	}
	if f.frames == 1 {
		return nil
	}
	return setFrames(f.img, f.frames, to.Height)
}

func crop(img *vips.ImageRef, a recipe.Crop) error {
	return img.ExtractArea(a.X, a.Y, a.Width, a.Height)
}

func turn(img *vips.ImageRef, a recipe.Turn) error { return img.Rotate(vips.Angle(a.Quarters)) }

func flip(img *vips.ImageRef, a recipe.Flip) error {
	if a.Vertical {
		return img.Flip(vips.DirectionVertical)
	}
	return img.Flip(vips.DirectionHorizontal)
}

// rotate turns by any angle. A background that is not opaque needs an alpha channel to show.
func rotate(img *vips.ImageRef, a recipe.Rotate) error {
	if err := toColours(img); err != nil {
		return err
	}
	if a.Background.A < math.MaxUint8 && !img.HasAlpha() {
		if err := img.AddAlpha(); err != nil {
			return err
		}
	}
	b := a.Background
	background := &vips.ColorRGBA{R: b.R, G: b.G, B: b.B, A: b.A}
	// Edges between opaque and clear must not darken.
	if err := img.PremultiplyAlpha(); err != nil {
		return err
	}
	if b.A == 0 {
		background = &vips.ColorRGBA{}
	}
	if err := img.Similarity(1, a.Degrees, background, 0, 0, 0, 0); err != nil {
		return err
	}
	if err := img.UnpremultiplyAlpha(); err != nil {
		return err
	}
	return toBytes(img)
}
