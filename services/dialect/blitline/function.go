package blitline

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// params is the JSON of an operation under construction.
type params map[string]any

// operation is a function's translation: the step's op, "" for none, and its parameters.
type operation struct {
	op     string
	params params
}

// rule translates the parameters of one function. It returns a sentence when they make no sense.
type rule func(in loose) (operation, string)

// rules are the functions that have a translation.
var rules = map[string]rule{
	"no_op":           func(loose) (operation, string) { return operation{}, "" },
	"gray_colorspace": func(loose) (operation, string) { return operation{op: "grayscale"}, "" },
	"resize_to_fit":   resizeToFit,
	"resize_to_fill":  resizeToFill,
	"resize":          resize,
	"crop":            crop,
	"rotate":          rotate,
	"blur":            sigma("blur", 250),
	"sharpen":         sigma("sharpen", 10),
	"sepia_tone":      sepia,
}

// known are the format's functions without a translation, to tell them from misspelt names.
var known = words(`adaptive_blur adaptive_sharpen add_profile annotate append auto_enhance auto_gamma auto_level
	background_color blue_shift caption celsius composite contrast contrast_stretch_channel convert_command
	convert_to_dpi crop_from_source crop_to_square delete_profile density deskew despeckle dissolve ellipse enhance
	equalize gamma_channel image_grid imagga_smart_crop interlace level levelize line liquid_rescale lomo
	median_filter modulate normalize pad pad_resize_to_fit photograph pixelate quantize rectangle resample
	resize_to_fit_with_wrap savannah scale script sketch stackhouse stegano threshold thumbnail tile trim
	unsharp_mask vignette vintage watermark xpro`)

func words(list string) map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		all[word] = true
	}
	return all
}

// gravities translate the format's names. Anything else means the center, as it does there.
var gravities = map[string]string{
	"NorthWestGravity": "north_west", "NorthGravity": "north", "NorthEastGravity": "north_east",
	"WestGravity": "west", "EastGravity": "east",
	"SouthWestGravity": "south_west", "SouthGravity": "south", "SouthEastGravity": "south_east",
}

func gravity(in loose) string {
	if name, ok := gravities[in.text("gravity")]; ok {
		return name
	}
	return "center"
}

// resizeToFit enlarges by default, and takes a missing or zero edge as open.
func resizeToFit(in loose) (operation, string) {
	p := params{}
	for _, edge := range []string{"width", "height"} {
		if in.pixels(edge) > 0 {
			p[edge] = in.pixels(edge)
		}
	}
	if len(p) == 0 {
		return operation{}, "resize_to_fit needs a width or a height"
	}
	if !in.truth("only_shrink_larger") {
		p["enlarge"] = true
	}
	return operation{"fit", p}, ""
}

func resizeToFill(in loose) (operation, string) {
	p, complaint := box("resize_to_fill", in)
	p["gravity"] = gravity(in)
	if in.truth("only_shrink_larger") {
		p["enlarge"] = false
	}
	return operation{"fill", p}, complaint
}

func resize(in loose) (operation, string) {
	if factor, given := in.number("scale_factor"); given && factor > 0 {
		return operation{"resize", params{"scale": factor}}, ""
	}
	p, complaint := box("resize", in)
	return operation{"resize", p}, complaint
}

// crop takes x and y from the corner at the upper left. With a gravity they are offsets from there, which has no
// translation unless both are 0.
func crop(in loose) (operation, string) {
	p, complaint := box("crop", in)
	x, y := in.pixels("x"), in.pixels("y")
	for _, option := range []string{"preserve_aspect_if_smaller", "only_shrink_larger"} {
		if in.truth(option) {
			return operation{}, fmt.Sprintf("crop with %s is not supported", option)
		}
	}
	name := in.text("gravity")
	switch {
	case name == "" || name == "NorthWestGravity":
		p["x"], p["y"] = x, y
	case x == 0 && y == 0:
		p["gravity"] = gravity(in)
	default:
		return operation{}, "crop with both a gravity and an offset is not supported"
	}
	return operation{"crop", p}, complaint
}

// rotate turns clockwise, by a quarter when no amount is given.
func rotate(in loose) (operation, string) {
	return operation{"rotate", params{"degrees": math.Mod(in.numberOr("amount", 90), 360)}}, ""
}

// sigma translates blur and sharpen. 0 lets the renderer choose, for which 1 stands; beyond what the operation takes
// the nearest value does, as no eye tells them apart.
func sigma(op string, most float64) rule {
	return func(in loose) (operation, string) {
		value := in.numberOr("sigma", 1)
		if value <= 0 {
			value = 1
		}
		return operation{op, params{"sigma": max(0.3, min(most, value))}}, ""
	}
}

func sepia(in loose) (operation, string) {
	return operation{"sepia", params{"strength": max(0, min(1, in.numberOr("threshold", 0.8)))}}, ""
}

func box(function string, in loose) (params, string) {
	p := params{"width": in.pixels("width"), "height": in.pixels("height")}
	if in.pixels("width") <= 0 || in.pixels("height") <= 0 {
		return p, function + " needs a width and a height"
	}
	return p, ""
}

func (o operation) step() recipe.Step {
	if o.op == "" || len(o.params) == 0 {
		return recipe.Step{Op: o.op}
	}
	raw, _ := json.Marshal(o.params) // numbers, booleans and names: it cannot fail
	return recipe.Step{Op: o.op, Params: raw}
}
