package vips

import (
	"math"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// smooth is a step from 0 to most with neither end abrupt: t²(3 − 2t).
func smooth(most float64) (table [256]uint8) {
	for i := range table {
		t := float64(i) / 255
		table[i] = uint8(math.Round(255 * most * t * t * (3 - 2*t)))
	}
	return table
}

// places is a picture of two bands, in which each pixel holds a·x + b and a·y + b.
func places(size recipe.Size, a, b [2]float64) (*vips.ImageRef, error) {
	at, err := vips.XYZ(size.Width, size.Height)
	if err != nil {
		return nil, err
	}
	if err := at.Linear(a[:], b[:]); err != nil {
		at.Close()
		return nil, err
	}
	return at, nil
}

func extentOf(img *vips.ImageRef) recipe.Size {
	return recipe.Size{Width: img.Width(), Height: img.Height()}
}

// ramp makes a mask: values from 0 to 1 become a smooth step up to most.
func ramp(values *vips.ImageRef, most float64) error {
	if err := values.Linear1(255, 0); err != nil {
		return err
	}
	if err := toBytes(values); err != nil {
		return err
	}
	return lookUp(values, smooth(most))
}

func vignette(img *vips.ImageRef, a recipe.Vignette) error {
	size := extentOf(img)
	cx, cy := float64(size.Width-1)/2, float64(size.Height-1)/2
	rx, ry := max(cx, 1), max(cy, 1)
	mask, err := places(size, [2]float64{1 / rx, 1 / ry}, [2]float64{-cx / rx, -cy / ry})
	if err != nil {
		return err
	}
	defer mask.Close()
	if err := mask.Multiply(mask); err != nil {
		return err
	}
	// The mean of both squares is 1 in the corners.
	if err := operate(mask, "bandmean", ""); err != nil {
		return err
	}
	if err := operate(mask, "math2_const", "math2=pow,c=0.5"); err != nil {
		return err
	}
	if err := mask.Linear1(1/a.Softness, 1-1/a.Softness); err != nil {
		return err
	}
	if err := ramp(mask, a.Strength); err != nil {
		return err
	}
	if a.Colour.R != a.Colour.G || a.Colour.G != a.Colour.B {
		if err := toColours(img); err != nil {
			return err
		}
	}
	return asideAlpha(img, func(img *vips.ImageRef) error {
		over, err := img.Copy()
		if err != nil {
			return err
		}
		defer over.Close()
		ink := []float64{float64(a.Colour.R), float64(a.Colour.G), float64(a.Colour.B)}[:img.Bands()]
		if err := over.Linear(make([]float64, len(ink)), ink); err != nil {
			return err
		}
		if err := toBytes(over); err != nil {
			return err
		}
		return layOver(img, over, mask)
	})
}

func tiltShift(img *vips.ImageRef, a recipe.TiltShift) error {
	soft, err := blurred(img, a.Sigma)
	if err != nil {
		return err
	}
	defer soft.Close()
	height := float64(img.Height())
	mask, err := places(extentOf(img), [2]float64{1, 1 / height}, [2]float64{0, 0.5/height - a.Position})
	if err != nil {
		return err
	}
	defer mask.Close()
	if err := mask.ExtractBand(1, 1); err != nil {
		return err
	}
	if err := operate(mask, "abs", ""); err != nil {
		return err
	}
	// From 0 at the edge of the band, which is half its width from the middle, to 1 at a width more.
	if err := mask.Linear1(1/a.Width, -0.5); err != nil {
		return err
	}
	if err := ramp(mask, 1); err != nil {
		return err
	}
	return layOver(img, soft, mask)
}

// halftone compares with a screen of cosines, softly over a few grays, so that the dots' edges are not jagged.
func halftone(img *vips.ImageRef, a recipe.Halftone) error {
	degrees := 360 / (math.Sqrt2 * a.Pitch)
	screen, err := places(extentOf(img), [2]float64{degrees, degrees}, [2]float64{})
	if err != nil {
		return err
	}
	defer screen.Close()
	if err := operate(screen, "math", "math=cos"); err != nil {
		return err
	}
	down, err := screen.ExtractBandToImage(1, 1)
	if err != nil {
		return err
	}
	defer down.Close()
	if err := screen.ExtractBand(0, 1); err != nil {
		return err
	}
	if err := screen.Multiply(down); err != nil {
		return err
	}
	if err := screen.Linear1(127.5, 127.5); err != nil {
		return err
	}
	const steepness = 4
	return asideAlpha(img, func(img *vips.ImageRef) error {
		if err := img.Subtract(screen); err != nil {
			return err
		}
		if err := img.Linear1(steepness, 127.5); err != nil {
			return err
		}
		if err := toBytes(img); err != nil {
			return err
		}
		return interpreted(img, vips.InterpretationBW)
	})
}
