package parameter

import (
	"maps"
	"slices"
)

// kind is how the value of a parameter is written.
type kind int

const (
	text    kind = iota
	whole        // a whole number
	decimal      // a number
	extent       // pixels, or a share of an edge from 0 to 1
	flag         // a boolean
	word         // one of some words
	words        // a list of them, with commas between
	colour       // a name or hexadecimal digits, opacity first
	pair         // two colours
	picture      // an address or a path
	ratio        // 16:9
	corners      // one radius or four
	rect         // a part of the source: x,y,w,h
	line         // a thickness and a colour
	filling      // a word or a colour
	layer        // a colour, or a picture
	masking      // a word, or a picture
)

// definition is what is known of a parameter.
type definition struct {
	kind      kind
	low, high float64
	// strict makes a number out of range an error; any other is brought into the range.
	strict bool
	// words are those that the kind can be.
	words []string
	// refused are words that have a meaning which cannot be had here, with the reason.
	refused map[string]string
	// because is why the whole parameter cannot be had.
	because string
	// outside tells that it is no matter of pixels, but of the address that it is part of.
	outside bool
}

const noFaces = "there is no detector of faces here"

// sides are where something can be aligned.
var sides = []string{"top", "middle", "bottom", "left", "center", "right"}

// modes are the ways to blend, and what the recipe calls them.
var modes = map[string]string{
	"normal": "normal", "burn": "color_burn", "dodge": "color_dodge", "darken": "darken", "difference": "difference",
	"exclusion": "exclusion", "hardlight": "hard_light", "lighten": "lighten", "multiply": "multiply", "overlay": "overlay",
	"screen": "screen", "softlight": "soft_light",
}

const apart = "libvips cannot blend hue, saturation and lightness apart"

// moving are parameters of videos and of single frames.
const moving = "frames are not picked out of an animation one by one; frame takes one"

