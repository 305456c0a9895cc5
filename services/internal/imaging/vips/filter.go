package vips

import (
	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

var filterChanges = []change{on(blur), on(sharpen)}

func blur(img *vips.ImageRef, a recipe.Blur) error { return img.GaussianBlur(a.Sigma) }

func sharpen(img *vips.ImageRef, a recipe.Sharpen) error { return img.Sharpen(a.Sigma, 2, 3) }
