//go:build oracle

package vips_test

import (
	"image"
	"image/color"
)

var geometryOpinions = map[string]opinion{
	"resize_exact":    {convert: "-filter Lanczos -resize 120x50!", tolerance: 0.6, because: resampler},
	"resize_width":    {convert: "-filter Lanczos -resize 100x67!", tolerance: 0.6, because: resampler},
	"resize_scale":    {convert: "-filter Lanczos -resize 113x75!", tolerance: 0.6, because: resampler},
	"fit":             {convert: "-filter Lanczos -resize 90x90", tolerance: 0.6, because: resampler},
	"fit_small_stays": {convert: "-resize 900x>", tolerance: 0},
	"fit_enlarge":     {convert: "-filter Catrom -resize 180x", tolerance: 0.6, because: resampler},
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

	"resize_share":       {convert: "-filter Lanczos -resize 90x30!", tolerance: 0.6, because: resampler},
	"resize_ratio":       {convert: "-filter Lanczos -resize 100x50!", tolerance: 0.6, because: resampler},
	"fit_dpr":            {convert: "-filter Lanczos -resize 90x60!", tolerance: 0.6, because: resampler},
	"limit":              {convert: "-filter Lanczos -resize 90x60>", tolerance: 0.6, because: resampler},
	"fill_offset":        {convert: "-filter Lanczos -resize 120x80! -crop 80x80+30+0 +repage", tolerance: 0.6, because: resampler},
	"fill_focus":         {convert: "-filter Lanczos -resize 241x160! -crop 80x80+105+40 +repage", tolerance: 0.6, because: resampler},
	"fill_zoom_enlarged": {convert: "-crop 25x25+78+38 +repage -filter Catrom -resize 80x80!", tolerance: 0.6, because: resampler},
	"fill_no_shrink":     {convert: "-gravity center -crop 60x50+0+0 +repage", tolerance: 0},
	"crop_inwards":       {convert: "-crop 100x80+301+190 +repage", tolerance: 0},
	"crop_zoom":          {convert: "-crop 50x40+200+0 +repage -filter Catrom -resize 200%", tolerance: 0.6, because: resampler},
	"aspect":             {convert: "-gravity west -crop 100x100+0+0 +repage", tolerance: 0},
	"pad":                {convert: "-filter Lanczos -resize 120x80! -background tomato -gravity south -splice 0x5 -extent 120x120", tolerance: 0.6, because: resampler},
	"pad_clear":          {convert: "-filter Lanczos -resize 120x80! -background none -gravity center -extent 120x120", tolerance: 0.6, because: resampler},
	"pad_no_enlarge":     {convert: "-background navy -gravity center -extent 160x160", tolerance: 0},
	"pad_blur": {convert: "-filter Lanczos ( -clone 0 -resize 120x120^ -gravity center -extent 120x120 -gaussian-blur 0x10 ) " +
		"( -clone 0 -resize 120x80! ) -delete 0 -gravity center -composite", tolerance: 2, because: "libvips' kernel is cut at a fifth of its peak"},
	"extend":        {convert: "-background #336699 -gravity southeast -extent 170x110", tolerance: 0},
	"extend_mirror": {convert: "-virtual-pixel mirror -filter point -define distort:viewport=190x130+0-30 -distort SRT 0 +repage", tolerance: 0},
	"extend_copy":   {convert: "-virtual-pixel edge -filter point -define distort:viewport=190x130-40+0 -distort SRT 0 +repage", tolerance: 0},
	"border":        {convert: "-bordercolor gold -border 7", tolerance: 0},
	"trim":          {convert: "-fuzz 10% -trim +repage", tolerance: 0},
	"trim_padded":   {convert: "-crop 172x120+18+0 +repage", tolerance: 0},
	"flip":          {convert: "-flop", tolerance: 0},
	"flip_vertical": {convert: "-flip", tolerance: 0},
	"flip_both":     {convert: "-rotate 180", tolerance: 0},
	"orient_5":      {convert: "-transpose", tolerance: 0},
	"orient_7":      {convert: "-transverse", tolerance: 0},
	"round":         {compute: roundedOff(20, 20, 20, 20, color.NRGBA{}), tolerance: 0.1, because: smooth},
	"round_each": {
		compute: roundedOff(0, 90, 30, 40, color.NRGBA{R: 255, G: 255, B: 255, A: 255}), tolerance: 0.3,
		because: "radii are scaled to fit",
	},
	"round_max": {compute: oval(75, 50, color.NRGBA{}), tolerance: 0.1, because: smooth},
	"density":   {convert: "+repage", tolerance: 0.1, because: rounding},
	"shadow": {
		convert: "-alpha set -background none -gravity northwest -extent 169x118-0-4 ( +clone -fill #000080 -colorize 100 -channel A -evaluate multiply 0.502 " +
			"-gaussian-blur 0x3 +channel -virtual-pixel transparent -distort SRT 0,0␣1␣0␣10,5 ) +swap -composite",
		tolerance: 1, because: rounding,
	},
	"retime":           {convert: "+repage", tolerance: 0.1, because: rounding},
	"density_resample": {convert: "-filter Lanczos -resize 75x50!", tolerance: 0.6, because: resampler},
	"fit_cover":        {convert: "-filter Lanczos -resize 90x90^", tolerance: 1, because: resampler},
	"fill_keeps":       {convert: "+repage", tolerance: 0.1, because: rounding},
	"crop_keep_ratio":  {convert: "-gravity center -crop 100x100+0+0 +repage", tolerance: 0.1, because: rounding},
	"mask_ellipse":     {compute: oval(75, 50, color.NRGBA{G: 128, A: 128}), tolerance: 0.1, because: smooth},
	"mask_circle":      {compute: oval(50, 50, color.NRGBA{}), tolerance: 0.1, because: smooth},
	"rotate_inside":    {convert: "-define distort:viewport=135x51+7+24 -distort SRT 75,50,1,20,74.5,49.5 +repage", tolerance: 1.5, because: resampler},
	"deskew":           {convert: "-background white -deskew 80% +repage -gravity center -extent 273x209", tolerance: 3, because: resampler},
}

