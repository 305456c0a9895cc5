package parameter

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// page takes one page of a document, or one frame of an animation.
func (c *call) page() {
	for _, name := range []string{"page", "frame"} {
		if c.has(name) {
			c.made.Recipe.Pages = strconv.Itoa(c.whole(name, 1))
		}
	}
}

// orient turns by a value of EXIF, or by degrees clockwise; 0 leaves the picture as its file has it.
func (c *call) orient() {
	value := c.get("orient")
	if turned, isAngle := map[string]string{"90": "6", "180": "3", "270": "8"}[value]; isAngle {
		value = turned
	}
	if n, err := strconv.Atoi(value); err == nil && n > 1 {
		c.then(&recipe.OrientOp{Orientation: &n})
	}
}

// trim cuts a border off. Where the border is one of a photograph, the tolerance is the mean difference that imgix takes.
func (c *call) trim() {
	op := &recipe.TrimOp{}
	tolerance := 0.0
	switch c.get("trim") {
	case "":
		return
	case "auto":
		tolerance = c.number("trim-md", 11)
	case "alpha":
		op.Color, tolerance = "transparent", c.number("trim-alpha", 0)
	default:
		op.Color, tolerance = c.colour("trim-color", ""), c.number("trim-tol", 0)
	}
	op.Tolerance = new(tolerance / 255 * 100)
	if pad := c.whole("trim-pad", 0); pad > 0 {
		op.Padding = &pad
	}
	c.then(op)
}

// part is where a part of the source begins and how large it is.
type part struct {
	gravity       recipe.Gravity
	x, y          *recipe.Length
	width, height length
}

// parseRect reads x,y,w,h. x and y may be words, which say at which edge the part is.
func parseRect(value string) (p part, ok bool) {
	fields := strings.Split(value, ",")
	if len(fields) != 4 {
		return p, false
	}
	across, left, okX := parseStart(fields[0], map[string]string{"left": "left", "center": "", "right": "right"})
	down, top, okY := parseStart(fields[1], map[string]string{"top": "top", "middle": "", "bottom": "bottom"})
	width, okW := parseExtent(strings.TrimSpace(fields[2]))
	height, okH := parseExtent(strings.TrimSpace(fields[3]))
	if across == "number" {
		across = "left"
	}
	if down == "number" {
		down = "top"
	}
	return part{gravityOf(across, down), left, top, width, height}, okX && okY && okW && okH
}

// parseStart reads where a part begins along one edge: a word, or the way from the left or the top.
func parseStart(field string, names map[string]string) (side string, from *recipe.Length, ok bool) {
	field = strings.TrimSpace(field)
	if side, ok := names[field]; ok {
		return side, nil, true
	}
	n, ok := parseNumber(field)
	if !ok || n < 0 || n > 1e6 {
		return "", nil, false
	}
	if strings.Contains(field, ".") && n <= 1 {
		return "number", recipe.Share(n), true
	}
	return "number", recipe.Pixels(int(n)), n == math.Trunc(n)
}

// gravityOf puts two sides together; empty ones are the middle.
func gravityOf(across, down string) recipe.Gravity {
	return map[[2]string]recipe.Gravity{
		{"", ""}: recipe.Center, {"left", ""}: recipe.West, {"right", ""}: recipe.East,
		{"", "top"}: recipe.North, {"", "bottom"}: recipe.South, {"left", "top"}: recipe.NorthWest,
		{"right", "top"}: recipe.NorthEast, {"left", "bottom"}: recipe.SouthWest, {"right", "bottom"}: recipe.SouthEast,
	}[[2]string{across, down}]
}

// sided is the gravity of a list of sides, each of which may be missing.
func sided(list []string) recipe.Gravity {
	across, down := "", ""
	for _, side := range list {
		switch side {
		case "left", "right":
			across = side
		case "top", "bottom":
			down = side
		}
	}
	return gravityOf(across, down)
}

