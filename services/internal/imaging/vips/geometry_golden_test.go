package vips_test

import (
	"image"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// whole is all of the cat.
var whole = image.Rect(0, 0, 451, 300)

// bordered is the small cat with a border of red all around, 10 wide but 30 at the left.
var bordered = recipe.Step{Op: "extend", Params: []byte(`{"top":10,"right":10,"bottom":10,"left":30,"background":"#e02020"}`)}

// page is something like a scanned page: lines of which each is a thin slice of the cat, turned by 6 degrees.
var page = []recipe.Step{
	{Op: "resize", Params: []byte(`{"width":200,"height":4}`)},
	{Op: "extend", Params: []byte(`{"bottom":4,"background":"white"}`)},
	{Op: "extend", Params: []byte(`{"bottom":112,"background":"mirror"}`)},
	{Op: "extend", Params: []byte(`{"top":20,"right":20,"bottom":20,"left":20,"background":"white"}`)},
	{Op: "rotate", Params: []byte(`{"degrees":6,"background":"white"}`)},
}

var geometryGoldens = map[string]golden{
	"resize_exact":    {chain(step("resize", `{"width":120,"height":50}`, "png")), image.Pt(120, 50), whole},
	"resize_width":    {chain(step("resize", `{"width":100}`, "png")), image.Pt(100, 67), whole},
	"resize_scale":    {chain(step("resize", `{"scale":0.25}`, "png")), image.Pt(113, 75), whole},
	"fit":             {chain(step("fit", `{"width":90,"height":90}`, "png")), image.Pt(90, 60), whole},
	"fit_small_stays": {chain(small, step("fit", `{"width":900}`, "png")), image.Pt(150, 100), whole},
	"fit_enlarge":     {chain(small, step("fit", `{"width":180,"enlarge":true}`, "png")), image.Pt(180, 120), whole},
	"density":         {chain(small, step("density", `{"dpi":300}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"shadow": {chain(
		small, recipe.Step{Op: "round", Params: []byte(`{"radius":"max"}`)}, step("shadow", `{"x":10,"y":5,"sigma":3,"color":"#00008080"}`, "png"),
	), image.Pt(169, 118), image.Rectangle{}},
	"outline": {chain(
		small, recipe.Step{Op: "round", Params: []byte(`{"radius":"max"}`)}, step("outline", `{"width":6,"sigma":1,"color":"#2040c0"}`, "png"),
	), image.Pt(168, 118), image.Rectangle{}},
	"shear":            {chain(small, step("shear", `{"x":20,"y":-10,"background":"#ff8800"}`, "png")), image.Pt(186, 120), image.Rectangle{}},
	"distort":          {chain(small, step("distort", `{"top_left_x":"10%","top_left_y":20,"top_right_y":-10,"bottom_right_x":120,"bottom_left_y":"90%"}`, "png")), image.Pt(150, 110), image.Rectangle{}},
	"retime":           {chain(small, step("retime", `{"delay":200,"loop":3}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"density_resample": {chain(small, step("density", `{"dpi":36,"resample":true}`, "png")), image.Pt(75, 50), image.Rectangle{}},
	"fit_cover":        {chain(step("fit", `{"width":90,"height":90,"cover":true}`, "png")), image.Pt(135, 90), whole},
	"fill_keeps":       {chain(small, step("fill", `{"width":200,"height":200,"keep_smaller":true}`, "png")), image.Pt(150, 100), whole},
	"crop_keep_ratio":  {chain(small, step("crop", `{"width":400,"height":400,"keep_ratio":true}`, "png")), image.Pt(100, 100), image.Rect(75, 0, 376, 300)},
	"fill_center":      {chain(step("fill", `{"width":80,"height":80}`, "png")), image.Pt(80, 80), image.Rect(75, 0, 375, 300)},
	"fill_west":        {chain(step("fill", `{"width":80,"height":80,"gravity":"west"}`, "png")), image.Pt(80, 80), image.Rect(0, 0, 300, 300)},
	"fill_attention":   {chain(step("fill", `{"width":80,"height":80,"gravity":"attention"}`, "png")), image.Pt(80, 80), image.Rectangle{}},
	"fill_entropy":     {chain(step("fill", `{"width":80,"height":80,"gravity":"entropy"}`, "png")), image.Pt(80, 80), image.Rectangle{}},
	"fill_no_enlarge":  {chain(small, step("fill", `{"width":100,"height":900,"enlarge":false}`, "png")), image.Pt(100, 100), image.Rect(75, 0, 376, 300)},
	"crop_box":         {chain(step("crop", `{"x":120,"y":60,"width":100,"height":80}`, "png")), image.Pt(100, 80), image.Rect(120, 60, 220, 140)},
	"crop_clamped":     {chain(step("crop", `{"x":-20,"y":250,"width":100,"height":80}`, "png")), image.Pt(80, 50), image.Rect(0, 250, 80, 300)},
	"crop_gravity":     {chain(step("crop", `{"gravity":"south_east","width":100,"height":80}`, "png")), image.Pt(100, 80), image.Rect(351, 220, 451, 300)},
	"rotate_quarter":   {chain(small, step("rotate", `{"degrees":90}`, "png")), image.Pt(100, 150), image.Rectangle{}},
	"rotate_free":      {chain(small, step("rotate", `{"degrees":-30,"background":"#ff8800"}`, "png")), image.Pt(180, 162), image.Rectangle{}},
	"rotate_clear":     {chain(small, step("rotate", `{"degrees":45}`, "png")), image.Pt(177, 177), image.Rectangle{}},

	"resize_share":       {chain(step("resize", `{"width":"20%","height":"10%"}`, "png")), image.Pt(90, 30), whole},
	"resize_ratio":       {chain(step("resize", `{"width":100,"aspect_ratio":"2:1"}`, "png")), image.Pt(100, 50), whole},
	"fit_dpr":            {chain(step("fit", `{"width":45,"dpr":2}`, "png")), image.Pt(90, 60), whole},
	"limit":              {chain(step("limit", `{"width":"50%","height":60}`, "png")), image.Pt(90, 60), whole},
	"fill_offset":        {chain(step("fill", `{"width":80,"height":80,"gravity":"east","x":10}`, "png")), image.Pt(80, 80), image.Rect(113, 0, 413, 300)},
	"fill_focus":         {chain(step("fill", `{"width":80,"height":80,"focus_x":0.6,"zoom":2}`, "png")), image.Pt(80, 80), image.Rect(196, 75, 346, 225)},
	"fill_zoom_enlarged": {chain(small, step("fill", `{"width":80,"height":80,"focus_x":0.6,"zoom":4}`, "png")), image.Pt(80, 80), image.Rectangle{}},
	"fill_no_shrink":     {chain(small, step("fill", `{"width":60,"height":50,"shrink":false}`, "png")), image.Pt(60, 50), image.Rect(135, 75, 315, 225)},
	"crop_inwards":       {chain(step("crop", `{"gravity":"south_east","x":50,"y":"10%","width":100,"height":80}`, "png")), image.Pt(100, 80), image.Rect(301, 190, 401, 270)},
	"crop_zoom":          {chain(step("crop", `{"gravity":"north","width":100,"height":80,"zoom":2}`, "png")), image.Pt(100, 80), image.Rect(200, 0, 250, 40)},
	"aspect":             {chain(small, step("aspect", `{"aspect_ratio":"1:1","gravity":"west"}`, "png")), image.Pt(100, 100), image.Rect(0, 0, 300, 300)},
	"pad":                {chain(small, step("pad", `{"width":120,"height":120,"gravity":"south","y":5,"background":"tomato"}`, "png")), image.Pt(120, 120), image.Rectangle{}},
	"pad_clear":          {chain(small, step("pad", `{"width":120,"height":120}`, "png")), image.Pt(120, 120), image.Rectangle{}},
	"pad_no_enlarge":     {chain(small, step("pad", `{"width":160,"height":160,"enlarge":false,"background":"navy"}`, "png")), image.Pt(160, 160), image.Rectangle{}},
	"pad_blur":           {chain(step("pad", `{"width":120,"height":120,"background":"blur"}`, "png")), image.Pt(120, 120), image.Rectangle{}},
	"extend":             {chain(small, step("extend", `{"top":"10%","left":20,"background":"#336699"}`, "png")), image.Pt(170, 110), image.Rectangle{}},
	"extend_mirror":      {chain(small, step("extend", `{"top":30,"right":40,"background":"mirror"}`, "png")), image.Pt(190, 130), image.Rectangle{}},
	"extend_copy":        {chain(small, step("extend", `{"bottom":30,"left":40,"background":"copy"}`, "png")), image.Pt(190, 130), image.Rectangle{}},
	"border":             {chain(small, step("border", `{"width":7,"color":"gold"}`, "png")), image.Pt(164, 114), image.Rectangle{}},
	"trim":               {chain(small, bordered, step("trim", `{}`, "png")), image.Pt(150, 100), whole},
	"trim_padded":        {chain(small, bordered, step("trim", `{"tolerance":1,"color":"#e02020","padding":12}`, "png")), image.Pt(172, 120), image.Rectangle{}},
	"flip":               {chain(small, step("flip", `{}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"flip_vertical":      {chain(small, step("flip", `{"direction":"vertical"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"flip_both":          {chain(small, step("flip", `{"direction":"both"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"orient_5":           {chain(small, step("orient", `{"orientation":5}`, "png")), image.Pt(100, 150), image.Rectangle{}},
	"orient_7":           {chain(small, step("orient", `{"orientation":7}`, "png")), image.Pt(100, 150), image.Rectangle{}},
	"round":              {chain(small, step("round", `{"radius":20}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"round_each":         {chain(small, step("round", `{"radius":[0,90,30,40],"background":"white"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"round_max":          {chain(small, step("round", `{"radius":"max"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"mask_ellipse":       {chain(small, step("mask", `{"background":"#00800080"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"mask_circle":        {chain(small, step("mask", `{"shape":"circle"}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"deskew":             {chain(append(page, step("deskew", `{"threshold":0.8,"background":"white"}`, "png"))...), image.Pt(273, 209), image.Rectangle{}},
	"rotate_inside":      {chain(small, step("rotate", `{"degrees":20,"inside":true}`, "png")), image.Pt(135, 51), image.Rectangle{}},
}
