package raster

// Median puts the median of each band of src, within the square of 2·radius + 1 pixels, onto dst, which has the same size
// and bands. The picture's outermost pixels are repeated beyond its edges. It takes time in proportion to pixels · radius:
// the histogram of the square goes with it along the row, and so does the median (Huang, Yang and Tang 1979).
//
// libvips 8.14 has the same and is wrong beyond a radius of 1, on bytes.
func Median(dst, src Picture, radius int) {
	side := 2*radius + 1
	w := window{src: src, half: side * side / 2, rows: make([]int, side)}
	for w.band = range src.Bands {
		for y := range src.Height {
			w.start(y, radius)
			for x := range src.Width {
				w.column(x+radius, 1)
				dst.Pix[(y*src.Width+x)*src.Bands+w.band] = w.median()
				w.column(x-radius, -1)
			}
		}
	}
}

// window is the values of a band in a square that moves along a row.
type window struct {
	src  Picture
	band int
	half int
	rows []int // where the rows of the square begin in Pix

	counts [256]int
	middle int // the last median
	below  int // how many values are less
}

// start takes in all columns but the last of the square around the row's first pixel.
func (w *window) start(y, radius int) {
	for i := range w.rows {
		row := min(max(y+i-radius, 0), w.src.Height-1)
		w.rows[i] = row*w.src.Width*w.src.Bands + w.band
	}
	w.counts, w.middle, w.below = [256]int{}, 0, 0
	for x := -radius; x < radius; x++ {
		w.column(x, 1)
	}
}

// column takes in a column, or with -1 leaves it out.
func (w *window) column(x, sign int) {
	at := min(max(x, 0), w.src.Width-1) * w.src.Bands
	less := 0
	for _, row := range w.rows {
		value := int(w.src.Pix[row+at])
		w.counts[value] += sign
		less -= (value - w.middle) >> 63 // -1 when it is less: a branch would be guessed wrong half the time
	}
	w.below += sign * less
}

// median moves the last one to where half of the values are less.
func (w *window) median() uint8 {
	for w.below > w.half {
		w.middle--
		w.below -= w.counts[w.middle]
	}
	for w.below+w.counts[w.middle] <= w.half {
		w.below += w.counts[w.middle]
		w.middle++
	}
	return uint8(w.middle) //nolint:gosec // a value of a byte
}
