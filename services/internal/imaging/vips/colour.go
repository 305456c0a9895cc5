package vips

import (
	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/raster"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

var colourChanges = []change{
	on(gray), on(colours), on(recombine), on(curve), on(tune), on(vibrance), on(opacity), on(flatten), on(quantize),
	on(clearColour), on(replaceColour), on(fade),
}

// toColours makes a gray picture one of red, green and blue.
func toColours(img *vips.ImageRef) error {
	if img.Bands() >= 3 {
		return nil
	}
	return img.ToColorSpace(vips.InterpretationSRGB)
}

// toBytes rounds to 8 bits, after an operation that calculates in more.
func toBytes(img *vips.ImageRef) error {
	switch img.BandFormat() {
	case vips.BandFormatUchar:
		return nil
	case vips.BandFormatFloat, vips.BandFormatDouble: // which a cast alone would cut off
		if err := operate(img, "round", "round=rint"); err != nil {
			return err
		}
	}
	return img.Cast(vips.BandFormatUchar)
}

func gray(img *vips.ImageRef, _ recipe.Gray) error { return img.ToColorSpace(vips.InterpretationBW) }

func colours(img *vips.ImageRef, _ recipe.Colours) error { return toColours(img) }

func recombine(img *vips.ImageRef, a recipe.Recombine) error {
	if err := toColours(img); err != nil {
		return err
	}
	if err := img.Recomb([][]float64{a.Matrix[0][:], a.Matrix[1][:], a.Matrix[2][:]}); err != nil {
		return err
	}
	return toBytes(img)
}

// identity leaves a channel alone.
var identity = func() (table [256]uint8) {
	for i := range table {
		table[i] = uint8(i)
	}
	return table
}()

func curve(img *vips.ImageRef, a recipe.Curve) error {
	if a.Red != a.Green || a.Green != a.Blue {
		if err := toColours(img); err != nil {
			return err
		}
	}
	tables := [][256]uint8{a.Red}
	if img.Bands() >= 3 {
		tables = [][256]uint8{a.Red, a.Green, a.Blue}
	}
	if img.HasAlpha() {
		tables = append(tables, identity)
	}
	return lookUp(img, tables...)
}

// opacity looks the alpha channel up, and leaves the colours alone.
func opacity(img *vips.ImageRef, a recipe.Opacity) error {
	if err := withAlpha(img); err != nil {
		return err
	}
	tables := make([][256]uint8, img.Bands())
	for i := range tables {
		tables[i] = identity
	}
	tables[len(tables)-1] = a.Table
	return lookUp(img, tables...)
}

// lookUp replaces each value of each band by the one in its table.
func lookUp(img *vips.ImageRef, tables ...[256]uint8) error {
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
	space := img.Interpretation()
	if err := img.Maplut(lut); err != nil {
		return err
	}
	return interpreted(img, space)
}

func flatten(img *vips.ImageRef, a recipe.Flatten) error {
	if !img.HasAlpha() {
		return nil
	}
	if err := toColours(img); err != nil {
		return err
	}
	return img.Flatten(&vips.Color{R: a.Background.R, G: a.Background.G, B: a.Background.B})
}

func quantize(img *vips.ImageRef, a recipe.Quantize) error {
	return repaint(img, func(dst, src raster.Picture) { raster.Quantize(dst, src, a.Colours, a.Dither) })
}

// vibrance works on the second band of CIELCh.
func vibrance(img *vips.ImageRef, a recipe.Vibrance) error {
	if img.Bands() < 3 {
		return nil // gray has no chroma
	}
	const most = 134
	return asideAlpha(img, func(img *vips.ImageRef) error {
		if err := img.ToColorSpace(vips.InterpretationLCH); err != nil {
			return err
		}
		factors, err := img.ExtractBandToImage(1, 1)
		if err != nil {
			return err
		}
		defer factors.Close()
		if err := factors.Linear1(-a.Amount/most, 1+a.Amount); err != nil {
			return err
		}
		if err := changeBand(img, 1, func(chroma *vips.ImageRef) error { return chroma.Multiply(factors) }); err != nil {
			return err
		}
		return backFrom(img, vips.InterpretationLCH, vips.InterpretationSRGB)
	})
}

// changeBand does something to one of three bands.
func changeBand(img *vips.ImageRef, band int, do func(*vips.ImageRef) error) error {
	bands := make([]*vips.ImageRef, 3)
	for i := range bands {
		one, err := img.ExtractBandToImage(i, 1)
		if err != nil {
			return err
		}
		defer one.Close()
		bands[i] = one
	}
	if err := do(bands[band]); err != nil {
		return err
	}
	if err := img.ExtractBand(0, 1); err != nil {
		return err
	}
	// The first band may be the one that has changed.
	if band == 0 {
		if err := changeTo(img, bands[0]); err != nil {
			return err
		}
	}
	return img.BandJoin(bands[1], bands[2])
}

// backFrom converts a result of arithmetic, whose space libvips has forgotten, to bytes of another space.
func backFrom(img *vips.ImageRef, from, to vips.Interpretation) error {
	if err := interpreted(img, from); err != nil {
		return err
	}
	if err := img.ToColorSpace(to); err != nil {
		return err
	}
	return toBytes(img)
}
