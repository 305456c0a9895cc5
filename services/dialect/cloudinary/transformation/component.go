package transformation

import (
	"math"
	"slices"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// perform carries out a component's actions in the provider's fixed order, whatever order they are written in.
func (c *call) perform() error {
	if len(c.params.names()) > 0 {
		return errorf("Unknown named transformation - %s", shortened(c.params.get("t")))
	}
	for _, action := range []func() error{
		c.notes, c.autoTurn, c.resize, c.turn, c.effects, c.frame, c.flatten, c.fade, c.output,
	} {
		if err := action(); err != nil {
			return err
		}
	}
	return nil
}

// extent is a length as a client gives it.
type extent struct {
	set    bool
	amount float64
	share  bool // of an edge
}

// extent reads an expression as a length: a plain number with a point is a share.
func (c *call) extent(key string) (extent, error) {
	text := c.params.get(key)
	if text == "" || checkEdge("")(text) == nil && (text == "auto" || len(text) > 4 && text[:5] == "auto:") {
		return extent{}, nil
	}
	v, err := c.evaluate(key, text)
	return extent{set: true, amount: v.number, share: v.point}, err
}

// evaluate reads the number of an expression.
func (c *call) evaluate(key, text string) (value, error) {
	e, ok := parseExpression(text)
	if !ok {
		return value{}, invalid(keys[key].name, text)
	}
	v, err := e.evaluate(c)
	if err != nil {
		return value{}, err
	}
	n, ok := v.asNumber()
	if !ok || math.Abs(n) > farthest {
		return value{}, invalid(keys[key].name, text)
	}
	v.number = n
	return v, nil
}

// number is the number of a key, or another one. It fails with an [Error] for one out of the range.
func (c *call) number(key string, other, low, high float64) (float64, error) {
	text := c.params.get(key)
	if text == "" {
		return other, nil
	}
	v, err := c.evaluate(key, text)
	if err == nil && (v.number < low || v.number > high) {
		err = invalid(keys[key].name, text)
	}
	return v.number, err
}

// dpr is by how much the final size is multiplied.
func (c *call) dpr() (float64, error) {
	text := c.params.get("dpr")
	switch {
	case text == "auto":
		return 1, nil
	case c.inDPR:
		return 0, invalid(keys["dpr"].name, text) // it is made of itself
	}
	c.inDPR = true
	defer func() { c.inDPR = false }()
	return c.number("dpr", 1, 0.1, 10)
}

// offsets are x and y.
func (c *call) offsets() (x, y extent, err error) {
	if x, err = c.extent("x"); err != nil {
		return x, y, err
	}
	y, err = c.extent("y")
	return x, y, err
}

// page is the first page that is asked for.
func (c *call) page() int {
	if pages := c.result.Pages; len(pages) > 0 {
		return pages[0]
	}
	return 1
}

// fade makes the picture more transparent.
func (c *call) fade() error {
	opacity, err := c.number("o", 100, 0, 100)
	if err != nil || opacity == 100 {
		return err
	}
	c.on.opaque = false
	return c.on.then(&recipe.OpacityOp{Opacity: new(opacity / 100)})
}

// flatten puts a colour behind what is transparent.
func (c *call) flatten() error {
	colour, flat, err := c.background()
	if err != nil || !flat || c.on.opaque {
		return err
	}
	parsed, err := recipe.ParseColour(colour)
	if err != nil || parsed.A == 0 {
		return nil // transparent stays so
	}
	c.on.opaque = true
	return c.on.then(&recipe.FlattenOp{Background: colour})
}

// notes keeps what the component says of the output as a whole, not of the picture at this point.
func (c *call) notes() error {
	if c.below != nil {
		return c.layerNotes()
	}
	if err := c.load(); err != nil {
		return err
	}
	for _, flag := range c.params.flags() {
		if err := c.flag(flag); err != nil {
			return err
		}
	}
	if text := c.params.get("d"); text != "" {
		c.result.Default = publicID(text)
	}
	if delay, ok := wholeNumber(c.params.get("dl"), 1, 60_000); ok {
		c.result.Delay = delay
	}
	return nil
}

// layerNotes refuses what has no meaning for a layer.
func (c *call) layerNotes() error {
	if page := c.params.get("pg"); page != "" && page != "1" {
		return unsupported("page", page, "of a layer the first page is taken")
	}
	if density := c.params.get("dn"); density != "" {
		return unsupported("density", density, "layers are drawn with their own")
	}
	if slices.Contains(angles(c.params.get("a")), "ignore") {
		return unsupported("angle", "ignore", "layers are turned upright")
	}
	for _, flag := range c.params.flags() {
		if !slices.Contains(layerFlags, flag) {
			if err := c.flag(flag); err != nil {
				return err
			}
		}
	}
	return nil
}

// output keeps format and quality for the end.
func (c *call) output() error {
	if c.below != nil {
		return nil // a layer is not saved
	}
	if text := c.params.get("f"); text != "" {
		c.format = text
	}
	if text := c.params.get("q"); text != "" {
		c.quality = text
	}
	return c.space()
}
