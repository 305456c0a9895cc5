package raster

import "math"

// Dilate puts the gray picture src onto dst, which has the same size, grown by a radius: what is nearer than that to a value of
// 128 or more becomes white, with a soft edge, and nothing gets darker. It takes time in proportion to the pixels: distances
// along rows come first, and those down the columns are the lower envelope of parabolas (Felzenszwalb and Huttenlocher 2012).
func Dilate(dst, src Picture, radius float64) {
	far := int(math.Ceil(radius)) + 1
	rows := make([]uint8, len(src.Pix)) // how far away the nearest is in the same row, far at most
	for y := range src.Height {
		rowDistances(rows[y*src.Width:(y+1)*src.Width], src.Pix[y*src.Width:(y+1)*src.Width], uint8(min(far, math.MaxUint8))) //nolint:gosec // bounded
	}
	e := envelope{at: make([]int, src.Height), value: make([]float64, src.Height), from: make([]float64, src.Height+1)}
	for x := range src.Width {
		e.build(rows, x, src.Width, far)
		k := 0
		for y := range src.Height {
			i := y*src.Width + x
			dst.Pix[i] = src.Pix[i]
			if len(e.found) == 0 {
				continue
			}
			for k < len(e.found)-1 && e.from[k+1] < float64(y) {
				k++
			}
			d := float64(y - e.at[k])
			cover := radius + 0.5 - math.Sqrt(d*d+e.value[k])
			dst.Pix[i] = max(dst.Pix[i], uint8(255*min(max(cover, 0), 1)))
		}
	}
}

func rowDistances(out, row []uint8, far uint8) {
	left := far
	for x, value := range row {
		left = min(left+1, far)
		if value >= 128 {
			left = 0
		}
		out[x] = left
	}
	right := far
	for x := len(row) - 1; x >= 0; x-- {
		right = min(right+1, far)
		if row[x] >= 128 {
			right = 0
		}
		out[x] = min(out[x], right)
	}
}

// envelope is the lower envelope of parabolas that stand in the rows of a column, each as high as the square of the distance
// in its row.
type envelope struct {
	at    []int
	value []float64
	from  []float64 // where each begins to be the lowest
	found []int
}

func (e *envelope) build(rows []uint8, x, width, far int) {
	e.found = e.found[:0]
	for y := range len(e.at) {
		distance := int(rows[y*width+x])
		if distance >= far {
			continue
		}
		square := float64(distance * distance)
		begin := math.Inf(-1)
		for n := len(e.found); n > 0; n-- {
			p, v := float64(e.at[n-1]), e.value[n-1]
			begin = (square + float64(y*y) - v - p*p) / (2 * (float64(y) - p))
			if begin > e.from[n-1] {
				break
			}
			e.found = e.found[:n-1]
			begin = math.Inf(-1)
		}
		n := len(e.found)
		e.at[n], e.value[n], e.from[n] = y, square, begin
		e.found = append(e.found, y)
	}
}
