package recipe

// Figure is a box that something is drawn in, and how.
type Figure struct {
	// X and Y are the upper left corner of the box, in pixels from the picture's own, -1000000 to 1000000, or shares of the
	// picture's width and height, "-1000%" to "1000%"; absent is 0.
	X *Length `json:"x,omitempty"`
	Y *Length `json:"y,omitempty"`
	// Width and Height are in pixels, 1 to 16383, or shares of the picture's own width and height, "0.01%" to "1000%".
	Width  *Length `json:"width,omitempty"`
	Height *Length `json:"height,omitempty"`
	// Color is what the box is filled with; white by default, and transparent for an outline alone.
	Color string `json:"color,omitempty"`
	// Stroke is the thickness of the outline in pixels, 0 to 1000, one half inside of the box and one outside; 0, none, by
	// default.
	Stroke float64 `json:"stroke,omitempty"`
	// StrokeColor is that of the outline; black by default.
	StrokeColor string `json:"stroke_color,omitempty"`
}

// drawing is the action that draws the box with square corners.
func (f Figure) drawing(in Size) Drawing {
	x, y := f.X.of(in.Width), f.Y.of(in.Height)
	return Drawing{
		X: x, Y: y, ToX: x + f.Width.of(in.Width), ToY: y + f.Height.of(in.Height),
		Fill: checkedColour(f.Color, Colour{255, 255, 255, 255}), Stroke: f.Stroke,
		StrokeColour: checkedColour(f.StrokeColor, Colour{A: 255}),
	}
}

// figure checks a figure. Its width and height are needed.
func (c *checker) figure(f Figure) {
	c.length("x", f.X, -farthest, farthest)
	c.length("y", f.Y, -farthest, farthest)
	c.length("width", f.Width, 1, MaxEdge)
	c.length("height", f.Height, 1, MaxEdge)
	const want = `a whole number of pixels, 1 to %d, or a share such as "50%%"`
	if f.Width == nil {
		c.wrong("width", nil, want, MaxEdge)
	}
	if f.Height == nil {
		c.wrong("height", nil, want, MaxEdge)
	}
	c.colour("color", f.Color)
	c.between("stroke", f.Stroke, 0, 1000)
	c.colour("stroke_color", f.StrokeColor)
}