// definitions are all parameters by their names. Ranges that are no matter of taste are strict.
var definitions = map[string]definition{
	"w": {kind: extent}, "h": {kind: extent}, "dpr": {kind: decimal, high: 5, strict: true},
	"fit": {
		kind: words, words: []string{"clamp", "clip", "crop", "fill", "fillmax", "max", "min", "scale"},
		refused: map[string]string{"facearea": noFaces},
	},
	"crop": {kind: words, words: []string{
		"top", "bottom", "left", "right", "center", "faces", "entropy", "attention", "edges", "focalpoint", "auto",
	}},
	"ar": {kind: ratio}, "rect": {kind: rect},
	"max-w": {kind: whole, low: 1, high: 8192, strict: true}, "max-h": {kind: whole, low: 1, high: 8192, strict: true},
	"min-w": {kind: whole, low: 1, high: 8192, strict: true}, "min-h": {kind: whole, low: 1, high: 8192, strict: true},
	"fp-x": {kind: decimal, high: 1, strict: true}, "fp-y": {kind: decimal, high: 1, strict: true},
	"fp-z": {kind: decimal, low: 1, high: 100, strict: true},
	"rot":  {kind: decimal, low: -359, high: 359}, "rot-type": {kind: word, words: []string{"straighten", "pivot"}},
	"flip":   {kind: word, words: []string{"h", "v", "hv"}},
	"orient": {kind: word, words: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "90", "180", "270"}},

	"q": {kind: whole, high: 100},
	"fm": {
		kind: word, words: []string{"jpg", "jpeg", "pjpg", "png", "png8", "png32", "webp", "avif", "gif"},
		refused: map[string]string{
			"jp2": "JPEG 2000 is not written", "jxr": "JPEG XR is not written", "json": "the result of the job says what is known of it",
			"blurhash": "the result of a native job has a placeholder", "mp4": "no videos are made", "webm": "no videos are made",
		},
	},
	"auto": {
		kind: words, words: []string{"compress", "enhance", "format"},
		refused: map[string]string{"redeye": "there is no detector of eyes here", "true": "say which of compress, enhance and format"},
	},
	"lossless": {kind: flag}, "chromasub": {kind: word, words: []string{"444", "422", "420"}},
	"colorquant": {kind: whole, low: 2, high: 256},
	"cs": {
		kind: word, words: []string{"srgb", "tinysrgb", "strip"},
		refused: map[string]string{"origin": "pictures are converted to sRGB", "adobergb1998": "pictures are converted to sRGB"},
	},
	"dpi": {kind: whole, low: 0, high: 1200}, "jpg-progressive": {kind: flag},
	"iptc": {kind: word, words: []string{"allow", "block"}},

	"bg": {kind: colour}, "fill-color": {kind: colour},
	"fill": {
		kind: filling, words: []string{"solid", "blur"},
		refused: map[string]string{
			"gen": "nothing is generated here", "generative": "nothing is generated here", "gradient": "no gradients are found in pictures",
		},
	},

	"bri": {kind: whole, low: -100, high: 100}, "con": {kind: whole, low: -100, high: 100},
	"exp": {kind: whole, low: -100, high: 100}, "gam": {kind: whole, low: -100, high: 100},
	"high": {kind: whole, low: -100}, "shad": {kind: decimal, high: 100},
	"sat": {kind: whole, low: -100, high: 100}, "vib": {kind: whole, low: -100, high: 100},
	"hue": {kind: whole, high: 360}, "invert": {kind: flag}, "sharp": {kind: decimal, high: 100},
	"usm": {kind: whole, low: -100, high: 100}, "usmrad": {kind: decimal, high: 100},
	"nr": {kind: whole, low: -100, high: 100}, "nrs": {kind: whole, low: -100, high: 100},
	"blur": {kind: whole, high: 2000}, "px": {kind: whole, high: 100},
	"sepia": {kind: whole, high: 100}, "htn": {kind: whole, high: 100},
	"monochrome": {kind: colour}, "duotone": {kind: pair}, "duotone-alpha": {kind: whole, high: 100, strict: true},

	"mark": {kind: picture}, "mark-base": {kind: picture}, "mark-align": {kind: words, words: sides},
	"mark-alpha": {kind: whole, high: 100}, "mark-fit": {kind: word, words: []string{"clip", "crop", "fill", "max", "scale"}},
	"mark-w": {kind: extent}, "mark-h": {kind: extent}, "mark-pad": {kind: whole, high: 8192}, "mark-scale": {kind: whole, high: 100},
	"mark-tile": {kind: word, words: []string{"grid"}}, "mark-rot": {kind: decimal, low: -359, high: 359},
	"mark-x": {kind: whole, low: -8192, high: 8192}, "mark-y": {kind: whole, low: -8192, high: 8192},

	"blend": {kind: layer}, "blend-alpha": {kind: whole, high: 100, strict: true}, "blend-align": {kind: words, words: sides},
	"blend-mode": {
		kind: word, words: slices.Sorted(maps.Keys(modes)),
		refused: map[string]string{"color": apart, "hue": apart, "saturation": apart, "luminosity": apart},
	},
	"blend-fit": {kind: word, words: []string{"clip", "crop", "max", "scale"}, refused: map[string]string{"clamp": "layers are not drawn out"}},
	"blend-w":   {kind: extent}, "blend-h": {kind: extent}, "blend-pad": {kind: whole, high: 8192},
	"blend-x": {kind: whole, low: -8192, high: 8192}, "blend-y": {kind: whole, low: -8192, high: 8192},
	"blend-crop": {kind: words, words: []string{"top", "bottom", "left", "right", "faces"}},

	"txt": {kind: text}, "txt-align": {kind: words, words: sides},
	"txt-clip":  {kind: words, words: []string{"start", "middle", "end", "ellipsis"}},
	"txt-color": {kind: colour}, "txt-fit": {kind: word, words: []string{"max"}}, "txt-font": {kind: text},
	"txt-size": {kind: decimal, high: 2000}, "txt-pad": {kind: whole, high: 1000}, "txt-line": {kind: whole, high: 50},
	"txt-line-color": {kind: colour}, "txt-shad": {kind: decimal, high: 10}, "txt-width": {kind: whole, high: 8192},
	"txt-x": {kind: whole, low: -8192, high: 8192}, "txt-y": {kind: whole, low: -8192, high: 8192},
	"txt-lead": {kind: whole, high: 1000}, "txt-track": {kind: whole, low: -4, high: 500},

	"pad": {kind: whole, high: 4096}, "pad-top": {kind: whole, high: 4096}, "pad-right": {kind: whole, high: 4096},
	"pad-bottom": {kind: whole, high: 4096}, "pad-left": {kind: whole, high: 4096},
	"border": {kind: line}, "border-top": {kind: whole, high: 100}, "border-right": {kind: whole, high: 100},
	"border-bottom": {kind: whole, high: 100}, "border-left": {kind: whole, high: 100},
	"border-radius": {kind: corners}, "border-radius-inner": {kind: corners},
	"trim":       {kind: word, words: []string{"auto", "color", "alpha", "colorunlessalpha"}},
	"trim-color": {kind: colour}, "trim-tol": {kind: decimal, high: 255}, "trim-md": {kind: decimal, high: 255},
	"trim-sd": {kind: decimal, high: 255}, "trim-pad": {kind: whole, low: -200, high: 200}, "trim-alpha": {kind: decimal, high: 255},
	"mask": {kind: masking, words: []string{"ellipse", "corners"}}, "corner-radius": {kind: corners}, "mask-bg": {kind: colour},

	"page": {kind: whole, low: 1, high: 100_000}, "frame": {kind: whole, low: 1, high: 100_000},
	"fps": {kind: whole, low: 1, high: 60}, "loop": {kind: whole, high: 65_535},
	"interval": {because: moving}, "skip": {because: moving}, "reverse": {because: "no animation is played backwards"},

	"palette": {because: "the result of a native job that inspects colors has them"},
	"colors":  {because: "it belongs to palette"}, "prefix": {because: "it belongs to palette"},
	"faces": {because: noFaces}, "faceindex": {because: noFaces}, "facepad": {because: noFaces},
	"transparency": {because: "no grid is drawn behind what is clear"},
	"grid-colors":  {because: "it belongs to transparency"}, "grid-size": {because: "it belongs to transparency"},
	"ch": {because: "no hints of browsers are read"},

	"s": {outside: true}, "expires": {outside: true, kind: whole, high: 1 << 40}, "dl": {outside: true}, "ixlib": {outside: true},
	"ixid": {outside: true},
}

