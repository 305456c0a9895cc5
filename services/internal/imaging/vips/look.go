package vips

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// look finds out what an action means for the pixels: a plainer action, or nil where there is nothing to do. In an
// animation the first frame decides for all.
func (f *frame) look(action recipe.Looking) (recipe.Action, error) {
	if err := f.materialize(); err != nil {
		return nil, err
	}
	first, err := f.single(0)
	if err != nil {
		return nil, err
	}
	defer first.Close()
	switch a := action.(type) {
	case recipe.SmartCrop:
		return lookForInterest(first, a)
	case recipe.Trim:
		return lookForBorder(first, a)
	case recipe.Deskew:
		return lookForSkew(first, a)
	case recipe.Resample:
		return lookForDensity(first, a)
	default:
		return nil, fmt.Errorf("no way to look for %T", action)
	}
}

// lookForInterest finds the box that libvips would keep.
func lookForInterest(img *vips.ImageRef, a recipe.SmartCrop) (recipe.Action, error) {
	interesting := vips.InterestingAttention
	if a.By == recipe.Entropy {
		interesting = vips.InterestingEntropy
	}
	if err := img.SmartCrop(a.Width, a.Height, interesting); err != nil {
		return nil, err
	}
	// libvips keeps in a picture where the origin of the one that it was cut from lies.
	return recipe.Crop{X: -img.OffsetX(), Y: -img.OffsetY(), Size: a.Size}, nil
}

// unknownDensity is what libvips says of a picture whose file says nothing: a pixel is a millimetre.
const unknownDensity = 1

// lookForDensity finds the size at which the picture is as large on paper as now.
func lookForDensity(img *vips.ImageRef, a recipe.Resample) (recipe.Action, error) {
	own := img.ResX()
	if own == unknownDensity || own <= 0 {
		own = 72 / millimetres
	}
	factor := a.DPI / millimetres / own
	to := recipe.Size{
		Width:  int(math.Round(min(max(float64(img.Width())*factor, 1), 1<<24))),
		Height: int(math.Round(min(max(float64(img.Height())*factor, 1), 1<<24))),
	}
	if to == sizeOf(img) {
		return nil, nil
	}
	return recipe.Scale{Size: to}, nil
}

// lookForBorder finds the box around what is no border. libvips' own find_trim smooths first and so loses fine lines.
func lookForBorder(img *vips.ImageRef, a recipe.Trim) (recipe.Action, error) {
	size := recipe.Size{Width: img.Width(), Height: img.Height()}
	if err := markContent(img, a); err != nil {
		return nil, err
	}
	columns, rows, err := img.Project()
	if err != nil {
		return nil, err
	}
	defer columns.Close()
	defer rows.Close()
	left, right, err := extent(columns)
	if err != nil {
		return nil, err
	}
	top, bottom, err := extent(rows)
	if err != nil || right == 0 || bottom == 0 {
		return nil, err
	}
	left, top = max(left-a.Padding, 0), max(top-a.Padding, 0)
	kept := recipe.Size{Width: min(right+a.Padding, size.Width) - left, Height: min(bottom+a.Padding, size.Height) - top}
	if kept == size {
		return nil, nil
	}
	return recipe.Crop{X: left, Y: top, Size: kept}, nil
}

// markContent makes the picture one band that is 0 where there is border.
func markContent(img *vips.ImageRef, a recipe.Trim) error {
	if err := toColours(img); err != nil {
		return err
	}
	border, err := borderOf(img, a.Border)
	if err != nil {
		return err
	}
	switch {
	case img.HasAlpha() && border.A == 0:
		if err := img.ExtractBand(3, 1); err != nil {
			return err
		}
		return operate(img, "relational_const", fmt.Sprintf("relational=more,c=%g", a.Tolerance))
	case img.HasAlpha():
		// What is clear becomes border.
		if err := img.Flatten(&vips.Color{R: border.R, G: border.G, B: border.B}); err != nil {
			return err
		}
	}
	if err := img.Linear([]float64{1, 1, 1}, []float64{-float64(border.R), -float64(border.G), -float64(border.B)}); err != nil {
		return err
	}
	if err := img.Abs(); err != nil {
		return err
	}
	if err := operate(img, "relational_const", fmt.Sprintf("relational=more,c=%g", a.Tolerance)); err != nil {
		return err
	}
	return operate(img, "bandbool", "boolean=or")
}

// borderOf is the colour of the border: the one that is given, or that of the upper left pixel.
func borderOf(img *vips.ImageRef, given *recipe.Colour) (recipe.Colour, error) {
	if given != nil {
		return *given, nil
	}
	pixel, err := img.GetPoint(0, 0)
	if err != nil || len(pixel) < 3 {
		return recipe.Colour{}, fmt.Errorf("read the corner: %v: %w", pixel, err)
	}
	border := recipe.Colour{R: uint8(pixel[0]), G: uint8(pixel[1]), B: uint8(pixel[2]), A: 255}
	if len(pixel) > 3 {
		border.A = uint8(pixel[3])
	}
	return border, nil
}

// extent is where the sums of a projection first differ from 0, and behind the last that does; 0, 0 when none does.
func extent(sums *vips.ImageRef) (from, to int, err error) {
	data, err := sums.ToBytes()
	if err != nil {
		return 0, 0, err
	}
	for i := range len(data) / 4 {
		if binary.NativeEndian.Uint32(data[i*4:]) == 0 {
			continue
		}
		if to == 0 {
			from = i
		}
		to = i + 1
	}
	return from, to, nil
}

// skewEdge is the longest edge in pixels of the copy on which a skew is looked for. Its lines shift by a pixel at a
// fourteenth of a degree.
const skewEdge = 800

// lookForSkew finds the turn that makes lines level.
func lookForSkew(img *vips.ImageRef, a recipe.Deskew) (recipe.Action, error) {
	if img.HasAlpha() {
		if err := img.Flatten(&vips.Color{R: 255, G: 255, B: 255}); err != nil {
			return nil, err
		}
	}
	if err := img.ToColorSpace(vips.InterpretationBW); err != nil {
		return nil, err
	}
	if longest := max(img.Width(), img.Height()); longest > skewEdge {
		if err := img.Resize(float64(skewEdge)/float64(longest), vips.KernelLinear); err != nil {
			return nil, err
		}
	}
	gray, err := img.ToBytes()
	if err != nil {
		return nil, err
	}
	if degrees := skew(gray, img.Width(), a.Threshold); degrees != 0 {
		return recipe.Rotate{Degrees: -degrees, Background: a.Background}, nil
	}
	return nil, nil
}

// numbers are those of an array in libvips' notation.
func numbers(values []float64) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprintf("%g", v)
	}
	return strings.Join(texts, " ")
}
