package blitline

import (
	"math"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// toneRules are the functions that recolour pixels.
var toneRules = map[string]rule{
	"gray_colorspace":          always(&recipe.GrayscaleOp{}),
	"auto_level":               always(&recipe.NormalizeOp{Black: new(0.0), White: new(0.0)}),
	"auto_gamma":               always(&recipe.NormalizeOp{Black: new(0.0), White: new(0.0), Center: true}),
	"auto_enhance":             always(&recipe.EnhanceOp{}),
	"normalize":                always(&recipe.NormalizeOp{}),
	"equalize":                 always(&recipe.EqualizeOp{}),
	"sepia_tone":               func(c *call) { c.then(&recipe.SepiaOp{Strength: c.fraction("threshold", 0.8)}) },
	"threshold":                func(c *call) { c.then(&recipe.ThresholdOp{Level: c.fraction("threshold_value", 0.5)}) },
	"modulate":                 modulate,
	"contrast":                 contrast,
	"contrast_stretch_channel": contrastStretch,
	"gamma_channel":            gamma,
	"level":                    level,
	"levelize":                 levelize,
	"blue_shift":               blueShift,
	"quantize":                 quantize,
}

// always is the rule of a function without parameters.
func always(ops ...recipe.Operation) rule {
	return func(c *call) {
		for _, op := range ops {
			c.then(op)
		}
	}
}

// modulate spells its parameters in either case. A hue of 0 is half a turn back and one of 2 half a turn on.
func modulate(c *call) {
	c.then(&recipe.ModulateOp{
		Brightness: c.within(c.first("brightness", "Brightness"), 1, 0, 10),
		Saturation: c.within(c.first("saturation", "Saturation"), 1, 0, 10),
		Hue:        new(clamp(180*(c.number(c.first("hue", "Hue"), 1)-1), -360, 360)),
	})
}

// contrast lessens the contrast unless it is told to sharpen it. The amounts have in the middle the slope of ImageMagick's
// curve, 1 ± 0.285.
func contrast(c *call) {
	amount := -0.4
	if c.truth("sharpen") {
		amount = 0.4
	}
	c.then(&recipe.ContrastOp{Amount: &amount})
}

// megapixel is the size that counts of pixels are taken to refer to, because the picture's own is not known here.
const megapixel = 1e6

// contrastStretch clips numbers of pixels, or shares in percent; a share that is white counts from below.
func contrastStretch(c *call) {
	share := func(param string, other float64) float64 {
		value := c.number(param, other)
		if _, percent, _ := c.in.measure(param); percent {
			return value / 100
		}
		return value / megapixel
	}
	black := share("black_point", 1)
	white := black
	if c.given("white_point") {
		white = share("white_point", 0)
		if _, percent, _ := c.in.measure("white_point"); percent && white > 0.5 {
			white = 1 - white
		}
	}
	c.then(&recipe.NormalizeOp{Black: new(clamp(black, 0, 0.49)), White: new(clamp(white, 0, 0.49))})
}

// channels are ImageMagick's names of those that the recipe has. Subtractive colours lie in the same ones.
var channels = map[string]recipe.Channel{
	"all": recipe.AllChannels, "default": recipe.AllChannels, "composite": recipe.AllChannels, "rgb": recipe.AllChannels,
	"red": recipe.RedChannel, "cyan": recipe.RedChannel, "green": recipe.GreenChannel, "magenta": recipe.GreenChannel,
	"blue": recipe.BlueChannel, "yellow": recipe.BlueChannel,
}

func (c *call) channel() recipe.Channel {
	name := bare(c.text("channel", "AllChannels"), "s")
	channel, known := channels[strings.TrimSuffix(name, "channel")]
	if !known {
		c.wrong("channel", "AllChannels, RedChannel, GreenChannel or BlueChannel")
	}
	return channel
}

func gamma(c *call) {
	c.then(&recipe.LevelsOp{Gamma: c.within("gamma", 0.8, 0.1, 10), Channel: c.channel()})
}

// quantum is white in ImageMagick's 16 bits.
const quantum = 65535

func (c *call) levels() (black, white, gamma *float64) {
	black = new(clamp(c.number("black_point", 0)/quantum, 0, 1))
	white = new(clamp(c.number("white_point", quantum)/quantum, 0, 1))
	if *black >= *white {
		c.wrong(c.first("black_point", "white_point"), "a black_point below the white_point, both from 0 to 65535")
	}
	return black, white, c.within("gamma", 1, 0.1, 10)
}

func level(c *call) {
	black, white, gamma := c.levels()
	c.then(&recipe.LevelsOp{Black: black, White: white, Gamma: gamma, Channel: c.channel()})
}

// levelize is the other way about: the whole range is squeezed between the two points.
func levelize(c *call) {
	black, white, gamma := c.levels()
	c.then(&recipe.LevelsOp{OutBlack: black, OutWhite: white, Gamma: gamma, Channel: c.channel()})
}

// blueShift shows the picture as in moonlight: dimmer, duller and bluer with the factor.
func blueShift(c *call) {
	factor := clamp(c.number("factor", 1.5), 1, 10)
	c.then(&recipe.ModulateOp{Saturation: new(1 / (factor * factor))})
	c.then(&recipe.ChannelsOp{Red: new(1 / factor), Green: new(1 / factor), Blue: new(1 / math.Sqrt(factor))})
}

// quantize drops the colours first where the colours of gray are wanted.
func quantize(c *call) {
	if space := c.text(c.first("color_space", "colorspace"), ""); strings.HasPrefix(bare(space, "colorspace"), "gray") {
		c.then(&recipe.GrayscaleOp{})
	}
	c.then(&recipe.QuantizeOp{Colours: new(int(clamp(c.number("number_colors", 8), 2, 256))), Dither: c.truth("dither")})
}
