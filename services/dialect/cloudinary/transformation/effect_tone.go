package transformation

import (
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// toneEffects change colours, pixel by pixel.
var toneEffects = map[string]effect{
	"grayscale": {simple: func(float64) recipe.Operation { return &recipe.GrayscaleOp{} }},
	"negate":    {simple: func(float64) recipe.Operation { return &recipe.NegateOp{} }},
	"blackwhite": {low: 0, high: 100, normal: 50, simple: func(n float64) recipe.Operation {
		return &recipe.ThresholdOp{Level: new(n / 100)}
	}},
	"sepia": {low: 1, high: 100, normal: 80, simple: func(n float64) recipe.Operation {
		return &recipe.SepiaOp{Strength: new(n / 100)}
	}},
	"brightness":     {low: -99, high: 100, normal: 80, simple: brightness},
	"brightness_hsb": {low: -99, high: 100, normal: 80, simple: brightness},
	"contrast":       {full: contrast},
	"saturation": {low: -100, high: 100, normal: 80, simple: func(n float64) recipe.Operation {
		return &recipe.SaturationOp{Amount: new(n / 100)}
	}},
	"vibrance": {low: -100, high: 100, normal: 20, simple: func(n float64) recipe.Operation {
		return &recipe.VibranceOp{Amount: new(n / 100)}
	}},
	"hue": {low: -100, high: 100, normal: 80, simple: func(n float64) recipe.Operation {
		return &recipe.HueOp{Degrees: new(n / 100 * 180)}
	}},
	"gamma": {low: -50, high: 150, normal: 0, simple: func(n float64) recipe.Operation {
		return &recipe.GammaOp{Gamma: new(1 + n/100)}
	}},
	"red": {low: -100, high: 100, simple: func(n float64) recipe.Operation {
		return &recipe.ChannelsOp{Red: new(1 + n/100)}
	}},
	"green": {low: -100, high: 100, simple: func(n float64) recipe.Operation {
		return &recipe.ChannelsOp{Green: new(1 + n/100)}
	}},
	"blue": {low: -100, high: 100, simple: func(n float64) recipe.Operation {
		return &recipe.ChannelsOp{Blue: new(1 + n/100)}
	}},
	"colorize":        {full: colorize},
	"tint":            {full: tint},
	"improve":         {full: improve},
	"auto_brightness": {full: stretched(&recipe.NormalizeOp{Center: true})},
	"auto_contrast":   {full: stretched(&recipe.NormalizeOp{})},
	"auto_color":      {full: stretched(&recipe.NormalizeOp{PerChannel: true})},
	"fill_light": {full: func(c *call, args []string) error {
		blend, err := c.arg(args, 0, 0, 100, 100)
		if err != nil {
			return err
		}
		bias, err := c.arg(args, 1, -100, 100, 0)
		if err != nil {
			return err
		}
		return c.on.then(&recipe.ShadowsOp{Amount: new(min(max(blend/100*(1+bias/100), -1), 1))})
	}},
}

// brightness multiplies all values, which is what changing the V of HSB does.
func brightness(n float64) recipe.Operation {
	return &recipe.ModulateOp{Brightness: new(1 + n/100)}
}

// contrast is a sigmoid by default, and a line with type_linear, whose level is its slope in percent.
func contrast(c *call, args []string) error {
	if len(args) == 0 {
		return nil
	}
	named := map[string]string{}
	for part := range strings.SplitSeq(strings.Join(args, ":"), ";") {
		if key, value, found := strings.Cut(part, "_"); found && (key == "level" || key == "type") {
			named[key] = value
			continue
		}
		named["level"] = part
	}
	switch kind, level := named["type"], []string{named["level"]}; kind {
	case "linear":
		slope, err := c.arg(level, 0, 1, 200, 100)
		if err != nil {
			return err
		}
		return c.on.then(&recipe.ContrastOp{Amount: new(slope/100 - 1), Slope: "linear"})
	case "", "sigmoidal":
		amount, err := c.arg(level, 0, -100, 100, 0)
		if err != nil {
			return err
		}
		return c.on.then(&recipe.ContrastOp{Amount: new(amount / 100)})
	default:
		return invalid("effect", "contrast:"+strings.Join(args, ":"))
	}
}

func colorize(c *call, args []string) error {
	amount, err := c.arg(args, 0, 0, 100, 100)
	if err != nil {
		return err
	}
	return c.on.then(&recipe.ColorizeOp{Colour: c.colour("gray"), Amount: new(amount / 100)})
}

// tint reads [equalize:]amount:colour[:position]:… Positions are percent with a p.
func tint(c *call, args []string) error {
	op := &recipe.TintOp{}
	if len(args) > 0 && args[0] == "equalize" {
		op.Equalize, args = true, args[1:]
	}
	amount, err := c.arg(args, 0, 0, 100, 60)
	if err != nil {
		return err
	}
	op.Amount = new(amount / 100)
	for rest := args[min(len(args), 1):]; len(rest) > 0; {
		text := rest[0]
		if rest = rest[1:]; text == "rgb" && len(rest) > 0 {
			text, rest = "rgb:"+rest[0], rest[1:]
		}
		if percent, isPosition := strings.CutSuffix(text, "p"); isPosition && len(op.Colours) > len(op.Positions) {
			if at, ok := parseDecimal(percent); ok {
				op.Positions = append(op.Positions, at/100)
				continue
			}
		}
		colour, ok := parseColour(text)
		if !ok {
			return invalid("effect", "tint:"+strings.Join(args, ":"))
		}
		op.Colours = append(op.Colours, colour)
	}
	if len(op.Colours) == 0 {
		op.Colours = []string{"red", "blue", "yellow"}
	}
	return c.on.then(op)
}

// improve takes [mode:]blend; the modes differ by what the provider takes the picture for.
func improve(c *call, args []string) error {
	if len(args) > 0 && (args[0] == "outdoor" || args[0] == "indoor") {
		args = args[1:]
	}
	blend, err := c.arg(args, 0, 0, 100, 100)
	if err != nil {
		return err
	}
	return c.on.then(&recipe.EnhanceOp{Amount: new(blend / 100)})
}

// stretched is an effect that has a blend, of which the engine knows all and nothing.
func stretched(op *recipe.NormalizeOp) func(*call, []string) error {
	return func(c *call, args []string) error {
		blend, err := c.arg(args, 0, 0, 100, 100)
		switch {
		case err != nil:
			return err
		case blend == 0:
			return nil
		case blend < 100:
			return unsupported("effect", strings.Join(args, ":"), "it is done wholly or not at all here")
		}
		return c.on.then(op)
	}
}
