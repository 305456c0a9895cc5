package blitline

import (
	"math"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// geometryRules are the functions that move pixels about.
var geometryRules = map[string]rule{
	"resize_to_fit":           resizeToFit,
	"resize_to_fill":          resizeToFill,
	"resize_to_fit_with_wrap": resizeAround,
	"resize":                  resize,
	"scale":                   resize,
	"thumbnail":               resize,
	"pad_resize_to_fit":       padResizeToFit,
	"crop":                    crop,
	"crop_to_square":          cropToSquare,
	"imagga_smart_crop":       smartCrop,
	"trim":                    trim,
	"rotate":                  rotate,
	"deskew":                  deskew,
	"pad":                     pad,
	"resample":                resample,
	"density":                 setDensity,
	"convert_to_dpi":          setDensity,
}

// autosharpen is what the option of that name does after scaling: just enough to make up for it.
func (c *call) autosharpen() {
	if c.truth("autosharpen") {
		c.then(&recipe.SharpenOp{Sigma: new(0.5), Amount: new(1.5)})
	}
}

// open is a box of which one edge may be missing or 0, but not both.
func (c *call) open() recipe.Box {
	box := recipe.Box{Width: c.edge("width"), Height: c.edge("height")}
	if box.Width == nil && box.Height == nil {
		c.wrong(c.first("width", "height"), "a width or a height of more than 0 pixels")
	}
	return box
}

// resizeToFit enlarges by default, and takes a missing or zero edge as open.
func resizeToFit(c *call) {
	c.then(&recipe.FitOp{Box: c.open(), Enlarge: !c.truth("only_shrink_larger")})
	c.autosharpen()
}

func resizeAround(c *call) {
	c.then(&recipe.FitOp{Box: c.open(), Enlarge: !c.truth("only_shrink_larger"), Cover: true})
}

// resizeToFill leaves with only_shrink_larger a picture alone that is smaller in both directions, which is not cut either.
func resizeToFill(c *call) {
	c.then(&recipe.FillOp{
		Box: c.box(), Placement: recipe.Placement{Gravity: c.gravity("gravity")}, KeepSmaller: c.truth("only_shrink_larger"),
	})
	c.autosharpen()
}

func resize(c *call) {
	if factor := c.number("scale_factor", 0); factor > 0 {
		c.then(&recipe.ResizeOp{Scale: &factor})
		return
	}
	c.then(&recipe.ResizeOp{Box: c.box()})
}

func padResizeToFit(c *call) {
	op := &recipe.PadOp{
		Box: c.box(), Placement: recipe.Placement{Gravity: c.gravity("gravity")}, Background: c.colour("color", "#ffffff"),
	}
	if c.truth("only_resize_larger") || c.truth("only_shrink_larger") {
		op.Enlarge = new(false)
	}
	c.then(op)
}

// crop takes x and y from the corner at the upper left, or from the gravity if there is one. Without a height all of it
// stays. Nothing is ever enlarged, so only_shrink_larger asks for what is done anyway.
func crop(c *call) {
	box := recipe.Box{Width: c.wants("width"), Height: c.edge("height")}
	if box.Height == nil {
		box.Height = recipe.Share(1)
	}
	c.truth("only_shrink_larger")
	place := recipe.Placement{X: c.length("x"), Y: c.length("y")}
	if place.X == nil {
		place.X = recipe.Pixels(0)
	}
	if place.Y == nil {
		place.Y = recipe.Pixels(0)
	}
	if c.given("gravity") {
		place.Gravity = c.gravity("gravity")
	}
	c.then(&recipe.CropOp{Box: box, Placement: place, KeepRatio: c.truth("preserve_aspect_if_smaller")})
}

func cropToSquare(c *call) {
	c.then(&recipe.AspectOp{
		AspectRatio: new(recipe.Ratio(1)),
		Placement:   recipe.Placement{Gravity: c.gravity("gravity"), X: c.length("x"), Y: c.length("y")},
	})
}

// smartCrop stands in for a service that looked for what is interesting.
func smartCrop(c *call) {
	size := resolution.FindStringSubmatch(c.text("resolution", ""))
	if size == nil {
		c.wrong("resolution", `a width and a height such as "150x150"`)
		return
	}
	read := loose{"width": []byte(size[1]), "height": []byte(size[2])}
	inner := call{name: c.name, in: read}
	box, interesting := inner.box(), recipe.Placement{Gravity: recipe.Attention}
	if inner.complaint != "" {
		c.wrong("resolution", `a width and a height above 0 such as "150x150"`)
	}
	if c.truth("no_scaling") {
		c.then(&recipe.CropOp{Box: box, Placement: interesting})
		return
	}
	c.then(&recipe.FillOp{Box: box, Placement: interesting})
}

func trim(c *call) {
	c.then(&recipe.TrimOp{Tolerance: new(100 * *c.fraction("fuzz", 0))})
}

// rotate turns clockwise, by a quarter when no amount is given.
func rotate(c *call) {
	c.then(&recipe.RotateOp{Degrees: new(math.Mod(c.number("amount", 90), 360))})
}

func deskew(c *call) {
	c.then(&recipe.DeskewOp{Threshold: c.fraction("threshold", 0.4)})
}

// pad adds on the side that the gravity names; a corner stands for all sides, as the center does.
func pad(c *call) {
	size := c.wants("size")
	op := &recipe.ExtendOp{Background: c.colour("color", "#ffffff")}
	switch c.gravity("gravity") {
	case recipe.North:
		op.Top = size
	case recipe.South:
		op.Bottom = size
	case recipe.West:
		op.Left = size
	case recipe.East:
		op.Right = size
	default:
		op.Top, op.Right, op.Bottom, op.Left = size, size, size, size
	}
	c.then(op)
}

// resample scales to a density; its documentation and its own example call that by different names.
func resample(c *call) {
	c.then(&recipe.DensityOp{DPI: new(c.number(c.first("density", "amount"), 72)), Resample: true})
}

func setDensity(c *call) {
	c.then(&recipe.DensityOp{DPI: new(c.number("dpi", 72))})
}
