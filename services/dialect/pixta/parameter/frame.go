package parameter

import "github.com/ringback/ringback/services/internal/imaging/recipe"

// margins are four widths in pixels.
type margins struct{ top, right, bottom, left int }

// around are the margins of a parameter: one for all sides, and those of single sides.
func (c *call) around(name string, all int) margins {
	side := func(side string) int { return c.whole(name+"-"+side, all) }
	return margins{side("top"), side("right"), side("bottom"), side("left")}
}

func (c *call) padding() margins { return c.around("pad", c.whole("pad", 0)) }

// frame draws a border, and adds room outside of it.
func (c *call) frame() {
	if width, colour, ok := parseLine(c.get("border")); ok {
		if radii, round := parseCorners(c.get("border-radius-inner")); round {
			c.then(&recipe.RoundOp{Radius: &recipe.Radii{Corners: radii}, Background: colour})
		}
		c.extend(c.around("border", width), colour)
		if radii, round := parseCorners(c.get("border-radius")); round {
			c.then(&recipe.RoundOp{Radius: &recipe.Radii{Corners: radii}, Background: c.colour("bg", "")})
		}
	}
	c.extend(c.padding(), c.colour("bg", "white"))
}

func (c *call) extend(m margins, colour string) {
	if m == (margins{}) {
		return
	}
	side := func(n int) *recipe.Length {
		if n == 0 {
			return nil
		}
		return recipe.Pixels(n)
	}
	c.then(&recipe.ExtendOp{Top: side(m.top), Right: side(m.right), Bottom: side(m.bottom), Left: side(m.left), Background: colour})
}
