package vips

import (
	"fmt"
	"math"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// The bounds of the searches. Each probe is one encoding.
const (
	lowestQuality  = 10
	highestQuality = 95
	lowestAuto     = 30
	qualityProbes  = 4
	squeezeProbes  = 6
	smallestEdge   = 16
	// sampleEdge is the edge of the part of a picture on which an automatic quality is tried, in pixels.
	sampleEdge = 512
)

// findQuality is the lowest quality, in steps of a sixteenth of the range, at which the middle of the picture keeps the
// resemblance. What is true of the middle is taken to be true of all.
func (f *frame) findQuality(format recipe.Format, l look, resemblance float64) (int, error) {
	sample, err := f.middle()
	if err != nil {
		return 0, err
	}
	defer sample.close()
	before, err := luma(sample.img)
	if err != nil {
		return 0, err
	}
	low, high := lowestAuto, highestQuality
	for range qualityProbes {
		l.quality = (low + high) / 2
		after, err := sample.reencoded(format, l)
		if err != nil {
			return 0, err
		}
		if similarity(before, after, sample.img.Width()) >= resemblance {
			high = l.quality
		} else {
			low = l.quality
		}
	}
	return high, nil
}

// middle is a copy of the part of the first frame that automatic qualities are tried on.
func (f *frame) middle() (*frame, error) {
	img, err := f.single(0)
	if err != nil {
		return nil, err
	}
	width, height := min(img.Width(), sampleEdge), min(img.Height(), sampleEdge)
	if err := img.ExtractArea((img.Width()-width)/2, (img.Height()-height)/2, width, height); err != nil {
		img.Close()
		return nil, err
	}
	return &frame{img: img, frames: 1, size: recipe.Size{Width: width, Height: height}, managed: true}, nil
}

// reencoded is the picture's luma after a round through the encoder. For a PDF it is that of the JPEG inside.
func (f *frame) reencoded(format recipe.Format, l look) ([]byte, error) {
	if format == recipe.PDF {
		format = recipe.JPEG
	}
	data, err := f.export(format, l)
	if err != nil {
		return nil, err
	}
	back, err := vips.LoadImageFromBuffer(data, vips.NewImportParams())
	if err != nil {
		return nil, err
	}
	defer back.Close()
	return luma(back)
}

// luma is the lightness of every pixel, in 8 bits.
func luma(img *vips.ImageRef) ([]byte, error) {
	gray, err := img.Copy()
	if err != nil {
		return nil, err
	}
	defer gray.Close()
	if gray.HasAlpha() {
		if err := gray.Flatten(&vips.Color{R: 255, G: 255, B: 255}); err != nil {
			return nil, err
		}
	}
	if err := gray.ToColorSpace(vips.InterpretationBW); err != nil {
		return nil, err
	}
	return gray.ToBytes()
}

// similarity is the mean structural similarity of two pictures of 8-bit gray over blocks of 8 × 8 pixels, 0 to 1, with
// the constants of Wang, Bovik, Sheikh and Simoncelli (2004). Pictures smaller than a block are one block.
func similarity(a, b []byte, width int) float64 {
	const edge = 8
	height := len(a) / width
	if len(a) != len(b) {
		return 0
	}
	sum, blocks := 0.0, 0
	for y := 0; y == 0 || y+edge <= height; y += edge {
		for x := 0; x == 0 || x+edge <= width; x += edge {
			sum += blockSimilarity(a, b, width, x, y, min(edge, width-x), min(edge, height-y))
			blocks++
		}
	}
	return sum / float64(blocks)
}

func blockSimilarity(a, b []byte, stride, x, y, width, height int) float64 {
	const c1, c2 = (0.01 * 255) * (0.01 * 255), (0.03 * 255) * (0.03 * 255)
	var sumA, sumB, squareA, squareB, product float64
	for row := y; row < y+height; row++ {
		for i := row*stride + x; i < row*stride+x+width; i++ {
			p, q := float64(a[i]), float64(b[i])
			sumA, sumB = sumA+p, sumB+q
			squareA, squareB, product = squareA+p*p, squareB+q*q, product+p*q
		}
	}
	n := float64(width * height)
	meanA, meanB := sumA/n, sumB/n
	varA, varB, covariance := squareA/n-meanA*meanA, squareB/n-meanB*meanB, product/n-meanA*meanB
	return (2*meanA*meanB + c1) * (2*covariance + c2) / ((meanA*meanA + meanB*meanB + c1) * (varA + varB + c2))
}

// squeeze makes the file small enough: by quality, then by colours, then by pixels.
func (f *frame) squeeze(format recipe.Format, l *look, most, size int64) ([]byte, error) {
	if l.lossy(format) {
		data, err := f.squeezeQuality(format, l, most)
		if data != nil || err != nil {
			return data, err
		}
	}
	if format == recipe.PNG || format == recipe.GIF {
		for _, colors := range []int{256, 16, 4} {
			if l.colors > 0 && colors >= l.colors {
				continue
			}
			l.colors = colors
			data, err := f.export(format, *l)
			if err != nil {
				return nil, fmt.Errorf("encode %s: %w", format, err)
			}
			if size = int64(len(data)); size <= most {
				return data, nil
			}
		}
	}
	return f.squeezePixels(format, *l, most, size)
}

// squeezeQuality looks for the best quality at which the file is small enough. It returns no data when none is, and
// leaves the lowest quality in the look.
func (f *frame) squeezeQuality(format recipe.Format, l *look, most int64) ([]byte, error) {
	low, high := min(lowestQuality, l.quality), l.quality
	var best []byte
	l.quality = low
	for range squeezeProbes {
		data, err := f.export(format, *l)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", format, err)
		}
		switch {
		case int64(len(data)) <= most:
			best, low = data, l.quality
		case best == nil:
			return nil, nil // too large even at the lowest
		default:
			high = l.quality
		}
		if high-low <= 1 {
			break
		}
		l.quality = (low + high) / 2
	}
	l.quality = low
	return best, nil
}

// squeezePixels scales the picture down until the file is small enough.
func (f *frame) squeezePixels(format recipe.Format, l look, most, size int64) ([]byte, error) {
	for range squeezeProbes {
		now := f.actual()
		// A little more than the pixels call for, because small pictures need more bytes for each.
		factor := math.Sqrt(float64(most)/float64(size)) * 0.95
		to := recipe.Size{
			Width: max(1, int(float64(now.Width)*factor)), Height: max(1, int(float64(now.Height)*factor)),
		}
		if max(to.Width, to.Height) < smallestEdge {
			break
		}
		if err := f.resample(to); err != nil {
			return nil, fmt.Errorf("scale down: %w", err)
		}
		f.size = f.actual()
		data, err := f.export(format, l)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", format, err)
		}
		if size = int64(len(data)); size <= most {
			return data, nil
		}
	}
	return nil, recipe.Errorf(recipe.TooManyBytes, "the output cannot be made as small as %d bytes", most)
}
