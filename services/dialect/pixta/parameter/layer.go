package parameter

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// anchor is where a layer lies: at the sides of name-align, name-pad pixels from them. name-x and name-y count from the
// upper left corner and take their place.
func (c *call) anchor(name, align string, pad int) (gravity recipe.Gravity, x, y int) {
	list := c.list(name + "-align")
	if len(list) == 0 {
		list = strings.Split(align, ",")
	}
	pad = c.whole(name+"-pad", pad)
	across, down := "", ""
	for _, side := range list {
		switch side {
		case "left", "right":
			across, x = side, pad
		case "top", "bottom":
			down, y = side, pad
		}
	}
	if c.has(name + "-x") {
		across, x = "left", c.whole(name+"-x", 0)
	}
	if c.has(name + "-y") {
		down, y = "top", c.whole(name+"-y", 0)
	}
	return gravityOf(across, down), x, y
}

// scaled brings a layer to the size of name-w and name-h, by name-fit.
func (c *call) scaled(name string, op *recipe.OverlayOp) {
	width, ok := parseExtent(c.get(name + "-w"))
	if ok {
		op.Width = width.recipe()
	}
	height, also := parseExtent(c.get(name + "-h"))
	if also {
		op.Height = height.recipe()
	}
	fit := c.get(name + "-fit")
	switch {
	case fit == "scale":
		op.Scale = "stretch"
	case fit == "crop" && name == "blend" && ok && also && !width.share && !height.share:
		// A layer of a known size is cut by itself, so that a side of it can stay.
		c.step(op, &recipe.FillOp{Box: boxOf(&width, &height), Placement: recipe.Placement{Gravity: sided(c.list("blend-crop"))}})
		op.Width, op.Height = nil, nil
	case fit == "crop":
		op.Scale = "fill"
	case fit == "max" && (ok && !width.share || also && !height.share):
		var box recipe.Box
		if ok && !width.share {
			box.Width = op.Width
		}
		if also && !height.share {
			box.Height = op.Height
		}
		c.step(op, &recipe.FitOp{Box: box})
		op.Width, op.Height = nil, nil
	}
}

// step applies an operation to the layer first.
func (c *call) step(op *recipe.OverlayOp, to recipe.Operation) {
	step, err := recipe.NewStep(to, nil)
	if err != nil && c.err == nil {
		c.err = err
	}
	op.Steps = append(op.Steps, step)
}

// named keeps a picture under a name of its own.
func (c *call) named(name string, p Picture) string {
	c.made.Pictures[name] = p
	return name
}

// pictureAt is the picture at an address, or at a path in the source, below a base if there is one.
func pictureAt(at, base string) Picture {
	if base != "" && !isAddress(at) {
		at = strings.TrimSuffix(base, "/") + "/" + strings.TrimPrefix(at, "/")
	}
	if isAddress(at) {
		return Picture{URL: at}
	}
	return Picture{Path: strings.TrimPrefix(at, "/")}
}

func isAddress(at string) bool {
	return strings.HasPrefix(at, "http://") || strings.HasPrefix(at, "https://")
}

// mark lays a watermark over the picture.
func (c *call) mark() {
	if !c.has("mark") {
		return
	}
	op := &recipe.OverlayOp{Picture: c.named("mark", pictureAt(c.get("mark"), c.get("mark-base"))), Tile: c.has("mark-tile")}
	op.Gravity, op.X, op.Y = c.anchor("mark", "bottom,right", 5)
	if share := c.number("mark-scale", 0); share > 0 && !c.has("mark-w") && !c.has("mark-h") {
		op.Width = recipe.Share(share / 100)
	}
	c.scaled("mark", op)
	if alpha := c.number("mark-alpha", 100); alpha < 100 {
		op.Opacity = new(alpha / 100)
	}
	if degrees := c.number("mark-rot", 0); degrees != 0 {
		c.step(op, &recipe.RotateOp{Degrees: new(-degrees)})
	}
	c.then(op)
}

// blend lays a colour or a picture over the picture.
func (c *call) blend() {
	value := c.get("blend")
	if value == "" {
		return
	}
	mode := c.get("blend-mode")
	if mode == "" {
		mode = "overlay"
	}
	op := &recipe.OverlayOp{Blend: recipe.Blend(modes[mode])}
	if alpha := c.number("blend-alpha", 100); alpha < 100 {
		op.Opacity = new(alpha / 100)
	}
	if flat, ok := parseColour(value); ok {
		op.Picture = c.named("blend", Picture{Inline: pixel(flat)})
		op.Width, op.Height, op.Scale = recipe.Share(1), recipe.Share(1), "stretch"
		c.then(op)
		return
	}
	op.Picture = c.named("blend", pictureAt(value, ""))
	op.Gravity, op.X, op.Y = c.anchor("blend", "top,left", 0)
	c.scaled("blend", op)
	c.then(op)
}

// pixel is a picture of one pixel.
func pixel(colour string) string {
	parsed, err := recipe.ParseColour(colour)
	if err != nil {
		return "" // it was checked
	}
	img := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	img.SetNRGBA(0, 0, color.NRGBA(parsed))
	var file bytes.Buffer
	_ = png.Encode(&file, img) // a buffer takes everything
	return base64.StdEncoding.EncodeToString(file.Bytes())
}

// mask keeps a shape of the picture.
func (c *call) mask() {
	ground := c.colour("mask-bg", "white")
	switch value := c.get("mask"); value {
	case "":
	case "ellipse":
		c.then(&recipe.MaskOp{Background: ground})
	case "corners":
		radii, ok := parseCorners(c.get("corner-radius"))
		if ok {
			c.then(&recipe.RoundOp{Radius: &recipe.Radii{Corners: radii}, Background: ground})
		}
	default:
		c.then(&recipe.OverlayOp{
			Picture: c.named("mask", pictureAt(value, "")), Width: recipe.Share(1), Height: recipe.Share(1), Scale: "stretch",
			Blend: recipe.BlendMaskLight,
		})
		if opacity(ground) > 0 {
			c.then(&recipe.FlattenOp{Background: ground})
		}
	}
}
