package recipe

// Drawing paints a figure over the picture: a line, or a box with elliptic corners that is filled, outlined or both.
// Places are between pixels: the first one reaches from 0 to 1. Borders are smooth.
type Drawing struct {
	local
	// Line is a straight line from X, Y to ToX, ToY; otherwise they are two corners of the box, the upper left one first.
	Line           bool
	X, Y, ToX, ToY float64
	// Corner is that of all four corners; an ellipse has half of its box.
	Corner Radius
	// Fill is the colour within the box, clear for none.
	Fill Colour
	// Stroke is how thick the line is, or the outline, whose middle is the border of the box; 0 for none.
	Stroke       float64
	StrokeColour Colour
	// Round ends the line with half a disc; otherwise it ends where it is said to.
	Round bool
}
