package vips

import (
	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/raster"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// withAlpha gives the picture an alpha channel where it has none.
func withAlpha(img *vips.ImageRef) error {
	if img.HasAlpha() {
		return nil
	}
	return img.AddAlpha()
}

func clearColour(img *vips.ImageRef, a recipe.ClearColour) error {
	if err := toColours(img); err != nil {
		return err
	}
	if err := withAlpha(img); err != nil {
		return err
	}
	var colour *[3]uint8
	if a.Colour != nil {
		colour = &[3]uint8{a.Colour.R, a.Colour.G, a.Colour.B}
	}
	return repaint(img, func(dst, src raster.Picture) { raster.ClearColour(dst, src, colour, a.Tolerance) })
}

func replaceColour(img *vips.ImageRef, a recipe.ReplaceColour) error {
	if err := toColours(img); err != nil {
		return err
	}
	return repaint(img, func(dst, src raster.Picture) {
		raster.ReplaceColour(dst, src, [3]uint8{a.From.R, a.From.G, a.From.B}, [3]uint8{a.To.R, a.To.G, a.To.B}, a.Tolerance)
	})
}

func fade(img *vips.ImageRef, a recipe.Fade) error {
	if err := withAlpha(img); err != nil {
		return err
	}
	return repaint(img, func(dst, src raster.Picture) { raster.Fade(dst, src, a.Across(src.Width), a.Down(src.Height)) })
}
