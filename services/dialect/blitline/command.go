package blitline

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// commandOptions are the options of ImageMagick's command line that have a translation. Any other is refused: what it does
// is not for guessing.
var commandOptions = map[string]func(c *call, value string){
	"-monochrome":    monochrome,
	"-colors":        reduceColours,
	"-resize":        func(c *call, value string) { resizeBy(c, "-resize", value) },
	"-scale":         func(c *call, value string) { resizeBy(c, "-scale", value) },
	"-thumbnail":     func(c *call, value string) { resizeBy(c, "-thumbnail", value) },
	"-blur":          func(c *call, value string) { c.then(&recipe.BlurOp{Sigma: c.sigmaOf("-blur", value, 250)}) },
	"-gaussian-blur": func(c *call, value string) { c.then(&recipe.BlurOp{Sigma: c.sigmaOf("-gaussian-blur", value, 250)}) },
	"-sharpen":       func(c *call, value string) { c.then(&recipe.SharpenOp{Sigma: c.sigmaOf("-sharpen", value, 10)}) },
	"-rotate":        func(c *call, _ string) { c.then(&recipe.RotateOp{Degrees: c.within("-rotate", 0, -360, 360)}) },
	"-negate":        func(c *call, _ string) { c.then(&recipe.NegateOp{}) },
	"-flip":          func(c *call, _ string) { c.then(&recipe.FlipOp{Direction: "vertical"}) },
	"-flop":          func(c *call, _ string) { c.then(&recipe.FlipOp{}) },
	"-normalize":     func(c *call, _ string) { c.then(&recipe.NormalizeOp{}) },
	"-equalize":      func(c *call, _ string) { c.then(&recipe.EqualizeOp{}) },
	"-strip": func(c *call, _ string) {
		c.saving = func(save *recipe.Save, _ loose) { save.Metadata, save.Profile = "", "" }
	},
	"-dither": func(*call, string) {}, // read by -colors
	"+dither": func(*call, string) {},
}

// convertCommand follows the options one after the other, in the order that they were written in.
func convertCommand(c *call) {
	if len(c.in) == 0 {
		c.complain("The function 'convert_command' has no options: expected some of %s", optionNames())
	}
	for _, option := range keys(c.raw) {
		do, known := commandOptions[option]
		if !known {
			c.complain("The option '%s' of 'convert_command' cannot be run here: expected only %s", option, optionNames())
			c.code = UnsupportedFunction
			return
		}
		do(c, c.in.text(option))
	}
}

func optionNames() string { return strings.Join(slices.Sorted(maps.Keys(commandOptions)), ", ") }

// keys are the names of an object's members in their order, which a map has lost.
func keys(object json.RawMessage) []string {
	tokens := json.NewDecoder(bytes.NewReader(object))
	var names []string
	if _, err := tokens.Token(); err != nil {
		return nil
	}
	for tokens.More() {
		name, err := tokens.Token()
		text, isText := name.(string)
		var value json.RawMessage
		if err != nil || !isText || tokens.Decode(&value) != nil {
			return names
		}
		names = append(names, text)
	}
	return names
}

// monochrome finds two grays, as ImageMagick does, and then makes them black and white.
func monochrome(c *call, _ string) {
	c.then(&recipe.GrayscaleOp{})
	c.then(&recipe.QuantizeOp{Colours: new(2), Dither: true})
	c.then(&recipe.NormalizeOp{Black: new(0.0), White: new(0.0)})
}

// reduceColours spreads the error as ImageMagick does, unless it is told not to.
func reduceColours(c *call, _ string) {
	_, plainly := c.in["+dither"]
	plainly = plainly || strings.EqualFold(c.in.text("-dither"), "none")
	c.then(&recipe.QuantizeOp{Colours: new(int(clamp(c.number("-colors", 256), 2, 256))), Dither: !plainly})
}

// sigmaOf is the second number of radius×sigma.
func (c *call) sigmaOf(option, value string, most float64) *float64 {
	first, second, two := strings.Cut(value, "x")
	if !two {
		second = first
	}
	sigma, err := strconv.ParseFloat(second, 64)
	if err != nil {
		c.wrong(option, `a radius and a sigma such as "0x2"`)
	}
	if sigma <= 0 {
		sigma = 1
	}
	return new(clamp(sigma, 0.3, most))
}

var (
	// resolution is a width and a height.
	resolution = regexp.MustCompile(`^\s*(\d{1,9})\s*[xX]\s*(\d{1,9})\s*$`)
	// geometry is ImageMagick's: edges of which one may be missing, or a scale, and a sign for how they are meant.
	geometry = regexp.MustCompile(`^(\d{0,9})(%?)(?:x(\d{0,9})%?)?([!<>^]?)$`)
)

// resizeBy scales by a geometry.
func resizeBy(c *call, option, value string) {
	parts := geometry.FindStringSubmatch(strings.TrimSpace(value))
	if parts == nil || parts[1] == "" && parts[3] == "" {
		c.wrong(option, `a geometry such as "800x600", "800", "x600", "50%", "800x600!", "800x600>" or "800x600^"`)
		return
	}
	edge := func(digits string) *recipe.Length {
		n, err := strconv.Atoi(digits)
		switch {
		case err != nil || n == 0:
			return nil
		case parts[2] == "%":
			return recipe.Share(float64(n) / 100)
		}
		return recipe.Pixels(n)
	}
	box := recipe.Box{Width: edge(parts[1]), Height: edge(parts[3])}
	switch {
	case parts[4] == "!" || parts[2] == "%":
		c.then(&recipe.ResizeOp{Box: box})
	case parts[4] == "<":
		c.then(&recipe.FitOp{Box: box, Enlarge: true, Shrink: new(false)})
	default:
		c.then(&recipe.FitOp{Box: box, Enlarge: parts[4] != ">", Cover: parts[4] == "^"})
	}
}