func (c *call) rect() {
	p, ok := parseRect(c.get("rect"))
	if !ok {
		return
	}
	c.then(&recipe.CropOp{
		Box:       recipe.Box{Width: p.width.recipe(), Height: p.height.recipe()},
		Placement: recipe.Placement{Gravity: p.gravity, X: p.x, Y: p.y},
	})
}

// rotate turns counter-clockwise, and mirrors.
func (c *call) rotate() {
	if degrees := c.number("rot", 0); degrees != 0 {
		c.then(&recipe.RotateOp{Degrees: new(-degrees), Inside: !c.is("rot-type", "pivot"), Background: c.colour("bg", "")})
	}
	if flip := c.get("flip"); flip != "" {
		c.then(&recipe.FlipOp{Direction: map[string]string{"h": "horizontal", "v": "vertical", "hv": "both"}[flip]})
	}
}

// box is the size that is asked for, in pixels of the screen, less what pad adds again. An edge that is open is nil.
func (c *call) box() (width, height *length) {
	factor := c.number("dpr", 1)
	if factor <= 0 {
		factor = 1
	}
	for _, name := range []string{"w", "h"} {
		if l, ok := parseExtent(c.get(name)); ok && !l.share {
			factor = min(factor, largest/l.amount) // what is too large is made smaller, both edges alike
		}
	}
	edge := func(name string, taken int) *length {
		l, ok := parseExtent(c.get(name))
		if !ok {
			return nil
		}
		l = l.times(factor)
		if !l.share {
			l.amount = max(1, l.amount-float64(taken))
		}
		return &l
	}
	p := c.padding()
	return edge("w", p.left+p.right), edge("h", p.top+p.bottom)
}

// boxOf is a box as the recipe writes it.
func boxOf(width, height *length) (b recipe.Box) {
	if width != nil {
		b.Width = width.recipe()
	}
	if height != nil {
		b.Height = height.recipe()
	}
	return b
}

// fit is the way to bring a picture to its size: the first of a list that can be had.
func (c *call) fit() string {
	if list := c.list("fit"); len(list) > 0 {
		return list[0]
	}
	return "clip"
}

// size brings the picture to its size.
func (c *call) size() {
	width, height := c.box()
	box, fit := boxOf(width, height), c.fit()
	asked, isRatio := parseRatio(c.get("ar"))
	if isRatio && slices.Contains([]string{"crop", "fill", "fillmax"}, fit) && (width == nil || height == nil) {
		box.AspectRatio = &asked
	}
	if fit == "crop" && c.bounded(width, height) {
		return
	}
	whole := width != nil && height != nil || box.AspectRatio != nil
	none := width == nil && height == nil
	switch {
	case none && box.AspectRatio == nil:
	case fit == "crop" && none:
		c.cutToRatio(asked)
	case fit == "max", fit == "fillmax" && !whole, fit == "min" && !whole:
		c.then(&recipe.FitOp{Box: box})
	case fit == "scale":
		c.then(&recipe.ResizeOp{Box: box})
	case !whole, fit == "clip":
		c.then(&recipe.FitOp{Box: box, Enlarge: true})
	default:
		c.frameTo(fit, box, width, height)
	}
}

// frameTo makes a picture of exactly the size, or of the ratio at least.
func (c *call) frameTo(fit string, box recipe.Box, width, height *length) {
	placed, focus, zoom := c.look()
	switch fit {
	case "crop":
		c.then(&recipe.FillOp{Box: box, Placement: placed, Focus: focus, Zoom: zoom})
	case "min":
		if width.share || height.share {
			c.then(&recipe.FillOp{Box: box, Placement: placed, Focus: focus, Enlarge: new(false)})
			return
		}
		c.cutToRatio(recipe.Ratio(width.amount / height.amount))
		c.then(&recipe.FitOp{Box: box})
	case "clamp":
		c.then(&recipe.PadOp{Box: box, Background: "copy"})
	default: // fill and fillmax
		op := &recipe.PadOp{Box: box, Background: c.fillColour()}
		if fit == "fillmax" {
			op.Enlarge = new(false)
		}
		c.then(op)
	}
}

