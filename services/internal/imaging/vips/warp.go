package vips

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// warp looks every pixel of the new picture up where it comes from in the old one.
func warp(img *vips.ImageRef, a recipe.Warp) error {
	background, err := makeRoom(img, a.Background)
	if err != nil {
		return err
	}
	from, err := origins(a, extentOf(img))
	if err != nil {
		return err
	}
	defer from.Close()
	if err := inMemory(img); err != nil {
		return err
	}
	if img.HasAlpha() { // libvips weighs the pixels by their opacity, and takes a colour that is weighed already
		last := len(background) - 1
		for i := range last {
			background[i] *= background[last] / math.MaxUint8
		}
	}
	options := fmt.Sprintf("interpolate=bicubic,extend=background,background=%s", numbers(background))
	if err := operate(img, "mapim", options, input{"in", img}, input{"index", from}); err != nil {
		return err
	}
	return toBytes(img)
}

// origins is a picture of two bands as large as the new one: for each pixel, the place in the old one that it comes from.
func origins(a recipe.Warp, old recipe.Size) (*vips.ImageRef, error) {
	m := toCorners(a.Corners, old)
	at, err := vips.XYZ(a.Size.Width, a.Size.Height)
	if err != nil {
		return nil, err
	}
	fail := func(err error) (*vips.ImageRef, error) { at.Close(); return nil, err }
	// Pixels are where their middles are.
	if err := at.Linear([]float64{1, 1}, []float64{0.5, 0.5}); err != nil {
		return fail(err)
	}
	var weights []byte
	for _, row := range m {
		for _, weight := range row[:2] {
			weights = binary.NativeEndian.AppendUint64(weights, math.Float64bits(weight))
		}
	}
	matrix, err := vips.NewImageFromMemory(weights, 2, 3, 1, vips.BandFormatDouble, vips.InterpretationMatrix)
	if err != nil {
		return fail(err)
	}
	defer matrix.Close()
	if err := operate(at, "recomb", "", input{"in", at}, input{"m", matrix}); err != nil {
		return fail(err)
	}
	if err := at.Linear([]float64{1, 1, 1}, []float64{m[0][2], m[1][2], m[2][2]}); err != nil {
		return fail(err)
	}
	depth, err := at.ExtractBandToImage(2, 1)
	if err != nil {
		return fail(err)
	}
	defer depth.Close()
	if err := at.ExtractBand(0, 2); err != nil {
		return fail(err)
	}
	if err := at.Divide(depth); err != nil {
		return fail(err)
	}
	if err := at.Linear([]float64{1, 1}, []float64{-0.5, -0.5}); err != nil {
		return fail(err)
	}
	return at, nil
}

// toCorners is the matrix that takes places in the new picture to those in the old one, in homogeneous coordinates. It is the
// inverse of the one that takes the unit square to the corners (P. Heckbert 1989), scaled.
func toCorners(corners [4]recipe.Point, old recipe.Size) [3][3]float64 {
	p0, p1, p2, p3 := corners[0], corners[1], corners[2], corners[3]
	dx1, dx2, sx := p1.X-p2.X, p3.X-p2.X, p0.X-p1.X+p2.X-p3.X
	dy1, dy2, sy := p1.Y-p2.Y, p3.Y-p2.Y, p0.Y-p1.Y+p2.Y-p3.Y
	denominator := dx1*dy2 - dx2*dy1
	g, h := (sx*dy2-dx2*sy)/denominator, (dx1*sy-sx*dy1)/denominator
	unit := [3][3]float64{
		{p1.X - p0.X + g*p1.X, p3.X - p0.X + h*p3.X, p0.X},
		{p1.Y - p0.Y + g*p1.Y, p3.Y - p0.Y + h*p3.Y, p0.Y},
		{g, h, 1},
	}
	m := adjugate(unit)
	for i := range m {
		m[0][i] *= float64(old.Width)
		m[1][i] *= float64(old.Height)
	}
	return m
}

// adjugate is the inverse but for a factor, which homogeneous coordinates do not know.
func adjugate(m [3][3]float64) (out [3][3]float64) {
	for y := range 3 {
		for x := range 3 {
			a, b, c, d := (x+1)%3, (x+2)%3, (y+1)%3, (y+2)%3
			out[y][x] = m[a][c]*m[b][d] - m[a][d]*m[b][c]
		}
	}
	return out
}
