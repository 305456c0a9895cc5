package vips_test

import (
	"image"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// onSmall is a golden of one operation on the small cat, which keeps its size.
func onSmall(op, params string) golden {
	return golden{chain(small, step(op, params, "png")), image.Pt(150, 100), image.Rectangle{}}
}

// afterGray is the same on a gray picture.
func afterGray(op, params string) golden {
	return golden{chain(small, recipe.Step{Op: "grayscale"}, step(op, params, "png")), image.Pt(150, 100), image.Rectangle{}}
}

// afterOpacity is the same on a picture that is half clear.
func afterOpacity(op, params string) golden {
	half := recipe.Step{Op: "opacity", Params: []byte(`{"opacity":0.5}`)}
	return golden{chain(small, half, step(op, params, "png")), image.Pt(150, 100), image.Rectangle{}}
}

var colourGoldens = map[string]golden{
	"grayscale":             onSmall("grayscale", ``),
	"sepia":                 onSmall("sepia", ``),
	"sepia_half_of_gray":    afterGray("sepia", `{"strength":0.5}`),
	"threshold":             onSmall("threshold", `{"level":0.4}`),
	"negate":                onSmall("negate", ``),
	"negate_gray":           afterGray("negate", ``),
	"brightness":            onSmall("brightness", `{"amount":0.2}`),
	"brightness_less":       onSmall("brightness", `{"amount":-0.2}`),
	"contrast":              onSmall("contrast", `{"amount":0.5}`),
	"contrast_less":         onSmall("contrast", `{"amount":-0.4}`),
	"contrast_linear":       onSmall("contrast", `{"amount":0.5,"slope":"linear"}`),
	"exposure":              onSmall("exposure", `{"stops":1}`),
	"exposure_less":         onSmall("exposure", `{"stops":-1}`),
	"highlights":            onSmall("highlights", `{"amount":-1}`),
	"shadows":               onSmall("shadows", `{"amount":1}`),
	"saturation":            onSmall("saturation", `{"amount":0.8}`),
	"saturation_less":       onSmall("saturation", `{"amount":-0.6}`),
	"vibrance":              onSmall("vibrance", `{"amount":0.8}`),
	"hue":                   onSmall("hue", `{"degrees":120}`),
	"gamma":                 onSmall("gamma", `{"gamma":1.8}`),
	"modulate":              onSmall("modulate", `{"brightness":1.1,"saturation":1.5,"hue":-40}`),
	"levels":                onSmall("levels", `{"black":0.1,"white":0.8,"gamma":1.2}`),
	"levels_of_blue":        onSmall("levels", `{"white":0.6,"channel":"blue"}`),
	"levels_out":            onSmall("levels", `{"out_black":0.2,"out_white":0.9}`),
	"channels":              onSmall("channels", `{"red":1.2,"blue":0.7}`),
	"normalize":             onSmall("normalize", `{"black":0.02,"white":0.01}`),
	"normalize_per_channel": onSmall("normalize", `{"per_channel":true,"center":true}`),
	"equalize":              onSmall("equalize", ``),
	"equalize_gray":         afterGray("equalize", ``),
	"enhance":               onSmall("enhance", ``),
	"enhance_half":          onSmall("enhance", `{"amount":0.5}`),
	"tint":                  onSmall("tint", `{"colors":["#ff3300"]}`),
	"tint_gradient":         onSmall("tint", `{"colors":["#000033","#ff0088","#ffff66"],"positions":[0,0.4,1],"amount":1,"equalize":true}`),
	"colorize":              onSmall("colorize", `{"color":"#2040ff","amount":0.4}`),
	"duotone":               onSmall("duotone", `{"shadow":"#1a1040","highlight":"#ffcc33"}`),
	"duotone_alpha":         onSmall("duotone", `{"shadow":"#1a1040","highlight":"#ffcc33","alpha":0.5}`),
	"monochrome":            onSmall("monochrome", `{"color":"#44bbaa"}`),
	"opacity":               onSmall("opacity", `{"opacity":0.4}`),
	"opacity_threshold":     {chain(small, recipe.Step{Op: "fade", Params: []byte(`{"left":"50%"}`)}, step("opacity", `{"threshold":0.5}`, "png")), image.Pt(150, 100), image.Rectangle{}},
	"fade":                  onSmall("fade", `{"bottom":"60%","left":20,"steepness":2}`),
	"clear_color":           {chain(small, bordered, step("clear_color", `{"tolerance":12}`, "png")), image.Pt(190, 120), image.Rectangle{}},
	"replace_color":         {chain(small, bordered, step("replace_color", `{"from":"#e02020","to":"#2040c0"}`, "png")), image.Pt(190, 120), image.Rectangle{}},
	"channels_mixed":        onSmall("channels", `{"red":0.2,"red_from_green":0.8,"blue_from_red":0.5,"blue":0.5}`),
	"flatten":               afterOpacity("flatten", `{"background":"#00ff00"}`),
	"quantize":              onSmall("quantize", `{"colors":8}`),
	"quantize_dither":       onSmall("quantize", `{"colors":8,"dither":true}`),
	"profile_gray":          onSmall("profile", `{"to":"gray"}`),
	"profile_srgb_of_gray":  afterGray("profile", `{"to":"srgb"}`),
}
