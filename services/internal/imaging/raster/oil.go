package raster

// OilPaint paints src onto dst, which has the same size and bands. Each pixel becomes the average of those within radius
// (a square, cut off at the edges) that share the most frequent of the levels of lightness. Pixels count by their
// opacity, and keep their own. It takes time in proportion to pixels · (radius + levels).
func OilPaint(dst, src Picture, radius, levels int) {
	strokes := make([]stroke, levels)
	for y := range src.Height {
		clear(strokes)
		rows := span{max(y-radius, 0), min(y+radius+1, src.Height)}
		for x := range min(radius, src.Width) {
			count(strokes, src, x, rows, 1)
		}
		for x := range src.Width {
			if ahead := x + radius; ahead < src.Width {
				count(strokes, src, ahead, rows, 1)
			}
			if behind := x - radius - 1; behind >= 0 {
				count(strokes, src, behind, rows, -1)
			}
			at := (y*src.Width + x) * src.Bands
			broadest(strokes).paint(dst, src, at)
		}
	}
}

// span is a range of rows, the last not included.
type span struct{ from, to int }

// stroke is the pixels of one level of lightness: their weight, and the weighted sums of their colours.
type stroke struct {
	weight int
	sum    [3]int
}

// count adds the pixels of a column to the strokes, or takes them away with sign -1.
func count(strokes []stroke, src Picture, x int, rows span, sign int) {
	channels, levels := src.channels(), len(strokes)
	at := (rows.from*src.Width + x) * src.Bands
	for range rows.to - rows.from {
		r, g, b := int(src.Pix[at+channels[0]]), int(src.Pix[at+channels[1]]), int(src.Pix[at+channels[2]])
		// Rec. 709, in parts of 65536.
		light := (13933*r + 46871*g + 4732*b) >> 16
		s := &strokes[light*levels>>8]
		weight := sign * src.weight(at)
		s.weight += weight
		s.sum[0] += weight * r
		s.sum[1] += weight * g
		s.sum[2] += weight * b
		at += src.Width * src.Bands
	}
}

// broadest is the stroke of the largest weight; the darkest of several.
func broadest(strokes []stroke) *stroke {
	best := &strokes[0]
	for i := range strokes {
		if strokes[i].weight > best.weight {
			best = &strokes[i]
		}
	}
	return best
}

// paint puts the stroke's average on the pixel at an index of Pix.
func (s *stroke) paint(dst, src Picture, at int) {
	copy(dst.Pix[at:at+src.Bands], src.Pix[at:at+src.Bands])
	if s.weight == 0 {
		return
	}
	for i, band := range src.channels() {
		dst.Pix[at+band] = uint8((s.sum[i] + s.weight/2) / s.weight) //nolint:gosec // an average of bytes is one
	}
}
