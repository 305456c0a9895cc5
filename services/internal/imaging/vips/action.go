package vips

import (
	"fmt"
	"math"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// apply does one action. Its errors are libvips' own and not for clients.
func (f *frame) apply(action recipe.Action) error {
	if scale, ok := action.(recipe.Scale); ok {
		return f.scale(scale.Size)
	}
	if err := f.settle(); err != nil {
		return err
	}
	// Pixels that come from the file in order can be cut and recoloured on the way; anything else looks around.
	if !action.Framewise() {
		if err := f.materialize(); err != nil {
			return err
		}
	}
	if err := f.change(action); err != nil {
		return fmt.Errorf("apply %T: %w", action, err)
	}
	f.size, f.lazy = f.actual(), true
	return nil
}

func (f *frame) change(action recipe.Action) error {
	switch a := action.(type) {
	case recipe.Crop:
		return f.img.ExtractArea(a.X, a.Y, a.Width, a.Height)
	case recipe.SmartCrop:
		return f.img.SmartCrop(a.Width, a.Height, interesting(a.By))
	case recipe.Turn:
		return f.img.Rotate(vips.Angle(a.Quarters))
	case recipe.Rotate:
		return f.rotate(a)
	case recipe.Blur:
		return f.img.GaussianBlur(a.Sigma)
	case recipe.Sharpen:
		return f.img.Sharpen(a.Sigma, 2, 3)
	case recipe.Gray:
		return f.img.ToColorSpace(vips.InterpretationBW)
	case recipe.Sepia:
		return f.sepia(a)
	default:
		return fmt.Errorf("no such action: %T", action)
	}
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
	resize := func() error {
		across, down := float64(to.Width)/float64(now.Width), float64(to.Height)/float64(now.Height)
		if err := f.img.ResizeWithVScale(across, down, vips.KernelLanczos3); err != nil {
			return err
		}
		if f.img.BandFormat() == vips.BandFormatUchar {
			return nil
		}
		return f.img.Cast(vips.BandFormatUchar)
	}
	if f.streamed {
		f.lazy = true
		return resize()
	}
	f.lazy = false
	return inOrder(f.img, resize)
}

// rotate turns by any angle. A background that is not opaque needs an alpha channel to show.
func (f *frame) rotate(a recipe.Rotate) error {
	if f.img.Bands() < 3 {
		if err := f.img.ToColorSpace(vips.InterpretationSRGB); err != nil {
			return err
		}
	}
	if a.Background.A < math.MaxUint8 && !f.img.HasAlpha() {
		if err := f.img.AddAlpha(); err != nil {
			return err
		}
	}
	b := a.Background
	background := &vips.ColorRGBA{R: b.R, G: b.G, B: b.B, A: b.A}
	// Edges between opaque and clear must not darken.
	if err := f.img.PremultiplyAlpha(); err != nil {
		return err
	}
	if b.A == 0 {
		background = &vips.ColorRGBA{}
	}
	if err := f.img.Similarity(1, a.Degrees, background, 0, 0, 0, 0); err != nil {
		return err
	}
	if err := f.img.UnpremultiplyAlpha(); err != nil {
		return err
	}
	return f.img.Cast(vips.BandFormatUchar)
}

func (f *frame) sepia(a recipe.Sepia) error {
	if f.img.Bands() < 3 {
		if err := f.img.ToColorSpace(vips.InterpretationSRGB); err != nil {
			return err
		}
	}
	if err := f.img.Recomb(a.Matrix()); err != nil {
		return err
	}
	return f.img.Cast(vips.BandFormatUchar)
}

func interesting(gravity recipe.Gravity) vips.Interesting {
	if gravity == recipe.Entropy {
		return vips.InterestingEntropy
	}
	return vips.InterestingAttention
}
