//go:build oracle

package vips_test

var geometryOpinions = map[string]opinion{
	"resize_exact":    {convert: "-filter Lanczos -resize 120x50!", tolerance: 0.6, because: resampler},
	"resize_width":    {convert: "-filter Lanczos -resize 100x67!", tolerance: 0.6, because: resampler},
	"resize_scale":    {convert: "-filter Lanczos -resize 113x75!", tolerance: 0.6, because: resampler},
	"fit":             {convert: "-filter Lanczos -resize 90x90", tolerance: 0.6, because: resampler},
	"fit_small_stays": {convert: "-resize 900x>", tolerance: 0},
	"fit_enlarge":     {convert: "-filter Lanczos -resize 180x", tolerance: 4.5, because: "libvips enlarges half a pixel to the south east"},
	"fill_center":     {convert: "-filter Lanczos -resize 80x80^ -gravity center -extent 80x80", tolerance: 0.6, because: resampler},
	"fill_west":       {convert: "-filter Lanczos -resize 80x80^ -gravity west -extent 80x80", tolerance: 0.6, because: resampler},
	"fill_attention":  {vips: "thumbnail IN OUT 80 --height 80 --crop attention", tolerance: 0.6, because: resampler},
	"fill_entropy":    {vips: "thumbnail IN OUT 80 --height 80 --crop entropy", tolerance: 0.6, because: resampler},
	"fill_no_enlarge": {convert: "-gravity center -crop 100x100+0+0 +repage", tolerance: 0},
	"crop_box":        {convert: "-crop 100x80+120+60 +repage", tolerance: 0},
	"crop_clamped":    {convert: "-crop 80x50+0+250 +repage", tolerance: 0},
	"crop_gravity":    {convert: "-gravity southeast -crop 100x80+0+0 +repage", tolerance: 0},
	"rotate_quarter":  {convert: "-rotate 90", tolerance: 0},
	"rotate_free":     {convert: "-background #ff8800 -virtual-pixel background +distort SRT -30 +repage -gravity center -extent 180x162", tolerance: 1.5, because: resampler},
	"rotate_clear":    {convert: "-background none -virtual-pixel transparent -define distort:viewport=177x177-14-38 -distort SRT 45 +repage", tolerance: 2, because: resampler},
}
