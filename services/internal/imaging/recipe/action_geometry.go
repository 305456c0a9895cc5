package recipe

// Scale resizes to exactly the size, with a Lanczos 3 kernel.
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

// Result is the size asked for.
func (a Scale) Result(Size) Size { return a.Size }

// Result is the size of the box.
func (a Crop) Result(Size) Size { return a.Size }

// Result is the size of the box.
func (a SmartCrop) Result(Size) Size { return a.Size }

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
