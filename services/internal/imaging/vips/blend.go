package vips

import (
	"fmt"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// asideAlpha does something to the colours alone and puts the alpha channel back as it was.
func asideAlpha(img *vips.ImageRef, do func(*vips.ImageRef) error) error {
	if !img.HasAlpha() {
		return do(img)
	}
	last := img.Bands() - 1
	alpha, err := img.ExtractBandToImage(last, 1)
	if err != nil {
		return err
	}
	defer alpha.Close()
	if err := img.ExtractBand(0, last); err != nil {
		return err
	}
	if err := do(img); err != nil {
		return err
	}
	return img.BandJoin(alpha)
}

// premultiplied does something that mixes pixels to colours that are weighed by their opacity, so that clear pixels lend
// none. It works on bytes where there is no alpha, and else on floating point numbers.
func premultiplied(img *vips.ImageRef, do func(*vips.ImageRef) error) error {
	if !img.HasAlpha() {
		return do(img)
	}
	if err := operate(img, "premultiply", ""); err != nil {
		return err
	}
	if err := do(img); err != nil {
		return err
	}
	if err := operate(img, "unpremultiply", ""); err != nil {
		return err
	}
	return toBytes(img)
}

// fillClear gives pixels the colours of those around them, the more the clearer they are, for what looks at colours
// without regard to opacity. Opacity stays.
func fillClear(img *vips.ImageRef, sigma float64) error {
	if !img.HasAlpha() {
		return nil
	}
	around, err := blurred(img, sigma)
	if err != nil {
		return err
	}
	defer around.Close()
	last := img.Bands() - 1
	alpha, err := img.ExtractBandToImage(last, 1)
	if err != nil {
		return err
	}
	defer alpha.Close()
	if err := around.ExtractBand(0, last); err != nil {
		return err
	}
	return asideAlpha(img, func(img *vips.ImageRef) error {
		own, err := img.Copy()
		if err != nil {
			return err
		}
		defer own.Close()
		if err := changeTo(img, around); err != nil {
			return err
		}
		return layOver(img, own, alpha)
	})
}

// layOver lays a picture of the same bands over another, as opaque as a mask of one band of bytes says.
func layOver(img, over, mask *vips.ImageRef) error {
	space := img.Interpretation()
	if err := operate(img, "ifthenelse", "blend=true", input{"cond", mask}, input{"in1", over}, input{"in2", img}); err != nil {
		return err
	}
	return interpreted(img, space)
}

// spaces are libvips' words for what bands mean.
var spaces = map[vips.Interpretation]string{
	vips.InterpretationSRGB: "srgb", vips.InterpretationBW: "b-w", vips.InterpretationLAB: "lab", vips.InterpretationLCH: "lch",
}

// interpreted says what the bands mean, after operations that lose it.
func interpreted(img *vips.ImageRef, space vips.Interpretation) error {
	if img.Interpretation() == space {
		return nil
	}
	return operate(img, "copy", "interpretation="+spaces[space])
}

// changeTo lets img show what another picture does.
func changeTo(img, other *vips.ImageRef) error {
	return operate(img, "copy", "", input{"in", other})
}

// mix lays what other actions make of the picture over it.
func mix(img *vips.ImageRef, a recipe.Mix) error {
	over, err := img.Copy()
	if err != nil {
		return err
	}
	defer over.Close()
	for _, action := range a.Of {
		if err := perform(over, action); err != nil {
			return err
		}
	}
	if over.HasAlpha() {
		if err := over.ExtractBand(0, over.Bands()-1); err != nil {
			return err
		}
	}
	if img.Bands() >= 3 || over.Bands() >= 3 {
		for _, one := range []*vips.ImageRef{img, over} {
			if err := toColours(one); err != nil {
				return err
			}
		}
	}
	return asideAlpha(img, func(img *vips.ImageRef) error {
		if err := over.Linear1(a.Opacity, 0); err != nil {
			return err
		}
		if err := img.Linear1(1-a.Opacity, 0); err != nil {
			return err
		}
		if err := img.Add(over); err != nil {
			return err
		}
		return toBytes(img)
	})
}

// within does other actions to a box, and puts it back.
func within(img *vips.ImageRef, a recipe.Within) error {
	box, err := img.Copy()
	if err != nil {
		return err
	}
	defer box.Close()
	if err := box.ExtractArea(a.X, a.Y, a.Box.Width, a.Box.Height); err != nil {
		return err
	}
	for _, action := range a.Of {
		if err := perform(box, action); err != nil {
			return err
		}
	}
	return operate(img, "insert", fmt.Sprintf("x=%d,y=%d", a.X, a.Y), input{"main", img}, input{"sub", box})
}
