package blitline

import (
	"math"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// filterRules are the functions that look around a pixel, and the looks that are made of several operations.
var filterRules = map[string]rule{
	"blur":             blur,
	"adaptive_blur":    adaptiveBlur,
	"sharpen":          sharpen,
	"adaptive_sharpen": sharpen,
	"unsharp_mask":     unsharpMask,
	"sketch":           sketch,
	"median_filter":    medianFilter,
	"enhance":          always(&recipe.DenoiseOp{}),
	"despeckle":        always(&recipe.MedianOp{Radius: new(1)}),
	"vignette":         vignette,
	"pixelate":         pixelate,

	// What these did in detail is not known but for the mood that they are named after.
	"celsius": always( // warm
		&recipe.ChannelsOp{Red: new(1.1), Green: new(1.02), Blue: new(0.85)},
		&recipe.ContrastOp{Amount: new(0.1)}),
	"lomo": always( // vivid, with dark corners
		&recipe.ContrastOp{Amount: new(0.35)},
		&recipe.SaturationOp{Amount: new(0.3)},
		&recipe.VignetteOp{Strength: new(0.75)}),
	"savannah": always( // dry and yellow
		&recipe.SaturationOp{Amount: new(-0.25)},
		&recipe.ColorizeOp{Colour: "#d9a441", Amount: new(0.2)},
		&recipe.ContrastOp{Amount: new(0.15)}),
	"stackhouse": always( // hard gray
		&recipe.GrayscaleOp{},
		&recipe.ContrastOp{Amount: new(0.5)}),
	"vintage": always( // faded and brown
		&recipe.SepiaOp{Strength: new(0.5)},
		&recipe.LevelsOp{OutBlack: new(0.1), OutWhite: new(0.95)},
		&recipe.VignetteOp{Strength: new(0.4)}),
	"xpro": always( // a film developed in the wrong chemicals
		&recipe.ContrastOp{Amount: new(0.25)},
		&recipe.LevelsOp{Channel: recipe.RedChannel, Black: new(0.06), White: new(0.94)},
		&recipe.LevelsOp{Channel: recipe.BlueChannel, OutBlack: new(0.15), OutWhite: new(0.85)},
		&recipe.VignetteOp{Strength: new(0.45)}),
}

// sigma is a standard deviation. 0 lets ImageMagick choose, for which 1 stands; beyond what the operation takes the
// nearest value does, as no eye tells them apart.
func (c *call) sigma(most float64) *float64 {
	value := c.number("sigma", 1)
	if value <= 0 {
		value = 1
	}
	return new(clamp(value, 0.3, most))
}

func blur(c *call) { c.then(&recipe.BlurOp{Sigma: c.sigma(250)}) }

// adaptiveBlur spares edges.
func adaptiveBlur(c *call) {
	strength := min(*c.sigma(100)/4, 1)
	c.then(&recipe.DenoiseOp{Luminance: &strength, Chroma: &strength})
}

func sharpen(c *call) { c.then(&recipe.SharpenOp{Sigma: c.sigma(10)}) }

func unsharpMask(c *call) {
	c.then(&recipe.UnsharpOp{
		Sigma: c.sigma(100), Amount: c.within("amount", 1, 0, 10), Threshold: c.fraction("threshold", 0.05),
	})
}

func sketch(c *call) {
	op := &recipe.SketchOp{}
	if sigma := c.number("sigma", 0); sigma > 0 {
		op.Sigma = new(clamp(sigma, 0.5, 50))
	}
	c.then(op)
}

func medianFilter(c *call) {
	c.then(&recipe.MedianOp{Radius: new(int(math.Ceil(clamp(c.number("radius", 1), 0, 20))))})
}

// vignette covers the corners; how softly depends on the blur of the edge.
func vignette(c *call) {
	softness := 0.3 + clamp(c.number("sigma", 10), 0, 50)/50*0.7
	c.then(&recipe.VignetteOp{Strength: new(1.0), Softness: &softness, Colour: opaque(c.colour("color", "#000000"))})
}

// opaque is a colour that can be seen: a vignette of none would be a vignette of black.
func opaque(colour string) string {
	if colour == "transparent" {
		return "#ffffff"
	}
	return colour
}

func pixelate(c *call) {
	op := &recipe.PixelateOp{Size: new(int(clamp(c.number("amount", 10), 1, 100)))}
	if c.edge("width") != nil && c.edge("height") != nil {
		op.Region = &recipe.Region{X: c.whole("x", 0), Y: c.whole("y", 0), Width: c.whole("width", 0), Height: c.whole("height", 0)}
	}
	c.then(op)
}
