package blitline

import (
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// layerRules are the functions that read further pictures.
var layerRules = map[string]rule{
	"composite":  composite,
	"dissolve":   dissolve,
	"tile":       tile,
	"append":     appendPictures,
	"image_grid": imageGrid,
}

// blends are ImageMagick's ways to compose that the recipe has, too.
var blends = map[string]recipe.Blend{
	"over": recipe.BlendNormal, "srcover": recipe.BlendNormal, "copy": recipe.BlendNormal,
	"multiply": recipe.BlendMultiply, "screen": recipe.BlendScreen, "overlay": recipe.BlendOverlay,
	"darken": recipe.BlendDarken, "lighten": recipe.BlendLighten,
	"colordodge": recipe.BlendColorDodge, "colorburn": recipe.BlendColorBurn,
	"hardlight": recipe.BlendHardLight, "softlight": recipe.BlendSoftLight,
	"difference": recipe.BlendDifference, "exclusion": recipe.BlendExclusion,
	"plus": recipe.BlendAdd, "add": recipe.BlendAdd,
	"dstover": recipe.BlendBehind, "atop": recipe.BlendAtop, "srcatop": recipe.BlendAtop,
	"dstin": recipe.BlendMask, "dstout": recipe.BlendCut,
	"copyopacity": recipe.BlendMaskLight,
}

// layer reads what composite and dissolve have in common. A gravity takes the place of x and y.
func (c *call) layer() *recipe.OverlayOp {
	op := &recipe.OverlayOp{Picture: c.picture("src"), Gravity: recipe.NorthWest}
	if c.given("gravity") {
		op.Gravity = c.gravity("gravity")
	} else {
		op.X, op.Y = c.whole("x", 0), c.whole("y", 0)
	}
	for _, how := range []string{"fit", "fill"} {
		param := "scale_to_" + how
		if !c.in.set(param) {
			continue
		}
		inner := call{name: c.name, in: c.in.object(param), t: c.t}
		op.Width, op.Height, op.Scale = inner.edge("width"), inner.edge("height"), how
		if inner.complaint != "" || op.Width == nil && op.Height == nil || how == "fill" && (op.Width == nil || op.Height == nil) {
			c.wrong(param, `an object with width and height, in pixels or as shares such as "50%"`)
		}
	}
	if c.truth("scale_to_match") {
		op.Width, op.Height, op.Scale = recipe.Share(1), recipe.Share(1), "stretch"
	}
	blend, known := blends[bare(c.text("composite_op", "OverCompositeOp"), "compositeop")]
	switch {
	case c.truth("as_mask"):
		op.Blend = recipe.BlendMaskLight
	case !known:
		c.wrong("composite_op", "one of "+strings.Join(compositeOps, ", "))
	case blend != recipe.BlendNormal:
		op.Blend = blend
	}
	return op
}

// compositeOps are the names in blends as clients write them.
var compositeOps = []string{
	"OverCompositeOp", "MultiplyCompositeOp", "ScreenCompositeOp", "OverlayCompositeOp", "DarkenCompositeOp",
	"LightenCompositeOp", "ColorDodgeCompositeOp", "ColorBurnCompositeOp", "HardLightCompositeOp", "SoftLightCompositeOp",
	"DifferenceCompositeOp", "ExclusionCompositeOp", "PlusCompositeOp", "DstOverCompositeOp", "AtopCompositeOp",
	"DstInCompositeOp", "DstOutCompositeOp", "CopyCompositeOp", "CopyOpacityCompositeOp",
}

func composite(c *call) { c.then(c.layer()) }

// dissolve fades both pictures first.
func dissolve(c *call) {
	if below := c.fraction("dst_percentage", 1); *below < 1 {
		c.then(&recipe.OpacityOp{Opacity: below})
	}
	op := c.layer()
	op.Opacity = c.fraction("src_percentage", 0.25)
	c.then(op)
}

// tile repeats a picture over this one.
func tile(c *call) {
	op := &recipe.OverlayOp{Picture: c.picture("src"), Gravity: recipe.NorthWest, Tile: true}
	width, height := c.edge("width"), c.edge("height")
	scale := c.number("scale", 1)
	switch {
	case width != nil && height != nil:
		op.Width, op.Height, op.Scale = width, height, "stretch"
	case scale <= 0:
		c.wrong("scale", "a number above 0")
	case scale != 1:
		inner := call{name: c.name}
		inner.then(&recipe.ResizeOp{Scale: &scale})
		if inner.complaint != "" {
			c.complain("%s", inner.complaint)
		}
		op.Steps = inner.steps
	}
	c.then(op)
}

func appendPictures(c *call) {
	c.then(&recipe.AppendOp{Pictures: c.pictures("other_images"), Vertical: c.truth("vertical"), Background: "#ffffff"})
}

// imageGrid takes nothing from the job's own picture: in the vendor's example that is the first of the list again.
func imageGrid(c *call) {
	c.wants("cell_width")
	c.wants("cell_height")
	c.then(&recipe.GridOp{
		Pictures: c.pictures("images"), Own: new(false), Columns: max(c.whole("columns", 0), 0),
		Width: new(c.whole("cell_width", 0)), Height: new(c.whole("cell_height", 0)),
		Gap: c.whole("padding", 0), Background: c.colour("color", "#ffffff"),
	})
}
