package parameter

import (
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// write writes on the picture.
func (c *call) write() {
	content := c.get("txt")
	if strings.TrimSpace(content) == "" {
		return
	}
	op := &recipe.TextOp{
		Text: content, Font: "Helvetica", Size: new(max(1, c.number("txt-size", 12))), Color: c.colour("txt-color", "black"),
		LineSpacing: c.whole("txt-lead", 0), LetterSpacing: c.number("txt-track", 0),
	}
	c.font(op)
	op.Gravity, op.X, op.Y = c.anchor("txt", "bottom,right", 10)
	op.Align = map[recipe.Gravity]string{
		recipe.North: "center", recipe.Center: "center", recipe.South: "center",
		recipe.NorthEast: "right", recipe.East: "right", recipe.SouthEast: "right",
	}[op.Gravity]
	if width := c.whole("txt-width", 0); width > 0 {
		op.Width = recipe.Pixels(width)
	}
	if c.is("txt-fit", "max") {
		// As large as the width allows, and the picture's height.
		op.Size, op.Height = nil, recipe.Share(1)
		if op.Width == nil {
			op.Width = recipe.Share(1)
		}
	}
	if thick := c.number("txt-line", 0); thick > 0 {
		op.Outline, op.OutlineColor = thick, c.colour("txt-line-color", "white")
	}
	if soft := c.number("txt-shad", 0); soft > 0 {
		op.ShadowColor, op.ShadowBlur = "black", &soft
	}
	c.then(op)
}

// font reads a family, and behind commas how it looks.
func (c *call) font(op *recipe.TextOp) {
	for i, part := range c.list("txt-font") {
		part = strings.Trim(part, `'"`)
		switch lower := strings.ToLower(part); {
		case lower == "bold":
			op.Weight = 700
		case lower == "italic":
			op.Italic = true
		case i == 0 && part != "":
			op.Font = part
		}
	}
}
