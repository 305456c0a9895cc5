package vips

import (
	"fmt"
	"math"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// mask covers what is outside of a shape.
func mask(img *vips.ImageRef, a recipe.Mask) error {
	shape, err := vips.NewImageFromMemory(coverage(a, img.Width(), img.Height()),
		img.Width(), img.Height(), 1, vips.BandFormatUchar, vips.InterpretationBW)
	if err != nil {
		return err
	}
	defer shape.Close()
	colour, err := makeRoom(img, a.Background)
	if err != nil {
		return err
	}
	outside, err := operated(img, "linear", fmt.Sprintf("a=0,b=%s,uchar=true", numbers(colour)))
	if err != nil {
		return err
	}
	defer outside.Close()
	if !img.HasAlpha() {
		return blend(img, shape, outside)
	}
	// Pixels are mixed by their opacity, so that what is clear does not colour what is not.
	if err := outside.PremultiplyAlpha(); err != nil {
		return err
	}
	if err := img.PremultiplyAlpha(); err != nil {
		return err
	}
	if err := blend(img, shape, outside); err != nil {
		return err
	}
	if err := img.UnpremultiplyAlpha(); err != nil {
		return err
	}
	if err := operate(img, "round", "round=rint"); err != nil {
		return err
	}
	return toBytes(img)
}

// blend keeps the picture where the shape is 255, and takes the outside where it is 0.
func blend(img, shape, outside *vips.ImageRef) error {
	return operate(img, "ifthenelse", "blend=true", input{"cond", shape}, input{"in1", img}, input{"in2", outside})
}

// coverage is how much of each pixel lies within the mask's box: 0 to 255, row by row.
func coverage(a recipe.Mask, width, height int) []byte {
	all := make([]byte, width*height)
	for y := range height {
		row := all[y*width : (y+1)*width]
		for x := range row {
			row[x] = inside(a, float64(x)+0.5-a.X, float64(y)+0.5-a.Y)
		}
	}
	return all
}

// inside is the coverage of a pixel whose centre is at x, y of the box.
func inside(a recipe.Mask, x, y float64) byte {
	w, h := float64(a.Inner.Width), float64(a.Inner.Height)
	// Each corner's ellipse, seen from its centre: where the pixel is in the direction of the corner.
	for _, corner := range [4]struct {
		radius recipe.Radius
		x, y   float64
	}{
		{a.Corners[0], a.Corners[0].X - x, a.Corners[0].Y - y},
		{a.Corners[1], x - (w - a.Corners[1].X), a.Corners[1].Y - y},
		{a.Corners[2], x - (w - a.Corners[2].X), y - (h - a.Corners[2].Y)},
		{a.Corners[3], a.Corners[3].X - x, y - (h - a.Corners[3].Y)},
	} {
		if corner.x > 0 && corner.y > 0 {
			return byte(math.Round(255 * min(max(0.5-beyond(corner.x, corner.y, corner.radius), 0), 1)))
		}
	}
	if x < 0 || y < 0 || x > w || y > h {
		return 0
	}
	return 255
}

// beyond is about how many pixels a point lies outside of an ellipse around the origin, negative inside: the value of
// its equation divided by the length of the gradient.
func beyond(x, y float64, r recipe.Radius) float64 {
	at := math.Hypot(x/r.X, y/r.Y)
	slope := math.Hypot(x/(r.X*r.X), y/(r.Y*r.Y))
	return at * (at - 1) / slope
}
