package vips

import (
	"image"
	"math"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// draw paints a figure on every frame, first its fill and then its outline.
func (f *frame) draw(a recipe.Drawing) error {
	at := reach(a).Intersect(image.Rect(0, 0, f.size.Width, f.size.Height))
	if at.Empty() {
		return nil
	}
	paint := func(colour recipe.Colour, covered func(x, y float64) float64) error {
		if colour.A == 0 {
			return nil
		}
		mask, err := masked(at, covered)
		if err != nil {
			return err
		}
		defer mask.Close()
		return f.each(func(img *vips.ImageRef) error { return stencil(img, mask, colour, at.Min.X, at.Min.Y, 0) })
	}
	if a.Line {
		return paint(a.StrokeColour, lineOf(a))
	}
	if err := paint(a.Fill, boxOf(a, 0)); err != nil || a.Stroke == 0 {
		return err
	}
	outer, inner := boxOf(a, a.Stroke/2), boxOf(a, -a.Stroke/2)
	return paint(a.StrokeColour, func(x, y float64) float64 { return max(outer(x, y)-inner(x, y), 0) })
}

// reach are the pixels that a figure can touch.
func reach(a recipe.Drawing) image.Rectangle {
	room := a.Stroke + 1
	return image.Rect(
		int(math.Floor(min(a.X, a.ToX)-room)), int(math.Floor(min(a.Y, a.ToY)-room)),
		int(math.Ceil(max(a.X, a.ToX)+room)), int(math.Ceil(max(a.Y, a.ToY)+room)),
	)
}

// masked is a picture of one band of how much of each pixel is covered, from 0 to 1 at a place of the whole picture.
func masked(at image.Rectangle, covered func(x, y float64) float64) (*vips.ImageRef, error) {
	all := make([]byte, 0, at.Dx()*at.Dy())
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			all = append(all, byte(math.Round(255*covered(float64(x)+0.5, float64(y)+0.5))))
		}
	}
	return vips.NewImageFromMemory(all, at.Dx(), at.Dy(), 1, vips.BandFormatUchar, vips.InterpretationBW)
}

// share is how much of a pixel lies within a border that its middle is so far beyond; below 0 it is inside.
func share(beyond float64) float64 { return min(max(0.5-beyond, 0), 1) }

// boxOf covers the figure's box, grown by so much on each side.
func boxOf(a recipe.Drawing, by float64) func(x, y float64) float64 {
	halfX, halfY := (a.ToX-a.X)/2+by, (a.ToY-a.Y)/2+by
	if halfX <= 0 || halfY <= 0 {
		return func(float64, float64) float64 { return 0 }
	}
	corner := a.Corner
	if corner.X > 0 && corner.Y > 0 { // a square corner of an outline stays square
		corner = recipe.Radius{X: max(corner.X+by, 0), Y: max(corner.Y+by, 0)}
	}
	middleX, middleY := (a.X+a.ToX)/2, (a.Y+a.ToY)/2
	return func(x, y float64) float64 {
		dx, dy := math.Abs(x-middleX), math.Abs(y-middleY)
		if cx, cy := dx-(halfX-corner.X), dy-(halfY-corner.Y); cx > 0 && cy > 0 && corner.X > 0 && corner.Y > 0 {
			return share(beyond(cx, cy, corner))
		}
		return share(dx-halfX) * share(dy-halfY)
	}
}

// lineOf covers a line.
func lineOf(a recipe.Drawing) func(x, y float64) float64 {
	dx, dy := a.ToX-a.X, a.ToY-a.Y
	long := math.Hypot(dx, dy)
	if long > 0 {
		dx, dy = dx/long, dy/long
	}
	return func(x, y float64) float64 {
		along := (x-a.X)*dx + (y-a.Y)*dy
		aside := math.Abs((x-a.X)*dy - (y-a.Y)*dx)
		past := max(-along, along-long)
		switch {
		case long == 0: // a point has no direction
			aside, past = math.Hypot(x-a.X, y-a.Y), 0
		case a.Round && past > 0:
			aside, past = math.Hypot(aside, past), 0
		case a.Round:
			past = -a.Stroke
		}
		return thickness(aside, a.Stroke) * min(share(past), 1)
	}
}

// thickness is how much of a pixel a stroke covers whose middle is so far away: one that is thinner than a pixel covers
// it in part.
func thickness(away, stroke float64) float64 {
	return min(max(min(away+0.5, stroke/2)-max(away-0.5, -stroke/2), 0), 1)
}
