package vips

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// tune looks at all values, and then changes them by a curve.
func tune(img *vips.ImageRef, a recipe.Tune) error {
	// The values are read twice.
	if err := inMemory(img); err != nil {
		return err
	}
	if a.Lightness && img.Bands() >= 3 {
		return tuneLightness(img, a.By)
	}
	seen, err := histograms(img)
	if err != nil {
		return err
	}
	return curve(img, a.By.Tune(seen))
}

// lightest is the lightness of white in CIELAB.
const lightest = 100

// tuneLightness looks lightness up in 8 bits but adds only the difference to it, so that no steps appear where the curve
// does little.
func tuneLightness(img *vips.ImageRef, by recipe.Tuner) error {
	light, err := lightness(img)
	if err != nil {
		return err
	}
	defer light.Close()
	seen, err := histograms(light)
	if err != nil {
		return err
	}
	if light.HasAlpha() {
		if err := light.ExtractBand(0, 1); err != nil {
			return err
		}
	}
	added, err := light.Copy()
	if err != nil {
		return err
	}
	defer added.Close()
	if err := lookUp(added, by.Tune(seen).Red); err != nil {
		return err
	}
	if err := added.Subtract(light); err != nil {
		return err
	}
	if err := added.Linear1(lightest/255.0, 0); err != nil {
		return err
	}
	return asideAlpha(img, func(img *vips.ImageRef) error {
		if err := img.ToColorSpace(vips.InterpretationLAB); err != nil {
			return err
		}
		if err := changeBand(img, 0, func(l *vips.ImageRef) error { return l.Add(added) }); err != nil {
			return err
		}
		return backFrom(img, vips.InterpretationLAB, vips.InterpretationSRGB)
	})
}

// lightness is that of CIELAB in 8 bits, with the picture's own alpha.
func lightness(img *vips.ImageRef) (*vips.ImageRef, error) {
	light, err := img.Copy()
	if err != nil {
		return nil, err
	}
	err = asideAlpha(light, func(light *vips.ImageRef) error {
		if err := light.ToColorSpace(vips.InterpretationLAB); err != nil {
			return err
		}
		if err := light.ExtractBand(0, 1); err != nil {
			return err
		}
		if err := light.Linear1(255.0/lightest, 0); err != nil {
			return err
		}
		if err := toBytes(light); err != nil {
			return err
		}
		return interpreted(light, vips.InterpretationBW)
	})
	if err != nil {
		light.Close()
		return nil, err
	}
	return light, nil
}

// histograms counts the values of red, green and blue; all three are the same in a gray picture. Pixels count by their
// opacity.
func histograms(img *vips.ImageRef) (seen [3]recipe.Histogram, err error) {
	colours := img.Bands()
	if img.HasAlpha() {
		colours--
	}
	for i := range seen {
		if i >= colours {
			seen[i] = seen[0]
			continue
		}
		if seen[i], err = histogram(img, i); err != nil {
			return seen, err
		}
	}
	return seen, nil
}

func histogram(img *vips.ImageRef, band int) (h recipe.Histogram, err error) {
	values, err := img.ExtractBandToImage(band, 1)
	if err != nil {
		return h, err
	}
	defer values.Close()
	if img.HasAlpha() {
		alpha, err := img.ExtractBandToImage(img.Bands()-1, 1)
		if err != nil {
			return h, err
		}
		defer alpha.Close()
		err = operate(values, "hist_find_indexed", "combine=sum", input{"in", alpha}, input{"index", values})
		if err != nil {
			return h, err
		}
	} else if err := values.HistogramFind(); err != nil {
		return h, err
	}
	if err := values.Cast(vips.BandFormatDouble); err != nil {
		return h, err
	}
	bytes, err := values.ToBytes()
	if err != nil {
		return h, err
	}
	const width = 8
	if len(bytes) > width*len(h) {
		return h, fmt.Errorf("a histogram has %d bytes", len(bytes))
	}
	// libvips leaves out what lies above the largest value.
	for i := range len(bytes) / width {
		h[i] = math.Float64frombits(binary.NativeEndian.Uint64(bytes[i*width:]))
	}
	return h, nil
}
