package vips

import (
	"errors"
	"fmt"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// blendModes are libvips' names of the ways to blend.
var blendModes = map[recipe.Blend]vips.BlendMode{
	"":                     vips.BlendModeOver,
	recipe.BlendNormal:     vips.BlendModeOver,
	recipe.BlendMultiply:   vips.BlendModeMultiply,
	recipe.BlendScreen:     vips.BlendModeScreen,
	recipe.BlendOverlay:    vips.BlendModeOverlay,
	recipe.BlendDarken:     vips.BlendModeDarken,
	recipe.BlendLighten:    vips.BlendModeLighten,
	recipe.BlendColorDodge: vips.BlendModeColorDodge,
	recipe.BlendColorBurn:  vips.BlendModeColorBurn,
	recipe.BlendHardLight:  vips.BlendModeHardLight,
	recipe.BlendSoftLight:  vips.BlendModeSoftLight,
	recipe.BlendDifference: vips.BlendModeDifference,
	recipe.BlendExclusion:  vips.BlendModeExclusion,
	recipe.BlendAdd:        vips.BlendModeAdd,
	recipe.BlendBehind:     vips.BlendModeDestOver,
	recipe.BlendAtop:       vips.BlendModeAtop,
	recipe.BlendMask:       vips.BlendModeDestIn,
	recipe.BlendCut:        vips.BlendModeDestOut,
	recipe.BlendMaskLight:  vips.BlendModeDestIn,
}

// overlay lays a further picture of the job over every frame.
func (f *frame) overlay(a recipe.Overlay) error {
	layer, err := f.album.picture(a.Picture, a.Steps)
	if err != nil {
		return err
	}
	defer layer.close()
	if a.Blend == recipe.BlendMaskLight && !layer.img.HasAlpha() {
		if err := lightAsAlpha(layer.img); err != nil {
			return err
		}
	}
	if err := toLayer(layer.img, a.Opacity); err != nil {
		return err
	}
	x, y := a.Anchor.Place(sizeOf(layer.img), f.size)
	if a.Tile {
		if err := tile(layer.img, f.size, &x, &y); err != nil {
			return err
		}
	}
	if a.Grow {
		return f.each(func(img *vips.ImageRef) error { return f.grown(img, layer.img, a.Blend, x, y) })
	}
	return f.each(func(img *vips.ImageRef) error { return composite(img, layer.img, a.Blend, x, y) })
}

// toLayer makes a picture one of red, green, blue and alpha, with its alpha multiplied by the opacity.
func toLayer(img *vips.ImageRef, opacity float64) error {
	if err := toColours(img); err != nil {
		return err
	}
	if err := withAlpha(img); err != nil {
		return err
	}
	if opacity < 1 {
		if err := img.Linear([]float64{1, 1, 1, opacity}, []float64{0, 0, 0, 0}); err != nil {
			return err
		}
		if err := toBytes(img); err != nil {
			return err
		}
	}
	return inMemory(img)
}

// lightAsAlpha makes a picture as opaque as it is light.
func lightAsAlpha(img *vips.ImageRef) error {
	light, err := img.Copy()
	if err != nil {
		return err
	}
	defer light.Close()
	if err := light.ToColorSpace(vips.InterpretationBW); err != nil {
		return err
	}
	if err := toColours(img); err != nil {
		return err
	}
	return img.BandJoin(light)
}

func sizeOf(img *vips.ImageRef) recipe.Size {
	return recipe.Size{Width: img.Width(), Height: img.Height()}
}

// tile repeats a layer over a picture of the size. The one at x, y stays where it is; the others go in all directions.
func tile(img *vips.ImageRef, over recipe.Size, x, y *int) error {
	one := sizeOf(img)
	left, top := startBefore(*x, one.Width), startBefore(*y, one.Height)
	across, down := (over.Width-left+one.Width-1)/one.Width, (over.Height-top+one.Height-1)/one.Height
	if err := img.Replicate(max(1, across), max(1, down)); err != nil {
		return err
	}
	*x, *y = 0, 0
	return img.ExtractArea(-left, -top, min(over.Width, img.Width()+left), min(over.Height, img.Height()+top))
}

// startBefore is the last of at, at ± step, … that is not above 0.
func startBefore(at, step int) int {
	at %= step
	if at > 0 {
		at -= step
	}
	return at
}

// grown makes the picture larger where the layer sticks out, and lays the layer over it.
func (f *frame) grown(img, layer *vips.ImageRef, blend recipe.Blend, x, y int) error {
	base, over := sizeOf(img), sizeOf(layer)
	left, top := max(0, -x), max(0, -y)
	to := recipe.Size{
		Width: left + max(base.Width, x+over.Width), Height: top + max(base.Height, y+over.Height),
	}
	if to != base {
		if err := f.limits.CheckStep(to, f.frames); err != nil {
			return err
		}
		if err := toLayer(img, 1); err != nil {
			return err
		}
		if err := img.EmbedBackgroundRGBA(left, top, to.Width, to.Height, &vips.ColorRGBA{}); err != nil {
			return err
		}
	}
	return composite(img, layer, blend, x+left, y+top)
}

// composite lays a layer of red, green, blue and alpha over a picture. An opaque picture stays opaque, unless the layer
// is a stencil.
func composite(img, layer *vips.ImageRef, blend recipe.Blend, x, y int) error {
	mode, known := blendModes[blend]
	if !known {
		return fmt.Errorf("no such blend %q", blend)
	}
	if err := toColours(img); err != nil {
		return err
	}
	keeps := blend == recipe.BlendMask || blend == recipe.BlendMaskLight
	opaque := !img.HasAlpha() && !keeps && blend != recipe.BlendCut
	// Only the part over the picture counts, and libvips would compute the rest.
	part, err := layer.Copy()
	if err != nil {
		return err
	}
	defer part.Close()
	left, top := max(0, -x), max(0, -y)
	width, height := min(part.Width()-left, img.Width()-max(0, x)), min(part.Height()-top, img.Height()-max(0, y))
	if width <= 0 || height <= 0 {
		if keeps {
			return errors.New("the mask lies beside the picture")
		}
		return nil
	}
	if err := part.ExtractArea(left, top, width, height); err != nil {
		return err
	}
	if err := img.Composite(part, mode, max(0, x), max(0, y)); err != nil {
		return err
	}
	if opaque && img.HasAlpha() {
		if err := img.ExtractBand(0, 3); err != nil {
			return err
		}
	}
	return toBytes(img)
}
