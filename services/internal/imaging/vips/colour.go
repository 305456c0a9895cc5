package vips

import (
	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

var colourChanges = []change{on(gray), on(recombine), on(curve)}

// toColours makes a gray picture one of red, green and blue.
func toColours(img *vips.ImageRef) error {
	if img.Bands() >= 3 {
		return nil
	}
	return img.ToColorSpace(vips.InterpretationSRGB)
}

// toBytes rounds to 8 bits, after an operation that calculates in more.
func toBytes(img *vips.ImageRef) error {
	if img.BandFormat() == vips.BandFormatUchar {
		return nil
	}
	return img.Cast(vips.BandFormatUchar)
}

func gray(img *vips.ImageRef, _ recipe.Gray) error { return img.ToColorSpace(vips.InterpretationBW) }

func recombine(img *vips.ImageRef, a recipe.Recombine) error {
	if err := toColours(img); err != nil {
		return err
	}
	if err := img.Recomb([][]float64{a.Matrix[0][:], a.Matrix[1][:], a.Matrix[2][:]}); err != nil {
		return err
	}
	return toBytes(img)
}

// curve looks the values up. A table of one band serves all bands, hence one for the opacity too.
func curve(img *vips.ImageRef, a recipe.Curve) error {
	tables := [][256]uint8{a.Red}
	if a.Red != a.Green || a.Green != a.Blue {
		if err := toColours(img); err != nil {
			return err
		}
	}
	if img.Bands() >= 3 {
		tables = [][256]uint8{a.Red, a.Green, a.Blue}
	}
	if img.HasAlpha() {
		var same [256]uint8
		for i := range same {
			same[i] = uint8(i)
		}
		tables = append(tables, same)
	}
	interleaved := make([]byte, 0, 256*len(tables))
	for i := range 256 {
		for _, table := range tables {
			interleaved = append(interleaved, table[i])
		}
	}
	lut, err := vips.NewImageFromMemory(interleaved, 256, 1, len(tables), vips.BandFormatUchar, vips.InterpretationMultiband)
	if err != nil {
		return err
	}
	defer lut.Close()
	return img.Maplut(lut)
}
