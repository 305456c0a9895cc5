package vips_test

import (
	"image"
)

var geometryGoldens = map[string]golden{
	"resize_exact":    {chain(step("resize", `{"width":120,"height":50}`, "png")), image.Pt(120, 50), image.Rect(0, 0, 451, 300)},
	"resize_width":    {chain(step("resize", `{"width":100}`, "png")), image.Pt(100, 67), image.Rect(0, 0, 451, 300)},
	"resize_scale":    {chain(step("resize", `{"scale":0.25}`, "png")), image.Pt(113, 75), image.Rect(0, 0, 451, 300)},
	"fit":             {chain(step("fit", `{"width":90,"height":90}`, "png")), image.Pt(90, 60), image.Rect(0, 0, 451, 300)},
	"fit_small_stays": {chain(small, step("fit", `{"width":900}`, "png")), image.Pt(150, 100), image.Rect(0, 0, 451, 300)},
	"fit_enlarge":     {chain(small, step("fit", `{"width":180,"enlarge":true}`, "png")), image.Pt(180, 120), image.Rect(0, 0, 451, 300)},
	"fill_center":     {chain(step("fill", `{"width":80,"height":80}`, "png")), image.Pt(80, 80), image.Rect(75, 0, 375, 300)},
	"fill_west":       {chain(step("fill", `{"width":80,"height":80,"gravity":"west"}`, "png")), image.Pt(80, 80), image.Rect(0, 0, 300, 300)},
	"fill_attention":  {chain(step("fill", `{"width":80,"height":80,"gravity":"attention"}`, "png")), image.Pt(80, 80), image.Rectangle{}},
	"fill_entropy":    {chain(step("fill", `{"width":80,"height":80,"gravity":"entropy"}`, "png")), image.Pt(80, 80), image.Rectangle{}},
	"fill_no_enlarge": {chain(small, step("fill", `{"width":100,"height":900,"enlarge":false}`, "png")), image.Pt(100, 100), image.Rect(75, 0, 376, 300)},
	"crop_box":        {chain(step("crop", `{"x":120,"y":60,"width":100,"height":80}`, "png")), image.Pt(100, 80), image.Rect(120, 60, 220, 140)},
	"crop_clamped":    {chain(step("crop", `{"x":-20,"y":250,"width":100,"height":80}`, "png")), image.Pt(80, 50), image.Rect(0, 250, 80, 300)},
	"crop_gravity":    {chain(step("crop", `{"gravity":"south_east","width":100,"height":80}`, "png")), image.Pt(100, 80), image.Rect(351, 220, 451, 300)},
	"rotate_quarter":  {chain(small, step("rotate", `{"degrees":90}`, "png")), image.Pt(100, 150), image.Rectangle{}},
	"rotate_free":     {chain(small, step("rotate", `{"degrees":-30,"background":"#ff8800"}`, "png")), image.Pt(180, 162), image.Rectangle{}},
	"rotate_clear":    {chain(small, step("rotate", `{"degrees":45}`, "png")), image.Pt(177, 177), image.Rectangle{}},
}
