package vips

import (
	"fmt"
	"math"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/raster"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

var filterChanges = []change{
	on(blur), on(sharpen), on(unsharp), on(median), on(pixelate), on(denoise), on(oilPaint),
	on(vignette), on(tiltShift), on(edges), on(emboss), on(sketch), on(halftone),
}

func blur(img *vips.ImageRef, a recipe.Blur) error {
	return premultiplied(img, func(img *vips.ImageRef) error { return gaussian(img, a.Sigma) })
}

// fine is the standard deviation that is enough for the eye after shrinking: the wave that is left of a blur is then so
// long that straight lines between pixels follow it.
const fine = 3

// gaussian blurs with a Gaussian. The wider, the more the picture is shrunk before and enlarged after, or the time would
// grow with sigma: to half a minute for 12 megapixels at 100.
func gaussian(img *vips.ImageRef, sigma float64) error {
	bytes := img.BandFormat() == vips.BandFormatUchar
	size := extentOf(img)
	factor := max(1, min(int(sigma/fine), size.Width, size.Height))
	if factor > 1 {
		if err := operate(img, "shrink", fmt.Sprintf("hshrink=%d,vshrink=%d,ceil=true", factor, factor)); err != nil {
			return err
		}
		// Averages over squares and lines between pixels blur too, with variances of (f² − 1)/12 and (f² − 1)/6.
		f := float64(factor)
		sigma = math.Sqrt(sigma*sigma-(f*f-1)/4) / f
	}
	// libvips' defaults are quick but off: the kernel ends at a fifth of its height, which blurs visibly less than asked, and
	// whole numbers make an even picture lighter or darker by up to 6 of 255.
	if err := operate(img, "gaussblur", fmt.Sprintf("sigma=%g,min_ampl=0.02,precision=float", sigma)); err != nil {
		return err
	}
	if factor > 1 {
		if err := operate(img, "resize", fmt.Sprintf("scale=%d,kernel=linear", factor)); err != nil {
			return err
		}
		if err := cut(img, size); err != nil {
			return err
		}
	}
	if bytes {
		return toBytes(img)
	}
	return nil
}

// cut keeps the upper left of a picture, whatever it says of frames.
func cut(img *vips.ImageRef, size recipe.Size) error {
	return operate(img, "extract_area", fmt.Sprintf("left=0,top=0,width=%d,height=%d", size.Width, size.Height),
		input{"input", img})
}

// blurred is a copy of the picture, blurred.
func blurred(img *vips.ImageRef, sigma float64) (*vips.ImageRef, error) {
	soft, err := img.Copy()
	if err != nil {
		return nil, err
	}
	if err := blur(soft, recipe.Blur{Sigma: sigma}); err != nil {
		soft.Close()
		return nil, err
	}
	return soft, nil
}

func sharpen(img *vips.ImageRef, a recipe.Sharpen) error {
	if err := fillClear(img, 2*a.Sigma); err != nil {
		return err
	}
	return operate(img, "sharpen", fmt.Sprintf("sigma=%g,x1=%g,m1=%g,m2=%g", a.Sigma, a.Threshold, a.Flat, a.Amount))
}

func unsharp(img *vips.ImageRef, a recipe.Unsharp) error {
	detail, err := blurred(img, a.Sigma)
	if err != nil {
		return err
	}
	defer detail.Close()
	if err := operate(detail, "subtract", "", input{"left", img}, input{"right", detail}); err != nil {
		return err
	}
	if detail.Bands()%2 == 0 {
		if err := detail.ExtractBand(0, detail.Bands()-1); err != nil {
			return err
		}
	}
	counts, err := operated(detail, "abs", "")
	if err != nil {
		return err
	}
	defer counts.Close()
	if err := operate(counts, "relational_const", fmt.Sprintf("relational=more,c=%g", a.Threshold)); err != nil {
		return err
	}
	return asideAlpha(img, func(img *vips.ImageRef) error {
		sharp, err := detail.Copy()
		if err != nil {
			return err
		}
		defer sharp.Close()
		if err := sharp.Linear1(a.Amount, 0); err != nil {
			return err
		}
		if err := sharp.Add(img); err != nil {
			return err
		}
		if err := toBytes(sharp); err != nil {
			return err
		}
		return choose(img, counts, sharp)
	})
}

// choose takes another picture's values where a mask is not 0.
func choose(img, mask, other *vips.ImageRef) error {
	space := img.Interpretation()
	if err := operate(img, "ifthenelse", "", input{"cond", mask}, input{"in1", other}, input{"in2", img}); err != nil {
		return err
	}
	return interpreted(img, space)
}

func median(img *vips.ImageRef, a recipe.Median) error {
	return premultiplied(img, func(img *vips.ImageRef) error {
		return repaint(img, func(dst, src raster.Picture) { raster.Median(dst, src, a.Radius) })
	})
}

func pixelate(img *vips.ImageRef, a recipe.Pixelate) error {
	size := extentOf(img)
	return premultiplied(img, func(img *vips.ImageRef) error {
		across, down := min(a.Edge, size.Width), min(a.Edge, size.Height)
		if err := operate(img, "shrink", fmt.Sprintf("hshrink=%d,vshrink=%d,ceil=true", across, down)); err != nil {
			return err
		}
		if err := operate(img, "zoom", fmt.Sprintf("xfac=%d,yfac=%d", across, down), input{"input", img}); err != nil {
			return err
		}
		return cut(img, size)
	})
}

func oilPaint(img *vips.ImageRef, a recipe.OilPaint) error {
	return repaint(img, func(dst, src raster.Picture) { raster.OilPaint(dst, src, a.Radius, a.Levels) })
}