// smooth is a further reason.
const smooth = "a smooth edge is an estimate"

// roundedOff rounds the corners off, with these radii in pixels.
func roundedOff(upperLeft, upperRight, lowerRight, lowerLeft float64, outside color.NRGBA) func(*image.NRGBA) *image.NRGBA {
	return func(in *image.NRGBA) *image.NRGBA {
		w, h := float64(in.Bounds().Dx()), float64(in.Bounds().Dy())
		// In this test only the right side can be too short for its radii.
		scale := min(1, h/(upperRight+lowerRight))
		return sampled(in, outside, func(x, y float64) bool {
			for _, c := range [][3]float64{{upperLeft, x, y}, {upperRight, w - x, y}, {lowerRight, w - x, h - y}, {lowerLeft, x, h - y}} {
				across, down := c[0]*scale-c[1], c[0]*scale-c[2]
				if across > 0 && down > 0 && across*across+down*down > c[0]*scale*c[0]*scale {
					return false
				}
			}
			return true
		})
	}
}

// oval keeps an ellipse of these radii in the middle.
func oval(rx, ry float64, outside color.NRGBA) func(*image.NRGBA) *image.NRGBA {
	return func(in *image.NRGBA) *image.NRGBA {
		cx, cy := float64(in.Bounds().Dx())/2, float64(in.Bounds().Dy())/2
		return sampled(in, outside, func(x, y float64) bool {
			return (x-cx)*(x-cx)/(rx*rx)+(y-cy)*(y-cy)/(ry*ry) <= 1
		})
	}
}

// sampled mixes an opaque picture with the outside, by 256 samples of each pixel.
func sampled(in *image.NRGBA, outside color.NRGBA, within func(x, y float64) bool) *image.NRGBA {
	out := image.NewNRGBA(in.Bounds())
	for y := range in.Bounds().Dy() {
		for x := range in.Bounds().Dx() {
			share := 0.0
			for i := range 256 {
				if within(float64(x)+(float64(i%16)+0.5)/16, float64(y)+(float64(i/16)+0.5)/16) {
					share += 1.0 / 256
				}
			}
			mine := in.NRGBAAt(x, y)
			alpha := 255*share + float64(outside.A)*(1-share)
			mix := func(a, b uint8) uint8 {
				return uint8((float64(a)*255*share+float64(b)*float64(outside.A)*(1-share))/max(alpha, 1e-9) + 0.5)
			}
			out.SetNRGBA(x, y, color.NRGBA{mix(mine.R, outside.R), mix(mine.G, outside.G), mix(mine.B, outside.B), uint8(alpha + 0.5)})
		}
	}
	return out
}
