package vips

import (
	"fmt"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// headroom is how much larger than the wanted picture a halving has to be, so that the filter that makes the picture from
// it still decides its sharpness.
const headroom = 1

// pyramid holds halvings of a picture in memory: many small pictures from one large one then cost little more than
// the first, because only that looks at every pixel.
type pyramid struct {
	levels []*vips.ImageRef // each half as wide and high as the one before, the first half as the picture
}

// nearest is a copy of the smallest halving that leaves the headroom, or nil when the picture itself is the best.
// Pictures with an alpha channel are not halved: their colours would have to be weighed.
func (p *pyramid) nearest(img *vips.ImageRef, to recipe.Size) (*vips.ImageRef, error) {
	if img.HasAlpha() {
		return nil, nil
	}
	var best *vips.ImageRef
	from := img
	for i := 0; enough(from, to); i++ {
		if i == len(p.levels) {
			half, err := halved(from)
			if err != nil {
				return nil, err
			}
			p.levels = append(p.levels, half)
		}
		from = p.levels[i]
		best = from
	}
	if best == nil {
		return nil, nil
	}
	return best.Copy()
}

// enough tells whether half of the picture leaves the headroom.
func enough(img *vips.ImageRef, to recipe.Size) bool {
	return float64(img.Width()/2) >= headroom*float64(to.Width) && float64(img.Height()/2) >= headroom*float64(to.Height)
}

// halved is the picture with the mean of every four pixels, in memory.
func halved(img *vips.ImageRef) (*vips.ImageRef, error) {
	half, err := operated(img, "shrink", "hshrink=2,vshrink=2")
	if err != nil {
		return nil, fmt.Errorf("halve: %w", err)
	}
	if err := inMemory(half); err != nil {
		half.Close()
		return nil, fmt.Errorf("halve: %w", err)
	}
	return half, nil
}

func (p *pyramid) close() {
	for _, level := range p.levels {
		level.Close()
	}
	p.levels = nil
}
