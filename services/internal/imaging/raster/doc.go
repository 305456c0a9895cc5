// Package raster has what libvips cannot do: it works on pictures in memory, in plain Go, and knows nothing of files.
package raster

// Picture is 8-bit pixels, row by row without gaps.
type Picture struct {
	// Pix has Width · Height · Bands bytes.
	Pix           []byte
	Width, Height int
	// Bands is 1 for gray, 2 for gray and alpha, 3 for red, green and blue, and 4 for these and alpha.
	Bands int
}

// alpha is where in a pixel its opacity is, and false for an opaque picture.
func (p Picture) alpha() (band int, ok bool) { return p.Bands - 1, p.Bands%2 == 0 }

// channels is where in a pixel its red, green and blue are: all at the same place in a gray picture.
func (p Picture) channels() [3]int {
	if p.Bands < 3 {
		return [3]int{}
	}
	return [3]int{0, 1, 2}
}

// weight is how much the pixel at an index of Pix counts: its opacity, 0 to 255.
func (p Picture) weight(at int) int {
	if band, ok := p.alpha(); ok {
		return int(p.Pix[at+band])
	}
	return 255
}
