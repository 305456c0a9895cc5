package vips

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// edges works on gray, and knows nothing of opacity.
func edges(img *vips.ImageRef, a recipe.Edges) error {
	return asideAlpha(img, func(img *vips.ImageRef) error {
		if !a.Thin {
			return sobel(img, a.Sigma)
		}
		if err := operate(img, "canny", fmt.Sprintf("sigma=%g,precision=float", a.Sigma)); err != nil {
			return err
		}
		// libvips gives squares: near to (10 / sigma)² for a step from black to white. A quarter of such a step shall be white, as with Sobel.
		if err := operate(img, "math2_const", "math2=pow,c=0.5"); err != nil {
			return err
		}
		if err := img.Linear1(4*255*a.Sigma/10, 0); err != nil {
			return err
		}
		return toBytes(img)
	})
}

func sobel(img *vips.ImageRef, sigma float64) error {
	if sigma > 0 {
		if err := gaussian(img, sigma); err != nil {
			return err
		}
	}
	return operate(img, "sobel", "")
}

// emboss turns the masks of Sobel towards the light: what rises away from it lies in its shine. Divided by 4, a step has
// its own height.
func emboss(img *vips.ImageRef, a recipe.Emboss) error {
	sin, cos := math.Sincos(a.Degrees * math.Pi / 180)
	across := [9]float64{-1, 0, 1, -2, 0, 2, -1, 0, 1}
	down := [9]float64{-1, -2, -1, 0, 0, 0, 1, 2, 1}
	var weights []byte
	for i := range across {
		weight := (sin*down[i] - cos*across[i]) * a.Strength / 4
		weights = binary.NativeEndian.AppendUint64(weights, math.Float64bits(weight))
	}
	mask, err := vips.NewImageFromMemory(weights, 3, 3, 1, vips.BandFormatDouble, vips.InterpretationMatrix)
	if err != nil {
		return err
	}
	defer mask.Close()
	return asideAlpha(img, func(img *vips.ImageRef) error {
		if err := operate(img, "conv", "precision=float", input{"in", img}, input{"mask", mask}); err != nil {
			return err
		}
		if err := img.Linear1(1, 127.5); err != nil {
			return err
		}
		return toBytes(img)
	})
}

// sketch divides by the blur. One is added to both, so that black areas are even too.
func sketch(img *vips.ImageRef, a recipe.Sketch) error {
	soft, err := blurred(img, a.Sigma)
	if err != nil {
		return err
	}
	defer soft.Close()
	if soft.Bands()%2 == 0 {
		if err := soft.ExtractBand(0, soft.Bands()-1); err != nil {
			return err
		}
	}
	if err := soft.Linear1(1, 1); err != nil {
		return err
	}
	return asideAlpha(img, func(img *vips.ImageRef) error {
		if err := img.Linear1(255, 255); err != nil {
			return err
		}
		if err := img.Divide(soft); err != nil {
			return err
		}
		return toBytes(img)
	})
}
