package raster

import "slices"

// The histogram of a palette has 32 values a channel.
const (
	cellBits = 5
	cellSide = 1 << cellBits
	cells    = cellSide * cellSide * cellSide
)

// rounds is how often a palette is refined; beyond, its colours hardly move.
const rounds = 3

// Palette is a list of colours with a quick way to find the nearest.
type Palette struct {
	Colours [][3]uint8
	nearest []int16 // by cell; -1 is not known yet
}

// cell is the pixels whose colours agree in their upper bits.
type cell struct {
	weight float64
	mean   [3]float64
}

// PaletteOf finds at most n colours for a picture; clear pixels do not count. A picture of clear pixels alone has none.
//
// Boxes of cells are split at the mean of the channel with the largest weighted variance, always the box where that is
// most, and the colours then moved to the mean of the cells that are nearest to them.
func PaletteOf(p Picture, n int) *Palette {
	seen := histogram(p)
	boxes := split(seen, n)
	colours := make([][3]float64, len(boxes))
	for i, box := range boxes {
		colours[i] = mean(box)
	}
	for range rounds {
		refine(colours, seen)
	}
	palette := &Palette{nearest: slices.Repeat([]int16{-1}, cells)}
	for _, colour := range colours {
		palette.Colours = append(palette.Colours, [3]uint8{round(colour[0]), round(colour[1]), round(colour[2])})
	}
	return palette
}

// histogram lists the cells that a picture has pixels in.
func histogram(p Picture) []cell {
	type count struct {
		weight uint64
		sum    [3]uint64
	}
	counts := make([]count, cells)
	channels := p.channels()
	for at := 0; at < len(p.Pix); at += p.Bands {
		weight := uint64(p.weight(at)) //nolint:gosec // never below 0
		c := &counts[cellOf(p.Pix[at+channels[0]], p.Pix[at+channels[1]], p.Pix[at+channels[2]])]
		c.weight += weight
		for i, band := range channels {
			c.sum[i] += weight * uint64(p.Pix[at+band])
		}
	}
	var seen []cell
	for _, c := range counts {
		if c.weight == 0 {
			continue
		}
		found := cell{weight: float64(c.weight)}
		for i, s := range c.sum {
			found.mean[i] = float64(s) / float64(c.weight)
		}
		seen = append(seen, found)
	}
	return seen
}

// split divides the cells into at most n boxes. It reorders them.
func split(seen []cell, n int) [][]cell {
	if len(seen) == 0 {
		return nil
	}
	boxes := [][]cell{slices.Clone(seen)}
	spreads := []spread{spreadOf(boxes[0])}
	for len(boxes) < n {
		widest := 0
		for i := range spreads {
			if spreads[i].variance > spreads[widest].variance {
				widest = i
			}
		}
		box, s := boxes[widest], spreads[widest]
		if s.variance == 0 {
			break
		}
		slices.SortFunc(box, func(a, b cell) int { return compare(a.mean[s.channel], b.mean[s.channel]) })
		at := slices.IndexFunc(box, func(c cell) bool { return c.mean[s.channel] > s.mean })
		if at <= 0 {
			spreads[widest].variance = 0 // too near to each other for the arithmetic
			continue
		}
		boxes[widest], spreads[widest] = box[:at], spreadOf(box[:at])
		boxes, spreads = append(boxes, box[at:]), append(spreads, spreadOf(box[at:]))
	}
	return boxes
}

// compare orders numbers.
func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// spread is the channel in which a box is widest: its mean, and the variance times the weight.
type spread struct {
	channel        int
	mean, variance float64
}

func spreadOf(box []cell) (widest spread) {
	middle := mean(box)
	for channel := range 3 {
		sum := 0.0
		for _, c := range box {
			d := c.mean[channel] - middle[channel]
			sum += c.weight * d * d
		}
		if channel == 0 || sum > widest.variance {
			widest = spread{channel: channel, mean: middle[channel], variance: sum}
		}
	}
	return widest
}

// mean is the weighted mean of cells.
func mean(box []cell) (m [3]float64) {
	weight := 0.0
	for _, c := range box {
		weight += c.weight
		for i := range m {
			m[i] += c.weight * c.mean[i]
		}
	}
	for i := range m {
		m[i] /= weight
	}
	return m
}

// refine moves each colour to the mean of the cells that are nearest to it.
func refine(colours [][3]float64, seen []cell) {
	near := make([][]cell, len(colours))
	for _, c := range seen {
		best, least := 0, 1e18
		for i, colour := range colours {
			if d := apart(colour, c.mean); d < least {
				best, least = i, d
			}
		}
		near[best] = append(near[best], c)
	}
	for i, box := range near {
		if len(box) > 0 {
			colours[i] = mean(box)
		}
	}
}

// apart is the square of the distance of two colours.
func apart(a, b [3]float64) float64 {
	r, g, bl := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return r*r + g*g + bl*bl
}

func cellOf(r, g, b uint8) int {
	const drop = 8 - cellBits
	return int(r>>drop)<<(2*cellBits) | int(g>>drop)<<cellBits | int(b>>drop)
}

func round(v float64) uint8 { return uint8(v + 0.5) }
