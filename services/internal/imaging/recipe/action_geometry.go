package recipe

// Scale resizes to exactly the size, with a Lanczos 3 kernel to become smaller and a bicubic one to become larger.
type Scale struct {
	strip
	Size
}

// Crop keeps the box whose upper left corner is at X, Y. It lies within the picture.
type Crop struct {
	strip
	X, Y int
	Size
}

// SmartCrop keeps the most interesting box of the size, judged by [Attention] or [Entropy]. In an animation the first
// frame decides for all.
type SmartCrop struct {
	strip
	Size
	By Gravity
}

// Trim keeps the box around all pixels that differ from the border.
type Trim struct {
	local
	// Border is the border's colour, nil for that of the upper left pixel.
	Border *Colour
	// Tolerance is how far a channel may be from the border's, 0 to 255.
	Tolerance float64
	// Padding is how many pixels of the border stay.
	Padding int
}

// Deskew rotates by the angle at which dark lines become level, if there is one.
type Deskew struct {
	local
	// Threshold is the gray below which a pixel is dark, 0 to 255.
	Threshold  float64
	Background Colour
}

// Density says how many pixels make an inch.
type Density struct {
	pointwise
	DPI float64
}

// Retime says how long each frame of an animation is shown in milliseconds, 0 for as long as before, and how often they
// play, nil for as often as before.
type Retime struct {
	pointwise
	Delay int
	Loop  *int
}

// Resample scales by the ratio of a density to the picture's own.
type Resample struct {
	local
	DPI float64
}

// Flip changes left and right, or top and bottom.
type Flip struct{ Vertical bool }

// Extend puts the picture into a larger one of the size, with its upper left corner at X, Y.
type Extend struct {
	framed
	X, Y int
	Size
	Edge       Edge
	Background Colour
}

// Mask lays the background over, or clears, everything outside a box with elliptic corners, in the order upper left, upper
// right, lower right, lower left. Borders are smooth.
type Mask struct {
	local
	// X and Y are the upper left corner of the box, which may lie between pixels.
	X, Y       float64
	Inner      Size
	Corners    [4]Radius
	Background Colour
}

// Radius is that of an ellipse in pixels.
type Radius struct{ X, Y float64 }

// Turn rotates clockwise by quarters, 1 to 3, without loss.
type Turn struct {
	Quarters int
}

// Rotate turns clockwise by any angle and fills the corners with the background.
type Rotate struct {
	local
	Degrees    float64
	Background Colour
}

// Point is a place in a picture in pixels, which may lie between them.
type Point struct{ X, Y float64 }

// Warp moves the corners of the picture, in the order upper left, upper right, lower right, lower left, to places in one of
// another size, and everything between them in perspective. The background is around them.
type Warp struct {
	framed
	Corners    [4]Point
	Size       Size
	Background Colour
}

// Result is the size of the new picture.
func (a Warp) Result(Size) Size { return a.Size }

// Result is the size asked for.
func (a Scale) Result(Size) Size { return a.Size }

// Result is the size of the box.
func (a Crop) Result(Size) Size { return a.Size }

// Result is the size of the box.
func (a SmartCrop) Result(Size) Size { return a.Size }

// Result is the size of the larger picture.
func (a Extend) Result(Size) Size { return a.Size }

// Result is the same size.
func (Flip) Result(in Size) Size { return in }

// Framewise tells whether left and right change: an animation's frames lie one below the other.
func (a Flip) Framewise() bool { return !a.Vertical }

// Pointwise is true: a flip moves pixels but mixes none.
func (Flip) Pointwise() bool { return true }

func (SmartCrop) looking() {}
func (Trim) looking()      {}
func (Deskew) looking()    {}
func (Resample) looking()  {}

// Result is the same size, on its side after an odd number of quarters.
func (a Turn) Result(in Size) Size {
	if a.Quarters%2 == 1 {
		return in.Turned()
	}
	return in
}

// Framewise is false: the strip of frames would turn as a whole.
func (Turn) Framewise() bool { return false }

// Pointwise is true: a quarter turn moves pixels but mixes none.
func (Turn) Pointwise() bool { return true }

// Result is the box around the turned picture; the engine's own rounding may differ by a pixel.
func (a Rotate) Result(in Size) Size { return turnedBox(in, a.Degrees) }
