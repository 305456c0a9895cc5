package parameter

import (
	"math"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// tones are the parameters that change colours, in the order in which they are applied. 0 changes nothing.
var tones = []struct {
	name string
	op   func(n float64) recipe.Operation
}{
	{"exp", func(n float64) recipe.Operation { return &recipe.ExposureOp{Stops: new(n / 50)} }},
	{"gam", func(n float64) recipe.Operation { return &recipe.GammaOp{Gamma: new(math.Exp2(n / 100))} }},
	{"bri", func(n float64) recipe.Operation { return &recipe.BrightnessOp{Amount: new(n / 100)} }},
	{"con", func(n float64) recipe.Operation {
		return &recipe.ContrastOp{Amount: new(n / 100), Slope: recipe.Straight}
	}},
	{"high", func(n float64) recipe.Operation { return &recipe.HighlightsOp{Amount: new(n / 100)} }},
	{"shad", func(n float64) recipe.Operation { return &recipe.ShadowsOp{Amount: new(n / 100)} }},
	{"sat", func(n float64) recipe.Operation { return &recipe.SaturationOp{Amount: new(n / 100)} }},
	{"vib", func(n float64) recipe.Operation { return &recipe.VibranceOp{Amount: new(n / 100)} }},
	{"hue", func(n float64) recipe.Operation { return &recipe.HueOp{Degrees: &n} }},
}

// colours changes colours.
func (c *call) colours() {
	for _, part := range c.list("auto") {
		if part == "enhance" {
			c.then(&recipe.EnhanceOp{})
		}
	}
	for _, tone := range tones {
		if n := c.number(tone.name, 0); n != 0 {
			c.then(tone.op(n))
		}
	}
	if c.on("invert") {
		c.then(&recipe.NegateOp{})
	}
}

// blurUnit is how many of imgix's units of blur make one pixel of the standard deviation: the most, 2000, is the most here.
const blurUnit = 8

// leastSigma is the smallest standard deviation that does anything.
const leastSigma = 0.3

// filters sharpens, smooths and recolours.
func (c *call) filters() {
	if c.has("nr") || c.has("nrs") {
		if noise := c.number("nr", 20) / 100; noise > 0 {
			c.then(&recipe.DenoiseOp{Luminance: new(noise), Chroma: new(noise)})
		}
		if again := c.number("nrs", 20) / 100; again != 0 {
			c.then(&recipe.UnsharpOp{Amount: new(again), Threshold: new(0.0)})
		}
	}
	if n := c.number("sharp", 0); n > 0 {
		c.then(&recipe.SharpenOp{Amount: new(n / 10)})
	}
	if n := c.number("usm", 0); n != 0 {
		c.then(&recipe.UnsharpOp{Sigma: new(max(leastSigma, c.number("usmrad", 2.5))), Amount: new(n / 100), Threshold: new(0.0)})
	}
	if n := c.number("blur", 0); n > 0 {
		c.then(&recipe.BlurOp{Sigma: new(max(leastSigma, n/blurUnit))})
	}
	if n := c.whole("px", 0); n > 1 {
		c.then(&recipe.PixelateOp{Size: &n})
	}
	if n := c.number("sepia", 0); n > 0 {
		c.then(&recipe.SepiaOp{Strength: new(n / 100)})
	}
	if n := c.number("htn", 0); n > 0 {
		c.then(&recipe.HalftoneOp{Size: new(max(2, n))})
	}
	if c.has("monochrome") {
		c.then(&recipe.MonochromeOp{Colour: c.colour("monochrome", ""), Alpha: new(opacity(c.colour("monochrome", "")))})
	}
	if two, ok := parsePair(c.get("duotone")); ok {
		c.then(&recipe.DuotoneOp{Shadow: two[0], Highlight: two[1], Alpha: new(c.number("duotone-alpha", 100) / 100)})
	}
}

// opacity is that of a colour, 0 to 1.
func opacity(colour string) float64 {
	parsed, err := recipe.ParseColour(colour)
	if err != nil {
		return 1
	}
	return math.Round(float64(parsed.A)/255*1000) / 1000
}
