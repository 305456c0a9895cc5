package recipe

import "slices"

// Blend says how a layer's colours meet those below: the modes of W3C Compositing and Blending Level 1, and five that
// use the layer as a stencil.
type Blend string

// The ways to blend.
const (
	BlendNormal     Blend = "normal"
	BlendMultiply   Blend = "multiply"
	BlendScreen     Blend = "screen"
	BlendOverlay    Blend = "overlay"
	BlendDarken     Blend = "darken"
	BlendLighten    Blend = "lighten"
	BlendColorDodge Blend = "color_dodge"
	BlendColorBurn  Blend = "color_burn"
	BlendHardLight  Blend = "hard_light"
	BlendSoftLight  Blend = "soft_light"
	BlendDifference Blend = "difference"
	BlendExclusion  Blend = "exclusion"
	BlendAdd        Blend = "add"
	// BlendBehind shows the layer where the picture is clear.
	BlendBehind Blend = "behind"
	// BlendAtop shows the layer where the picture is not clear.
	BlendAtop Blend = "atop"
	// BlendMask keeps the picture where the layer is not clear.
	BlendMask Blend = "mask"
	// BlendCut keeps the picture where the layer is clear.
	BlendCut Blend = "cut"
	// BlendMaskLight keeps the picture where the layer is light; a layer that has transparency is taken as for mask.
	BlendMaskLight Blend = "mask_light"
)

// Blends lists every way to blend.
var Blends = []Blend{
	BlendNormal, BlendMultiply, BlendScreen, BlendOverlay, BlendDarken, BlendLighten, BlendColorDodge, BlendColorBurn,
	BlendHardLight, BlendSoftLight, BlendDifference, BlendExclusion, BlendAdd, BlendBehind, BlendAtop, BlendMask, BlendCut,
	BlendMaskLight,
}

// Anchor puts a layer on a picture: at a place, then inward by X and Y pixels; from the center, to the right and down.
// Either may be negative, and the layer may stick out.
type Anchor struct {
	Gravity Gravity
	X, Y    int
}

// Place is where the upper left corner of a layer of the size is.
func (a Anchor) Place(layer, in Size) (x, y int) {
	x, y = a.Gravity.place(layer, in)
	dx, dy := a.X, a.Y
	switch a.Gravity {
	case NorthEast, East, SouthEast:
		dx = -dx
	}
	switch a.Gravity {
	case SouthWest, South, SouthEast:
		dy = -dy
	}
	return x + dx, y + dy
}

// anchor checks where a layer goes.
func (c *checker) anchor(gravity Gravity, x, y int) {
	c.place(gravity)
	c.corner("x", x)
	c.corner("y", y)
}

// place checks a gravity that has nothing to look for; empty is none.
func (c *checker) place(gravity Gravity) {
	fixed := slices.DeleteFunc(slices.Clone(Gravities), Gravity.smart)
	if gravity != "" && !slices.Contains(fixed, gravity) {
		c.wrong("gravity", gravity, "one of %s", join(fixed))
	}
}

// checkedColour is a colour that passed the check, or the other one when it is empty.
func checkedColour(text string, other Colour) Colour {
	if parsed, err := colourOr(text, other); err == nil {
		return parsed
	}
	return other
}

// edge checks an optional length.
func (c *checker) edge(param string, length *int) {
	if length != nil && (*length < 1 || *length > MaxEdge) {
		c.wrong(param, *length, "a whole number of pixels, 1 to %d", MaxEdge)
	}
}

// corner checks a coordinate.
func (c *checker) corner(param string, at int) {
	if at < -farthest || at > farthest {
		c.wrong(param, at, "a whole number of pixels, %d to %d", -farthest, farthest)
	}
}

// MaxLayers is how many layers may be laid over one another's pictures: a text on a badge on a picture are two.
const MaxLayers = 4

// chain checks steps that are applied to a further picture, one after the other: they neither save nor branch. They may lay
// further layers over it, which count as steps of the recipe, and read no other pictures.
func (c *checker) chain(param string, steps []Step) {
	path := c.path
	c.layers++
	defer func() { c.path, c.layers = path, c.layers-1 }()
	if len(steps) > MaxDepth {
		c.wrong(param, len(steps), "at most %d steps", MaxDepth)
		return
	}
	for i, step := range steps {
		here := index(path+"."+param, i)
		if step.Save != nil || len(step.Steps) > 0 {
			c.report(here, nil, "a step with neither save nor steps of its own")
			continue
		}
		if step.Op == (*OverlayOp)(nil).Name() && c.layers >= MaxLayers {
			c.report(here+".op", step.Op, "layers laid over layers at most %d deep", MaxLayers)
			continue
		}
		op := c.operation(step, here)
		_, overlays := op.(*OverlayOp)
		if overlays {
			c.laid++
		}
		if !overlays && len(picturesOf(op)) > 0 {
			c.report(here+".op", step.Op, "an operation that needs no further picture, or overlay")
		}
	}
}

// picture checks the name of a further picture.
func (c *checker) picture(param, name string) {
	if name == "" || len(name) > MaxIDLength {
		c.wrong(param, name, "the name of one of the job's pictures, 1 to %d bytes", MaxIDLength)
	}
}
