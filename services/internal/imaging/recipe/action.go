package recipe

// Action is one thing that the engine does to pixels. Operations are written in terms of a few actions, so a new
// operation needs no new engine code. The implementations are the types below, and no others.
type Action interface {
	// Result is the size of the picture after the action. For [Rotate] by a free angle it is a bound that the engine's
	// own rounding may miss by a pixel.
	Result(in Size) Size
	// Framewise tells whether the action may be applied to all frames of an animation at once.
	Framewise() bool
	// Pointwise tells whether each pixel depends on the same pixel alone, so that the action commutes with scaling.
	Pointwise() bool
}

// Scale resizes to exactly the size, with a Lanczos 3 kernel.
type Scale struct{ Size }

// Crop keeps the box whose upper left corner is at X, Y. It lies within the picture.
type Crop struct {
	X, Y int
	Size
}

// SmartCrop keeps the most interesting box of the size, judged by [Attention] or [Entropy].
type SmartCrop struct {
	Size
	By Gravity
}

// Turn rotates clockwise by quarters, 1 to 3, without loss.
type Turn struct{ Quarters int }

// Rotate turns clockwise by any angle and fills the corners with the background.
type Rotate struct {
	Degrees    float64
	Background Colour
}

// Blur is a Gaussian blur.
type Blur struct{ Sigma float64 }

// Sharpen is an unsharp mask on lightness.
type Sharpen struct{ Sigma float64 }

// Gray drops the colours.
type Gray struct{}

// Sepia mixes the picture with its brown tones; 1 is only brown.
type Sepia struct{ Strength float64 }

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

// Result is the box around the turned picture.
func (a Rotate) Result(in Size) Size { return turnedBox(in, a.Degrees) }

// Result is the same size.
func (a Blur) Result(in Size) Size { return in }

// Result is the same size.
func (a Sharpen) Result(in Size) Size { return in }

// Result is the same size.
func (a Gray) Result(in Size) Size { return in }

// Result is the same size.
func (a Sepia) Result(in Size) Size { return in }

// Framewise is true: the frames are scaled as one tall strip.
func (Scale) Framewise() bool { return true }

// Framewise is true: each frame is cut alike.
func (Crop) Framewise() bool { return true }

// Framewise is false: the box would differ from frame to frame.
func (SmartCrop) Framewise() bool { return false }

// Framewise is false: only a half turn would be simple, and it would play backwards.
func (Turn) Framewise() bool { return false }

// Framewise is false: the strip of frames would turn as a whole.
func (Rotate) Framewise() bool { return false }

// Framewise is false: frames would bleed into their neighbours.
func (Blur) Framewise() bool { return false }

// Framewise is false: frames would bleed into their neighbours.
func (Sharpen) Framewise() bool { return false }

// Framewise is true.
func (Gray) Framewise() bool { return true }

// Framewise is true.
func (Sepia) Framewise() bool { return true }

// Pointwise is false.
func (Scale) Pointwise() bool { return false }

// Pointwise is false: its box counts full-resolution pixels.
func (Crop) Pointwise() bool { return false }

// Pointwise is false: its box counts full-resolution pixels.
func (SmartCrop) Pointwise() bool { return false }

// Pointwise is true: a quarter turn moves pixels but mixes none.
func (Turn) Pointwise() bool { return true }

// Pointwise is false: it interpolates, and its box is rounded.
func (Rotate) Pointwise() bool { return false }

// Pointwise is false: its sigma counts full-resolution pixels.
func (Blur) Pointwise() bool { return false }

// Pointwise is false: its sigma counts full-resolution pixels.
func (Sharpen) Pointwise() bool { return false }

// Pointwise is true.
func (Gray) Pointwise() bool { return true }

// Pointwise is true.
func (Sepia) Pointwise() bool { return true }
