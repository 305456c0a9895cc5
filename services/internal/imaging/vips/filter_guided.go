package vips

import (
	"fmt"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// denoise runs the guided filter over all three bands of CIELAB.
func denoise(img *vips.ImageRef, a recipe.Denoise) error {
	if err := fillClear(img, 2*window); err != nil {
		return err
	}
	return asideAlpha(img, func(img *vips.ImageRef) error {
		space := img.Interpretation()
		if err := img.ToColorSpace(vips.InterpretationLAB); err != nil {
			return err
		}
		// What varies less than this is noise. It may not be 0, for nothing may be divided by 0.
		const least = 1e-4
		noise := []float64{a.Lightness*a.Lightness + least, a.Chroma*a.Chroma + least, a.Chroma*a.Chroma + least}
		if err := guided(img, noise); err != nil {
			return err
		}
		return backFrom(img, vips.InterpretationLAB, space)
	})
}

// guided replaces each value I by G(a)·I + G(b), where G is the mean under the window, a = var / (var + noise) is near 1
// at edges and near 0 elsewhere, and b = (1 − a)·G(I).
func guided(img *vips.ImageRef, noise []float64) error {
	mean, err := smoothed(img)
	if err != nil {
		return err
	}
	defer mean.Close()
	share, err := variance(img, mean)
	if err != nil {
		return err
	}
	defer share.Close()
	total, err := share.Copy()
	if err != nil {
		return err
	}
	defer total.Close()
	if err := total.Linear([]float64{1, 1, 1}, noise); err != nil {
		return err
	}
	if err := share.Divide(total); err != nil {
		return err
	}
	// From here on mean is b.
	rest, err := share.Copy()
	if err != nil {
		return err
	}
	defer rest.Close()
	if err := rest.Linear1(-1, 1); err != nil {
		return err
	}
	if err := mean.Multiply(rest); err != nil {
		return err
	}
	for _, one := range []*vips.ImageRef{share, mean} {
		if err := operate(one, "gaussblur", smoothing); err != nil {
			return err
		}
	}
	if err := img.Multiply(share); err != nil {
		return err
	}
	return img.Add(mean)
}

// variance is G(I²) − G(I)², at least 0.
func variance(img, mean *vips.ImageRef) (*vips.ImageRef, error) {
	square, err := operated(img, "multiply", "", input{"left", img}, input{"right", img})
	if err != nil {
		return nil, err
	}
	defer square.Close()
	spread, err := smoothed(square)
	if err != nil {
		return nil, err
	}
	squared, err := operated(mean, "multiply", "", input{"left", mean}, input{"right", mean})
	if err != nil {
		spread.Close()
		return nil, err
	}
	defer squared.Close()
	if err := spread.Subtract(squared); err != nil {
		spread.Close()
		return nil, err
	}
	// Rounding can leave a little less than 0, whose size matters no more than its sign.
	if err := operate(spread, "abs", ""); err != nil {
		spread.Close()
		return nil, err
	}
	return spread, nil
}

// window is the standard deviation in pixels of the Gaussian under which the guided filter looks for noise.
const window = 2

// smoothing is the window in libvips' notation.
var smoothing = fmt.Sprintf("sigma=%d,precision=float", window)

// smoothed is the mean under the window.
func smoothed(img *vips.ImageRef) (*vips.ImageRef, error) {
	return operated(img, "gaussblur", smoothing)
}
