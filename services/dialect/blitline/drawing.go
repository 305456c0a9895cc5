package blitline

import (
	"math"
	"strconv"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// drawingRules are the functions that write and draw.
var drawingRules = map[string]rule{
	"annotate":         annotate,
	"caption":          caption,
	"watermark":        watermark,
	"line":             line,
	"rectangle":        rectangle,
	"ellipse":          ellipse,
	"background_color": backgroundColour,
	"photograph":       photograph,
}

// weights are the words for how heavy letters are.
var weights = map[string]int{"normal": 400, "any": 400, "lighter": 300, "bold": 700, "bolder": 800}

// weight is that of the letters: a word or a number, bold by default.
func (c *call) weight() int {
	param := c.first("font_weight", "weight")
	word := bare(c.text(param, "bold"), "weight")
	if weight, known := weights[word]; known {
		return weight
	}
	number, err := strconv.ParseFloat(word, 64)
	if err != nil {
		c.wrong(param, "normal, bold, bolder, lighter, or a number from 100 to 900")
		return 0
	}
	return int(math.Round(clamp(number, 100, 900)/100)) * 100
}

// lettering is what annotate and caption have in common. A backslash and an n start a new line, as in ImageMagick.
func (c *call) lettering() *recipe.TextOp {
	return &recipe.TextOp{
		Text: strings.ReplaceAll(c.needsText("text"), `\n`, "\n"), Font: c.text(c.first("font", "font_family"), "Arial"),
		Weight: c.weight(), Color: c.colour("color", "#ffffff"), Gravity: c.gravity("gravity"), X: c.whole("x", 0), Y: c.whole("y", 0),
	}
}

func annotate(c *call) {
	op := c.lettering()
	op.Size = new(c.number("point_size", 32))
	op.LetterSpacing = clamp(c.number("kerning", 0), -50, 500)
	switch style := bare(c.text("style", "normal"), "style"); style {
	case "italic", "oblique":
		op.Italic = true
	case "normal", "any":
	default:
		c.wrong("style", "normal, italic or oblique")
	}
	room := 0
	if stroke := c.colour("stroke", "transparent"); stroke != "transparent" {
		op.Outline, op.OutlineColor = 1, stroke
		room++
	}
	if c.given("dropshadow_color") {
		offset := c.whole("dropshadow_offset", 3)
		op.ShadowColor, op.ShadowX, op.ShadowY = c.colour("dropshadow_color", ""), &offset, &offset
		room += max(offset, -offset)
	}
	inward(op, room)
	c.then(op)
}

// inward takes back the room that outline and shadow need around the letters, whose own edge is what the client places.
func inward(op *recipe.TextOp, room int) {
	switch op.Gravity {
	case recipe.NorthWest, recipe.West, recipe.SouthWest, recipe.NorthEast, recipe.East, recipe.SouthEast:
		op.X -= room
	}
	switch op.Gravity {
	case recipe.NorthWest, recipe.North, recipe.NorthEast, recipe.SouthWest, recipe.South, recipe.SouthEast:
		op.Y -= room
	}
}

// caption fills a box with text, which is the whole picture where the client says nothing of its size.
func caption(c *call) {
	op := c.lettering()
	if op.Width = c.edge("width"); op.Width == nil {
		op.Width = recipe.Share(1)
	}
	height := c.edge("height")
	if height == nil {
		height = recipe.Share(1)
	}
	if size := c.number("point_size", 0); size > 0 {
		op.Size = &size
	} else {
		op.Height = height
	}
	switch c.gravity("text_gravity") {
	case recipe.NorthWest, recipe.West, recipe.SouthWest:
		op.Align = "left"
	case recipe.NorthEast, recipe.East, recipe.SouthEast:
		op.Align = "right"
	default:
		op.Align = "center"
	}
	c.then(op)
}

func watermark(c *call) {
	op := &recipe.TextOp{
		Text: c.needsText("text"), Font: c.text("font_family", "Helvetica"), Size: new(c.number("point_size", 94)),
		Gravity: c.gravity("gravity"), Opacity: c.fraction("opacity", 0.45), Color: "#ffffff",
		ShadowColor: "#555555", ShadowX: new(1), ShadowY: new(1),
	}
	inward(op, 1)
	c.then(op)
}

// coordinates are whole numbers that all have to be there.
func (c *call) coordinates(params ...string) []int {
	all := make([]int, len(params))
	for i, param := range params {
		if !c.given(param) {
			c.wrong(param, "a number of pixels")
		}
		all[i] = c.whole(param, 0)
	}
	return all
}

func line(c *call) {
	at := c.coordinates("x", "y", "x1", "y1")
	c.then(&recipe.LineOp{
		X: recipe.Pixels(at[0]), Y: recipe.Pixels(at[1]), ToX: recipe.Pixels(at[2]), ToY: recipe.Pixels(at[3]),
		Width: new(c.number("width", 1)), Color: faded(c.colour("color", "#ffffff"), *c.fraction("opacity", 1)),
		Round: bare(c.text("line_cap", "butt"), "cap") == "round",
	})
}

// figure is the box from one pixel to another, both of which lie within, and how it is filled and outlined.
func (c *call) figure(x, y, x1, y1 int) recipe.Figure {
	colour := c.colour("color", "#ffffff")
	f := recipe.Figure{
		X: recipe.Pixels(min(x, x1)), Y: recipe.Pixels(min(y, y1)),
		Width: recipe.Pixels(max(x1-x, x-x1) + 1), Height: recipe.Pixels(max(y1-y, y-y1) + 1),
		Color:  faded(c.colour("fill_color", colour), *c.fraction("fill_opacity", 1)),
		Stroke: max(c.number("stroke_width", 0), 0),
	}
	if f.Stroke > 0 {
		f.StrokeColor = faded(colour, *c.fraction("stroke_opacity", 1))
	}
	return f
}

func rectangle(c *call) {
	at := c.coordinates("x", "y", "x1", "y1")
	c.then(&recipe.RectangleOp{
		Figure: c.figure(at[0], at[1], at[2], at[3]), RadiusX: max(c.whole("cw", 0), 0), RadiusY: max(c.whole("ch", 0), 0),
	})
}

// ellipse has a middle and two radii, which are called width and height.
func ellipse(c *call) {
	at := c.coordinates("origin_x", "origin_y", "ellipse_width", "ellipse_height")
	for _, radius := range []string{"ellipse_width", "ellipse_height"} {
		if c.given(radius) && c.whole(radius, 0) <= 0 {
			c.wrong(radius, "a number of pixels above 0")
		}
	}
	c.then(&recipe.EllipseOp{Figure: c.figure(at[0]-at[2], at[1]-at[3], at[0]+at[2], at[1]+at[3])})
}

func backgroundColour(c *call) { c.then(&recipe.FlattenOp{Background: c.colour("color", "#ffffff")}) }

// photograph puts the picture on paper with a broad lower edge, and turns it.
func photograph(c *call) {
	side := recipe.Share(0.04)
	c.then(&recipe.ExtendOp{Top: side, Left: side, Right: side, Bottom: recipe.Share(0.12), Background: "#ffffff"})
	c.then(&recipe.RotateOp{Degrees: new(math.Mod(c.number("angle", -5), 360))})
}
