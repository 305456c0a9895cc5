package vips_test

import (
	"image"
)

var filterGoldens = map[string]golden{
	"blur":    {chain(small, step("blur", `{"sigma":3}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"sharpen": {chain(small, step("sharpen", `{"sigma":2}`, "png")), image.Pt(150, 100), image.Rectangle{}},
}
