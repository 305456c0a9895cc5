package vips

import (
	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// shadow makes room around the picture, and lays its blurred shape behind it.
func shadow(img *vips.ImageRef, a recipe.Shadow) error {
	left, top, size := a.Room(sizeOf(img))
	if err := (recipe.Limits{StillPixels: recipe.MaxStillPixels}).CheckStep(size, 1); err != nil {
		return err
	}
	if err := toLayer(img, 1); err != nil {
		return err
	}
	shape, err := img.Copy()
	if err != nil {
		return err
	}
	defer shape.Close()
	if err := shape.ExtractBand(3, 1); err != nil {
		return err
	}
	if err := shape.Embed(left+a.X, top+a.Y, size.Width, size.Height, vips.ExtendBlack); err != nil {
		return err
	}
	behind, err := canvas(size, recipe.Colour{})
	if err != nil {
		return err
	}
	defer behind.Close()
	if err := stencil(behind, shape, a.Colour, 0, 0, a.Sigma); err != nil {
		return err
	}
	if err := img.EmbedBackgroundRGBA(left, top, size.Width, size.Height, &vips.ColorRGBA{}); err != nil {
		return err
	}
	return composite(img, behind, recipe.BlendBehind, 0, 0)
}
