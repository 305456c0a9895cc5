package transformation

import (
	"math"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// keyEffects pick out colours, or opacities.
var keyEffects = map[string]effect{
	"make_transparent": {full: func(c *call, args []string) error {
		tolerance, err := c.arg(args, 0, 0, 100, 10)
		if err != nil {
			return err
		}
		c.on.opaque = false
		return c.on.then(&recipe.ClearColorOp{Tolerance: &tolerance, Color: c.colour("")})
	}},
	"opacity_threshold": {low: 1, high: 100, normal: 50, simple: func(n float64) recipe.Operation {
		return &recipe.OpacityOp{Threshold: new(n / 100)}
	}},
	"replace_color":       {full: replaceColor},
	"recolor":             {full: recolor},
	"simulate_colorblind": {full: colorblind},
}

// replaceColor takes to[:tolerance[:from]], where a colour may have no rgb: before its digits.
func replaceColor(c *call, args []string) error {
	text := strings.Join(args, ":")
	colour := func() (string, bool) {
		if len(args) == 0 {
			return "", false
		}
		first := args[0]
		if args = args[1:]; first == "rgb" && len(args) > 0 {
			first, args = args[0], args[1:]
		}
		if found, ok := parseColour(first); ok {
			return found, true
		}
		return parseColour("rgb:" + first)
	}
	to, ok := colour()
	if !ok {
		return invalid("effect", "replace_color:"+text)
	}
	tolerance, err := c.arg(args, 0, 0, 100, 50)
	if err != nil {
		return err
	}
	args = args[min(1, len(args)):]
	if len(args) == 0 {
		return unsupported("effect", "replace_color:"+text, "which colour is meant has to be said, as the third value")
	}
	from, ok := colour()
	if !ok || len(args) > 0 {
		return invalid("effect", "replace_color:"+text)
	}
	return c.on.then(&recipe.ReplaceColorOp{From: from, To: to, Tolerance: new(tolerance)})
}

// recolor takes the rows of a matrix of 3, or of 4 that leaves opacity alone.
func recolor(c *call, args []string) error {
	weights := make([]float64, len(args))
	for i := range args {
		weight, err := c.arg(args, i, -10, 10, 0)
		if err != nil {
			return err
		}
		weights[i] = weight
	}
	switch len(weights) {
	case 9:
		return c.on.then(mixing([3][3]float64{{weights[0], weights[1], weights[2]}, {weights[3], weights[4], weights[5]}, {weights[6], weights[7], weights[8]}}))
	case 16:
		if [7]float64{weights[3], weights[7], weights[11], weights[12], weights[13], weights[14], weights[15] - 1} != [7]float64{} {
			return unsupported("effect", "recolor:"+strings.Join(args, ":"), "opacity and colours are not mixed here")
		}
		return c.on.then(mixing([3][3]float64{{weights[0], weights[1], weights[2]}, {weights[4], weights[5], weights[6]}, {weights[8], weights[9], weights[10]}}))
	default:
		return invalid("effect", "recolor:"+strings.Join(args, ":"))
	}
}

func mixing(m [3][3]float64) *recipe.ChannelsOp {
	return &recipe.ChannelsOp{
		Red: new(m[0][0]), RedFromGreen: m[0][1], RedFromBlue: m[0][2],
		GreenFromRed: m[1][0], Green: new(m[1][1]), GreenFromBlue: m[1][2],
		BlueFromRed: m[2][0], BlueFromGreen: m[2][1], Blue: new(m[2][2]),
	}
}

// blindness are the mixtures that Machado, Oliveira and Fernandes give in 2009 for those who lack a kind of cone.
var blindness = map[string][3][3]float64{
	"protan": {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuter": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritan": {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// anomaly is how far those see as the blind who only have a weak kind of cone.
const anomaly = 0.6

// colorblind takes a condition, deuteranopia when there is none.
func colorblind(c *call, args []string) error {
	condition := "deuteranopia"
	if len(args) > 0 {
		condition = args[0]
	}
	switch condition {
	case "cone_monochromacy", "rod_monochromacy":
		return c.on.then(&recipe.GrayscaleOp{})
	case "protanopia", "deuteranopia", "tritanopia":
		return c.on.then(mixing(blindness[condition[:6]]))
	case "protanomaly", "deuteranomaly", "tritanomaly":
		m := blindness[condition[:6]]
		for y := range m {
			for x := range m[y] {
				m[y][x] *= anomaly
				if x == y {
					m[y][x] += 1 - anomaly
				}
				m[y][x] = math.Round(m[y][x]*1e6) / 1e6
			}
		}
		return c.on.then(mixing(m))
	default:
		return invalid("effect", "simulate_colorblind:"+condition)
	}
}
