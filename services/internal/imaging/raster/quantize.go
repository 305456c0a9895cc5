package raster

// Quantize reduces src to at most n colours of its own and puts the result onto dst, which has the same size and bands.
// Alpha is kept. A picture that has no more colours is copied. With dither the error of each pixel is spread to its
// neighbours, with the weights of Floyd and Steinberg.
func Quantize(dst, src Picture, n int, dither bool) {
	copy(dst.Pix, src.Pix)
	if !exceeds(src, n) {
		return
	}
	palette := PaletteOf(src, n)
	if dither {
		palette.dither(dst)
		return
	}
	channels := dst.channels()
	for at := 0; at < len(dst.Pix); at += dst.Bands {
		if dst.weight(at) == 0 {
			continue
		}
		colour := palette.Colours[palette.near(dst.Pix[at+channels[0]], dst.Pix[at+channels[1]], dst.Pix[at+channels[2]])]
		for i, band := range channels {
			dst.Pix[at+band] = colour[i]
		}
	}
}

// exceeds tells whether a picture has more than n colours, as soon as it knows.
func exceeds(p Picture, n int) bool {
	seen, last := map[[3]uint8]bool{}, [3]uint8{}
	channels := p.channels()
	for at := 0; at < len(p.Pix); at += p.Bands {
		if p.weight(at) == 0 {
			continue
		}
		colour := [3]uint8{p.Pix[at+channels[0]], p.Pix[at+channels[1]], p.Pix[at+channels[2]]}
		if colour == last && len(seen) > 0 {
			continue
		}
		seen[colour], last = true, colour
		if len(seen) > n {
			return true
		}
	}
	return false
}

// near is the index of the palette's colour that is nearest to the middle of the colour's cell.
func (p *Palette) near(r, g, b uint8) int {
	cell := cellOf(r, g, b)
	if known := p.nearest[cell]; known >= 0 {
		return int(known)
	}
	const half = 1 << (8 - cellBits - 1)
	middle := [3]int{int(r)&^(2*half-1) + half, int(g)&^(2*half-1) + half, int(b)&^(2*half-1) + half}
	best, least := 0, 1<<30
	for i, colour := range p.Colours {
		d := 0
		for c := range middle {
			d += (middle[c] - int(colour[c])) * (middle[c] - int(colour[c]))
		}
		if d < least {
			best, least = i, d
		}
	}
	p.nearest[cell] = int16(best) // a palette has at most 256 colours
	return best
}

// dither spreads errors, in sixteenths, over the row at hand and the next.
func (p *Palette) dither(img Picture) {
	// One pixel more at either end saves asking where the row ends.
	now, next := make([][3]int, img.Width+2), make([][3]int, img.Width+2)
	channels := img.channels()
	for y := range img.Height {
		for x := range img.Width {
			at := (y*img.Width + x) * img.Bands
			if img.weight(at) == 0 {
				continue
			}
			var want [3]uint8
			for i, band := range channels {
				want[i] = clip(int(img.Pix[at+band]) + now[x+1][i]/16)
			}
			colour := p.Colours[p.near(want[0], want[1], want[2])]
			for i, band := range channels {
				off := int(want[i]) - int(colour[i])
				now[x+2][i] += 7 * off
				next[x][i] += 3 * off
				next[x+1][i] += 5 * off
				next[x+2][i] += off
				img.Pix[at+band] = colour[i]
			}
		}
		now, next = next, now
		clear(next)
	}
}

func clip(v int) uint8 { return uint8(min(max(v, 0), 255)) }
