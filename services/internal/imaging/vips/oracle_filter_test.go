//go:build oracle

package vips_test

import "image"

var filterOpinions = map[string]opinion{
	"blur":               {convert: "-gaussian-blur 0x3", tolerance: 0.3, because: rounding},
	"blur_wide":          {convert: "-gaussian-blur 0x12", tolerance: 1, because: "done on fewer pixels"},
	"blur_region":        {convert: "( +clone -crop 60x50+40+20 +repage -gaussian-blur 0x5 ) -geometry +40+20 -composite", tolerance: 0.3, because: rounding},
	"blur_half_clear":    {convert: "-channel RGBA -gaussian-blur 0x3", tolerance: 0.3, because: rounding},
	"sharpen":            {convert: "-unsharp 0x2+1+0", tolerance: 4.5, because: "libvips sharpens lightness, flat areas not at all"},
	"sharpen_flat":       {convert: "-unsharp 0x1+2+0", tolerance: 4.5, because: "libvips sharpens lightness, flat areas less"},
	"unsharp":            {convert: "-unsharp 0x2+1.5+0.04", tolerance: 0.6, because: rounding},
	"unsharp_half_clear": {convert: "-channel RGB -unsharp 0x2+1.5+0.04", tolerance: 0.6, because: rounding},
	"median":             {compute: medians(2), tolerance: 0, because: ""},
	"pixelate":           {compute: squares(8, image.Rect(0, 0, 150, 100)), tolerance: 0.6, because: "the judge rounds down"},
	"pixelate_region":    {compute: squares(12, image.Rect(0, 30, 70, 100)), tolerance: 0.6, because: "the judge rounds down"},
	"vignette":           {compute: darkened(0.9, 0.8, 0), tolerance: 0.3, because: rounding},
	"vignette_colour":    {compute: darkened(1, 0.5, 1), tolerance: 0.3, because: rounding},
	"edge":               {compute: onGray(gradient), tolerance: 2, because: "libvips rounds in between"},
	"edge_blurred":       {compute: onGray(func(p plane) plane { return gradient(p.smoothed(1.5)) }), tolerance: 2, because: "libvips rounds in between"},
	"edge_canny":         {compute: onGray(ridges(1.4)), tolerance: 16, because: "libvips looks for ridges between pixels"},
	"emboss":             {compute: onGray(relief(135, 1)), tolerance: 0.5, because: rounding},
	"emboss_right":       {compute: onGray(relief(0, 2)), tolerance: 0.5, because: rounding},
	"sketch":             {compute: onGray(pencil), tolerance: 0.6, because: rounding},
	"oil_paint":          {convert: "-paint 3", tolerance: 9, because: "ImageMagick tells 256 levels apart, in a circle"},
	"oil_paint_gray":     {convert: "-paint 3", tolerance: 9, because: "ImageMagick tells 256 levels apart, in a circle"},
	"tilt_shift":         {compute: miniature(0.4, 0.25, 4), tolerance: 0.3, because: rounding},
	"denoise":            {compute: inLab(denoised(6, 20)), tolerance: 0.6, because: rounding},
	"halftone":           {compute: onGray(screened(6)), tolerance: 0.6, because: rounding},
}
