package vips

import (
	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/raster"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// shadow makes room around the picture, and lays its blurred shape behind it.
func shadow(img *vips.ImageRef, a recipe.Shadow) error {
	left, top, size := a.Room(sizeOf(img))
	return backed(img, left, top, size, func(shape *vips.ImageRef) (*vips.ImageRef, error) {
		if err := shape.Embed(left+a.X, top+a.Y, size.Width, size.Height, vips.ExtendBlack); err != nil {
			return nil, err
		}
		return stencilled(shape, a.Colour, a.Sigma)
	})
}

// outline makes room around the picture, and lays its grown shape behind it.
func outline(img *vips.ImageRef, a recipe.Outline) error {
	reach, size := a.Reach(), a.Result(sizeOf(img))
	return backed(img, reach, reach, size, func(shape *vips.ImageRef) (*vips.ImageRef, error) {
		if err := shape.Embed(reach, reach, size.Width, size.Height, vips.ExtendBlack); err != nil {
			return nil, err
		}
		if err := repaint(shape, func(dst, src raster.Picture) { raster.Dilate(dst, src, a.Width) }); err != nil {
			return nil, err
		}
		return stencilled(shape, a.Colour, a.Sigma)
	})
}

// backed puts the picture into a larger one, before something that is made of its shape.
func backed(img *vips.ImageRef, left, top int, size recipe.Size, behind func(shape *vips.ImageRef) (*vips.ImageRef, error)) error {
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
	back, err := behind(shape)
	if err != nil {
		return err
	}
	defer back.Close()
	if err := img.EmbedBackgroundRGBA(left, top, size.Width, size.Height, &vips.ColorRGBA{}); err != nil {
		return err
	}
	return composite(img, back, recipe.BlendBehind, 0, 0)
}

// stencilled is a colour through a shape that was blurred.
func stencilled(shape *vips.ImageRef, colour recipe.Colour, sigma float64) (*vips.ImageRef, error) {
	paper, err := canvas(sizeOf(shape), recipe.Colour{})
	if err != nil {
		return nil, err
	}
	if err := stencil(paper, shape, colour, 0, 0, sigma); err != nil {
		paper.Close()
		return nil, err
	}
	return paper, nil
}
