package transformation

import (
	"math"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// crop cuts a box out. Nothing is scaled but by dpr_, which multiplies what was cut.
func crop(c *call) error {
	a, err := c.box(true)
	if err != nil {
		return err
	}
	look, _, err := c.aim()
	if err != nil {
		return err
	}
	region, found := c.region(look)
	if !a.sized {
		if !found {
			return c.enlarged(a.dpr)
		}
		if err := c.closeUp(region, 0); err != nil {
			return err
		}
		return c.enlarged(a.dpr)
	}
	if !a.both() {
		return c.unknown("c_crop")
	}
	box, err := c.plainBox()
	if err != nil {
		return err
	}
	p, err := c.placing(1)
	if err != nil {
		return err
	}
	op := &recipe.CropOp{Box: box, Placement: p.Placement, Focus: p.Focus, KeepRatio: a.alone}
	if op.Zoom, err = c.zoom(); err != nil {
		return err
	}
	if err := c.on.then(op); err != nil {
		return err
	}
	return c.enlarged(a.dpr)
}

// thumb shows the region that the gravity names, or else fills.
func thumb(c *call) error {
	look, _, err := c.aim()
	if err != nil {
		return err
	}
	region, found := c.region(look)
	if !found {
		return fill(true)(c)
	}
	a, err := c.box(true)
	if err != nil {
		return err
	}
	if !a.sized {
		if err := c.closeUp(region, 0); err != nil {
			return err
		}
		return c.enlarged(a.dpr)
	}
	resize := a.resized()
	_, size, err := resize.Apply(c.on.size)
	if err != nil {
		return asError(err)
	}
	if err := c.closeUp(region, float64(size.Width)/float64(size.Height)); err != nil {
		return err
	}
	return c.exactly(a, &recipe.ResizeOp{Box: a.Box})
}

// closeUp keeps the smallest box of the ratio around a region, or the region itself for 0, as near as z_ says and as large
// as the picture allows.
func (c *call) closeUp(region Box, ratio float64) error {
	z, err := c.number("z", 1, 0.01, 100)
	if err != nil {
		return err
	}
	in := c.on.size
	w, h := float64(region.Width)/z, float64(region.Height)/z
	if ratio > 0 {
		w, h = max(w, h*ratio), max(h, w/ratio)
		room := min(1, float64(in.Width)/w, float64(in.Height)/h)
		w, h = w*room, h*room
	}
	width, height := int(min(max(math.Round(w), 1), float64(in.Width))), int(min(max(math.Round(h), 1), float64(in.Height)))
	x := int(math.Round(float64(region.X) + float64(region.Width-width)/2))
	y := int(math.Round(float64(region.Y) + float64(region.Height-height)/2))
	return c.on.then(&recipe.CropOp{
		Box: recipe.Box{Width: recipe.Pixels(width), Height: recipe.Pixels(height)},
		Placement: recipe.Placement{
			X: recipe.Pixels(min(max(x, 0), in.Width-width)), Y: recipe.Pixels(min(max(y, 0), in.Height-height)),
		},
	})
}
