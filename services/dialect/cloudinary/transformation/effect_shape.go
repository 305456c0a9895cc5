package transformation

import (
	"math"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// shapeEffects change the picture's outline.
var shapeEffects = map[string]effect{
	"gradient_fade": {full: gradientFade},
	"outline":       {full: outline},
	"shear": {full: func(c *call, args []string) error {
		x, err := c.arg(args, 0, -80, 80, 0)
		if err != nil {
			return err
		}
		y, err := c.arg(args, 1, -80, 80, 0)
		if err != nil || len(args) > 2 {
			return invalid("effect", "shear:"+strings.Join(args, ":"))
		}
		c.on.opaque = false
		return c.on.then(&recipe.ShearOp{X: x, Y: y})
	}},
	"distort": {full: distort},
}

// evenFade is the strength at which opacity rises evenly.
const evenFade = 20

// gradientFade takes [symmetric:][strength]; x and y say how far it reaches, from the left and the top, or from the right and
// the bottom below 0.
func gradientFade(c *call, args []string) error {
	text := "gradient_fade:" + strings.Join(args, ":")
	symmetric := len(args) > 0 && args[0] == "symmetric"
	if len(args) > 0 && args[0] == "symmetric_pad" {
		return unsupported("effect", text, "a picture that is also padded is written as a component that pads before")
	}
	if symmetric {
		args = args[1:]
	}
	strength, err := c.arg(args, 0, 0, 100, evenFade)
	if err != nil || len(args) > 1 {
		return invalid("effect", text)
	}
	x, y, err := c.offsets()
	if err != nil {
		return err
	}
	if !x.set && !y.set {
		y = extent{set: true, amount: 0.5, share: true}
	}
	op := &recipe.FadeOp{Steepness: new(max(strength/evenFade, 0.05))}
	op.Left, op.Right = reaches(x, symmetric)
	op.Top, op.Bottom = reaches(y, symmetric)
	c.on.opaque = false
	return c.on.then(op)
}

// reaches is how far a fade reaches from the first edge and from the last.
func reaches(e extent, symmetric bool) (first, last *recipe.Length) {
	if !e.set || e.amount == 0 {
		return nil, nil
	}
	reach := recipe.Pixels(int(math.Round(math.Abs(e.amount))))
	if e.share {
		reach = recipe.Share(math.Abs(e.amount))
	}
	switch {
	case symmetric:
		return reach, reach
	case e.amount < 0:
		return nil, reach
	default:
		return reach, nil
	}
}

// outline takes [mode[:width[:blur]]]; a blur is as that of e_blur.
func outline(c *call, args []string) error {
	text := "outline:" + strings.Join(args, ":")
	if len(args) > 0 {
		switch args[0] {
		case "outer":
			args = args[1:]
		case "inner", "inner_fill", "fill":
			return unsupported("effect", text, "an outline is drawn outside of the shape here")
		}
	}
	width, err := c.arg(args, 0, 1, 100, 5)
	if err != nil {
		return err
	}
	blur, err := c.arg(args, 1, 0, 2000, 0)
	if err != nil || len(args) > 2 {
		return invalid("effect", text)
	}
	op := &recipe.OutlineOp{Width: &width, Color: c.colour("black")}
	if blur > 0 {
		op.Sigma = min(sigma(blur), 50)
	}
	c.on.opaque = false
	return c.on.then(op)
}

// distort takes the places of four corners, clockwise from the upper left, in pixels, or in percent with a p.
func distort(c *call, args []string) error {
	text := "distort:" + strings.Join(args, ":")
	if len(args) > 0 && args[0] == "arc" {
		return unsupported("effect", text, "the engine cannot bend pictures")
	}
	const coordinates = 8
	if len(args) != coordinates {
		return invalid("effect", text)
	}
	var at [coordinates]*recipe.Length
	for i, arg := range args {
		if percent, isShare := strings.CutSuffix(arg, "p"); isShare {
			share, ok := parseDecimal(percent)
			if !ok {
				return invalid("effect", text)
			}
			at[i] = recipe.Share(share / 100)
			continue
		}
		pixels, err := c.arg(args, i, -recipe.MaxEdge, recipe.MaxEdge, 0)
		if err != nil {
			return err
		}
		at[i] = recipe.Pixels(int(math.Round(pixels)))
	}
	c.on.opaque = false
	return c.on.then(&recipe.DistortOp{
		TopLeftX: at[0], TopLeftY: at[1], TopRightX: at[2], TopRightY: at[3],
		BottomRightX: at[4], BottomRightY: at[5], BottomLeftX: at[6], BottomLeftY: at[7],
	})
}
