package transformation

import (
	"maps"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// effect is what e_<name> does.
type effect struct {
	// low and high bound the one number that the effect takes, and normal is that number when it is absent. All are 0 for
	// an effect that takes none, or arguments of its own.
	low, high, normal float64
	// simple makes the operation of an effect with a number, or without one.
	simple func(amount float64) recipe.Operation
	// full carries out an effect with arguments of its own.
	full func(c *call, args []string) error
}

// effects are those that are translated.
var effects = func() map[string]effect {
	all := maps.Clone(toneEffects)
	maps.Copy(all, filterEffects)
	maps.Copy(all, otherEffects)
	maps.Copy(all, keyEffects)
	maps.Copy(all, shapeEffects)
	return all
}()

// blends are the effects that say how a layer meets the picture below it.
var blends = map[string]recipe.Blend{
	"multiply": recipe.BlendMultiply, "screen": recipe.BlendScreen, "overlay": recipe.BlendOverlay,
	"mask": recipe.BlendMaskLight, "cut_out": recipe.BlendCut, "anti_removal": recipe.BlendNormal,
}

// effectName is the name of an effect, without what follows a colon.
func effectName(text string) string {
	name, _, _ := strings.Cut(text, ":")
	return name
}

func checkEffect(text string) error {
	name, rest, given := strings.Cut(text, ":")
	found, known := effects[name]
	_, blends := blends[name]
	switch {
	case !known && !blends && refusedEffects[name] == "":
		return invalid("effect", text)
	case known && found.simple != nil && given:
		n, ok := parseExpression(rest)
		if !ok || n.isText() || found.low == found.high || n.plain() && (n.first.literal.number < found.low || n.first.literal.number > found.high) {
			return invalid("effect", text)
		}
	}
	return nil
}

// effects carries out the component's effects in the order that they are written.
func (c *call) effects() error {
	for _, text := range c.params.all("e") {
		if err := c.effect(text); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) effect(text string) error {
	name, rest, given := strings.Cut(text, ":")
	if why := refusedEffects[name]; why != "" {
		return unsupported("effect", text, why)
	}
	if _, isBlend := blends[name]; isBlend {
		if c.below == nil {
			return invalid("effect", text+" without a layer")
		}
		return nil // it is for the meeting of the layer and the picture below
	}
	found, known := effects[name]
	if !known {
		return invalid("effect", text)
	}
	var args []string
	if given {
		args = strings.Split(rest, ":")
	}
	if found.full != nil {
		return found.full(c, args)
	}
	amount, err := c.arg(args, 0, found.low, found.high, found.normal)
	if err != nil || len(args) > 1 {
		return invalid("effect", text)
	}
	return c.on.then(found.simple(amount))
}

// arg is one of an effect's arguments as a number, or another one when it is absent. It fails with an [Error] for one that
// is no number or out of its range.
func (c *call) arg(args []string, i int, low, high, other float64) (float64, error) {
	if i >= len(args) || args[i] == "" {
		return other, nil
	}
	e, ok := parseExpression(args[i])
	if !ok {
		return 0, invalid("effect", args[i])
	}
	v, err := e.evaluate(c)
	if err != nil {
		return 0, err
	}
	if n, ok := v.asNumber(); ok && n >= low && n <= high {
		return n, nil
	}
	return 0, invalid("effect", args[i])
}

// noOperation is why an effect is refused that the engine has no operation for.
const noOperation = "the engine has no operation for it"

// noAddOn is why add-ons are refused.
const noAddOn = "it is an add-on of the provider's"

// refusedEffects are the effects that are not translated, and why.
var refusedEffects = map[string]string{
	"art": "its looks are tables of the provider's", "assist_colorblind": noOperation, "background_removal": noModel,
	"bgremoval": noModel, "blur_region_auto": noModel, "camera": "there are no models of three dimensions here",
	"cartoonify": noOperation, "deshake": onlyVideo, "displace": noOperation, "dropshadow": noOperation,
	"enhance": noModel, "extract": noModel, "fade": onlyVideo, "accelerate": onlyVideo, "boomerang": onlyVideo,
	"reverse": onlyVideo, "noise": onlyVideo, "preview": onlyVideo, "progressbar": onlyVideo, "transition": onlyVideo,
	"volume": onlyVideo, "zoompan": "a still picture is not made into an animation here",
	"gen_background_replace": noModel, "gen_fill": noModel, "gen_recolor": noModel, "gen_remove": noModel,
	"gen_replace": noModel, "gen_restore": noModel, "adv_redeye": noModel, "redeye": noModel,
	"light": "there are no models of three dimensions here", "lightroom": noAddOn,
	"lut": "tables of colours cannot be read here", "morphology": noOperation,
	"ordered_dither": noOperation,

	"style_transfer": noModel, "swap_image": noOperation, "theme": noModel, "upscale": noModel, "vectorize": noOperation,
	"viesus_correct": noAddOn,
}
