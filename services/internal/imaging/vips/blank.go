package vips

import (
	"encoding/binary"
	"math"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// blank tells whether all pixels, of all frames, are of one colour. Where all is clear the colours beneath do not count.
func blank(img *vips.ImageRef) (bool, error) {
	stats, err := img.Copy()
	if err != nil {
		return false, err
	}
	defer stats.Close()
	if err := stats.Stats(); err != nil {
		return false, err
	}
	table, err := stats.ToBytes()
	if err != nil {
		return false, err
	}
	// The first row is of all bands together, and the first two columns are the least and the most.
	columns := stats.Width()
	value := func(row, column int) float64 {
		return math.Float64frombits(binary.NativeEndian.Uint64(table[8*(row*columns+column):]))
	}
	last := stats.Height() - 1
	if img.HasAlpha() && value(last, 1) == 0 {
		return true, nil
	}
	for row := 1; row <= last; row++ {
		if value(row, 0) != value(row, 1) {
			return false, nil
		}
	}
	return true, nil
}

// dotsPerInch is the density that goes into a file which keeps one, rounded; 0 where there is none.
func dotsPerInch(img *vips.ImageRef, format recipe.Format) int {
	switch format {
	case recipe.JPEG, recipe.PNG, recipe.TIFF:
	default:
		return 0
	}
	dots := img.ResX()
	if dots == unknownDensity || !(dots > 0 && dots < 1e4) {
		return 0
	}
	return int(math.Round(dots * millimetres))
}
