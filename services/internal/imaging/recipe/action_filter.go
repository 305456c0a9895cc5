package recipe

// Blur is a Gaussian blur.
type Blur struct {
	local
	Sigma float64
}

// Sharpen is an unsharp mask on the lightness of CIELAB. Differences up to Threshold are multiplied by Flat, what
// exceeds it by Amount, and both are added.
type Sharpen struct {
	local
	Sigma, Amount, Flat, Threshold float64
}

// Unsharp adds to each channel its difference from the blurred one, times Amount, where that exceeds Threshold (of 255).
type Unsharp struct {
	local
	Sigma, Amount, Threshold float64
}

// Median replaces each value by the median of the square of 2·Radius + 1 pixels around it.
type Median struct {
	local
	Radius int
}

// Pixelate replaces squares by their average, from the upper left corner on; Edge is their length.
type Pixelate struct {
	local
	Edge int
}

// Shadow is a blurred shape of the picture behind it, moved to the right and down.
type Shadow struct {
	framed
	X, Y   int
	Sigma  float64 // 0 for a sharp one
	Colour Colour
}

// Outline is a line around the shape of the picture and behind it, where that is at least half opaque.
type Outline struct {
	framed
	Width, Sigma float64
	Colour       Colour
}

// Vignette blends towards a colour with the distance d from the centre, which is 1 in the corners: by Strength times a
// smooth step from d = 1 − Softness to 1.
type Vignette struct {
	local
	Strength, Softness float64
	Colour             Colour
}

// Edges draws a gray picture of the edges, white on black: a step of a quarter of the range or more is white. A Sigma
// above 0 blurs first.
type Edges struct {
	local
	Sigma float64
	// Thin keeps only the ridges of the edges, which are then one pixel wide.
	Thin bool
}

// Emboss draws a gray relief, lit from a direction: 0 degrees is from the right, 90 from above.
type Emboss struct {
	local
	Degrees, Strength float64
}

// Sketch draws a gray picture as with a pencil: what is as light as its blurred surroundings becomes white.
type Sketch struct {
	local
	Sigma float64
}

// OilPaint replaces each pixel by the average of those around it that have the most frequent lightness, of Levels. It
// looks at the square of 2·Radius + 1 pixels.
type OilPaint struct {
	local
	Radius, Levels int
}

// TiltShift blurs all but a horizontal band. Its middle is at Position and its height is Width, both as shares of the
// picture's height; the blur sets in over as much again on both sides.
type TiltShift struct {
	local
	Position, Width, Sigma float64
}

// Denoise smooths differences that are small against Lightness and Chroma, both in units of CIELAB, and keeps edges.
type Denoise struct {
	local
	Lightness, Chroma float64
}

// Halftone draws black dots on white, on a grid turned by 45 degrees whose lines are Pitch pixels apart.
type Halftone struct {
	local
	Pitch float64
}

// Within applies other actions to a box alone, as if it were the whole picture: nothing of it spreads outside, and
// nothing of the outside is mixed in. The box lies within the picture, and the actions keep its size.
type Within struct {
	local
	X, Y int
	Box  Size
	Of   []Action
}