// aliases are other spellings of names.
var aliases = map[string]string{
	"width": "w", "height": "h", "f": "fit", "max-width": "max-w", "max-height": "max-h", "min-width": "min-w", "min-height": "min-h",
	"jpeg-progressive": "jpg-progressive", "rottype": "rot-type", "rott": "rot-type", "or": "orient", "fillcolor": "fill-color",
	"inv": "invert", "mono": "monochrome", "m": "mark", "mb": "mark-base", "markbase": "mark-base", "ma": "mark-align",
	"markalign": "mark-align", "markalpha": "mark-alpha", "malph": "mark-alpha", "mf": "mark-fit", "markfit": "mark-fit",
	"mh": "mark-h", "markh": "mark-h", "mw": "mark-w", "markw": "mark-w", "mp": "mark-pad", "markpad": "mark-pad",
	"ms": "mark-scale", "markscale": "mark-scale", "mtile": "mark-tile", "marktile": "mark-tile", "mx": "mark-x", "markx": "mark-x",
	"my": "mark-y", "marky": "mark-y", "t": "txt", "txtalign": "txt-align", "ta": "txt-align", "txtclip": "txt-clip",
	"tcl": "txt-clip", "txtcolor": "txt-color", "txt-clr": "txt-color", "txtclr": "txt-color", "tc": "txt-color",
	"txtfit": "txt-fit", "tf": "txt-font", "txtfont": "txt-font", "tsz": "txt-size", "txtsize": "txt-size", "txtpad": "txt-pad",
	"tp": "txt-pad", "txtline": "txt-line", "tl": "txt-line", "txtlinecolor": "txt-line-color", "txt-line-clr": "txt-line-color",
	"txtlineclr": "txt-line-color", "txtshad": "txt-shad", "tsh": "txt-shad", "txtwidth": "txt-width", "txtx": "txt-x",
	"txty": "txt-y", "txtlead": "txt-lead", "txttrack": "txt-track", "tt": "txt-track", "trimcolor": "trim-color",
	"trimtol": "trim-tol", "trimmd": "trim-md", "trimsd": "trim-sd", "trimpad": "trim-pad", "maskbg": "mask-bg", "b": "blend",
	"blendmode": "blend-mode", "bm": "blend-mode", "blendalpha": "blend-alpha", "balph": "blend-alpha", "blendalign": "blend-align",
	"ba": "blend-align", "blendfit": "blend-fit", "bf": "blend-fit", "blendw": "blend-w", "bw": "blend-w", "blendh": "blend-h",
	"bh": "blend-h", "blendx": "blend-x", "bx": "blend-x", "blendy": "blend-y", "by": "blend-y", "blendpad": "blend-pad",
	"bp": "blend-pad", "blendcrop": "blend-crop", "bc": "blend-crop",
}

// Translated lists the names of all parameters that have an effect here, in the order of the alphabet.
func Translated() []string {
	return named(func(d definition) bool { return d.because == "" && !d.outside })
}

// Refused lists the names of all parameters that are known and refused, in the order of the alphabet.
func Refused() []string { return named(func(d definition) bool { return d.because != "" }) }

func named(which func(definition) bool) []string {
	var names []string
	for name, d := range definitions {
		if which(d) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
