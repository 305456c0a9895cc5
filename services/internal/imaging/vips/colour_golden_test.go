package vips_test

import (
	"image"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

var colourGoldens = map[string]golden{
	"grayscale":          {chain(small, step("grayscale", ``, "png")), image.Pt(150, 100), image.Rectangle{}},
	"sepia":              {chain(small, step("sepia", ``, "png")), image.Pt(150, 100), image.Rectangle{}},
	"sepia_half_of_gray": {chain(small, recipe.Step{Op: "grayscale"}, step("sepia", `{"strength":0.5}`, "png")), image.Pt(150, 100), image.Rectangle{}},
}
