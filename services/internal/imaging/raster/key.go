package raster

import "math"

// ClearColour puts src onto dst, which has the same size and bands, with alpha among them: the pixels whose channels are all
// within tolerance of a colour become clear. Without a colour it is that of the upper left pixel.
func ClearColour(dst, src Picture, colour *[3]uint8, tolerance float64) {
	alpha, channels := src.Bands-1, src.channels()
	key := [3]float64{}
	for i, band := range channels {
		key[i] = float64(src.Pix[band])
		if colour != nil {
			key[i] = float64(colour[i])
		}
	}
	copy(dst.Pix, src.Pix)
	for at := 0; at < len(src.Pix); at += src.Bands {
		near := true
		for i, band := range channels {
			near = near && math.Abs(float64(src.Pix[at+band])-key[i]) <= tolerance
		}
		if near {
			dst.Pix[at+alpha] = 0
		}
	}
}

// Fade puts src onto dst, which has the same size and bands, with alpha among them: opacity is multiplied with the factors
// of its column and its row.
func Fade(dst, src Picture, across, down []float64) {
	copy(dst.Pix, src.Pix)
	at := src.Bands - 1
	for y := range src.Height {
		for x := range src.Width {
			dst.Pix[at] = uint8(float64(src.Pix[at])*across[x]*down[y] + 0.5)
			at += src.Bands
		}
	}
}
