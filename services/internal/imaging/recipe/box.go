package recipe

// Box is the size that an operation is asked for.
type Box struct {
	// Width and Height are in pixels, 1 to 16383, or shares of the picture's own width and height, "0.01%" to "1000%".
	Width  *Length `json:"width,omitempty"`
	Height *Length `json:"height,omitempty"`
	// AspectRatio is the width divided by the height, 0.001 to 1000: a number, or a text such as "16:9". It gives the edge
	// that is missing. Where both are, a ratio of 1 or more keeps the picture's width and a lesser one its height.
	AspectRatio *Ratio `json:"aspect_ratio,omitempty"`
	// DPR is how many pixels of the screen make one of the page: it multiplies both edges. It is 0.1 to 10; 1 by default.
	DPR *float64 `json:"dpr,omitempty"`
}

// edges are the box's width and height in pixels, not rounded, for a picture of the size; 0 is an open one.
func (b Box) edges(in Size) (w, h float64) {
	w, h = b.Width.of(in.Width), b.Height.of(in.Height)
	if b.AspectRatio != nil {
		ratio := float64(*b.AspectRatio)
		if w == 0 && h == 0 && ratio >= 1 {
			w = float64(in.Width)
		} else if w == 0 && h == 0 {
			h = float64(in.Height)
		}
		if w == 0 {
			w = h * ratio
		}
		if h == 0 {
			h = w / ratio
		}
	}
	dpr := orElse(b.DPR, 1)
	return w * dpr, h * dpr
}

// size is the box in whole pixels; an open edge follows by the picture's own ratio.
func (b Box) size(in Size) Size {
	w, h := b.edges(in)
	switch {
	case w == 0:
		w = float64(in.Width) * (h / float64(in.Height))
	case h == 0:
		h = float64(in.Height) * (w / float64(in.Width))
	}
	return Size{Width: edge(w), Height: edge(h)}
}

// sized tells whether the box has an edge, or a ratio to make them from.
func (b Box) sized() bool { return b.Width != nil || b.Height != nil || b.AspectRatio != nil }

// box checks what is there of a box.
func (c *checker) box(b Box) {
	c.length("width", b.Width, 1, MaxEdge)
	c.length("height", b.Height, 1, MaxEdge)
	c.ratio("aspect_ratio", b.AspectRatio)
	if b.AspectRatio != nil && b.Width != nil && b.Height != nil {
		c.wrong("aspect_ratio", *b.AspectRatio, "only one of width and height beside it")
	}
	c.within("dpr", b.DPR, 0.1, 10)
}

// wholeBox checks a box that needs both edges, or a ratio in their place.
func (c *checker) wholeBox(b Box) {
	c.box(b)
	if b.AspectRatio != nil {
		return
	}
	const want = `a whole number of pixels, 1 to %d, a share such as "50%%", or an aspect_ratio instead`
	if b.Width == nil {
		c.wrong("width", nil, want, MaxEdge)
	}
	if b.Height == nil {
		c.wrong("height", nil, want, MaxEdge)
	}
}