// cutToRatio keeps the largest part of a ratio.
func (c *call) cutToRatio(to recipe.Ratio) {
	placed, focus, _ := c.look()
	c.then(&recipe.AspectOp{AspectRatio: &to, Placement: placed, Focus: focus})
}

// bounded makes a picture whose open edge has bounds: it covers the lesser of them, and is cut at the greater. It reports
// false when there are none.
func (c *call) bounded(width, height *length) bool {
	low, high, any := map[string]*length{}, map[string]*length{"w": width, "h": height}, false
	for edge, given := range map[string]*length{"w": width, "h": height} {
		least, most := c.bound("min-"+edge), c.bound("max-"+edge)
		any = any || least != nil || most != nil
		low[edge] = least
		switch {
		case given == nil:
			high[edge] = most
		case !given.share:
			within := *given
			if least != nil {
				within.amount = max(within.amount, least.amount)
			}
			if most != nil {
				within.amount = min(within.amount, most.amount)
			}
			low[edge], high[edge] = &within, &within
		default:
			low[edge] = given
		}
	}
	if !any {
		return false
	}
	if cover := boxOf(low["w"], low["h"]); cover.Width != nil || cover.Height != nil {
		asked := width != nil || height != nil
		c.then(&recipe.FitOp{Box: cover, Cover: true, Enlarge: true, Shrink: new(asked)})
	}
	cut := boxOf(high["w"], high["h"])
	if cut.Width == nil {
		cut.Width = recipe.Share(1)
	}
	if cut.Height == nil {
		cut.Height = recipe.Share(1)
	}
	if placed, focus, zoom := c.look(); high["w"] != nil || high["h"] != nil {
		c.then(&recipe.CropOp{Box: cut, Placement: placed, Focus: focus, Zoom: zoom})
	}
	return true
}

func (c *call) bound(name string) *length {
	if !c.has(name) {
		return nil
	}
	return &length{amount: c.number(name, 1)}
}

// look is which part of a picture stays: the first on the list that can be found. Sides count together.
func (c *call) look() (recipe.Placement, recipe.Focus, *float64) {
	list := c.list("crop")
	for i, part := range list {
		switch part {
		case "faces", "auto", "attention":
			// Without a detector of faces the next one on the list gets its turn.
			if part == "faces" && i+1 < len(list) {
				continue
			}
			return recipe.Placement{Gravity: recipe.Attention}, recipe.Focus{}, nil
		case "entropy", "edges":
			return recipe.Placement{Gravity: recipe.Entropy}, recipe.Focus{}, nil
		case "focalpoint":
			focus := recipe.Focus{FocusX: new(c.number("fp-x", 0.5)), FocusY: new(c.number("fp-y", 0.5))}
			var zoom *float64
			if c.has("fp-z") {
				zoom = new(c.number("fp-z", 1))
			}
			return recipe.Placement{}, focus, zoom
		default:
			return recipe.Placement{Gravity: sided(list)}, recipe.Focus{}, nil
		}
	}
	return recipe.Placement{Gravity: recipe.Center}, recipe.Focus{}, nil
}

// fillColour is what comes to lie around a picture that is padded.
func (c *call) fillColour() string {
	switch fill := c.get("fill"); fill {
	case "blur":
		return "blur"
	case "solid":
		return c.colour("fill-color", "transparent")
	case "":
		return c.colour("bg", "white")
	default:
		return c.colour("fill", "white")
	}
}

// ground puts a colour behind what is clear.
func (c *call) ground() {
	if c.has("bg") {
		c.then(&recipe.FlattenOp{Background: c.colour("bg", "")})
	}
}
