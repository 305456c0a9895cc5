package recipe

// Action is one thing that the engine does to pixels. Operations are written in terms of actions, so that many a new
// operation needs no new engine code. The implementations are in the files action_*.go, and no others.
type Action interface {
	// Result is the size of the picture after the action. Where only the pixels can tell, as for [Trim], [Deskew] and a
	// free [Rotate], it is what the engine's own answer comes near to or does not exceed.
	Result(in Size) Size
	// Framewise tells whether the action may be applied to all frames of an animation at once, lying one below the
	// other. Any other action is applied to one frame at a time.
	Framewise() bool
	// Pointwise tells whether each pixel depends on the same pixel alone, so that the action commutes with scaling.
	Pointwise() bool
}

// pointwise is the trait of actions that look at one pixel at a time.
type pointwise struct{}

// Result is the same size.
func (pointwise) Result(in Size) Size { return in }

// Framewise is true.
func (pointwise) Framewise() bool { return true }

// Pointwise is true.
func (pointwise) Pointwise() bool { return true }

// local is the trait of actions that look at a pixel's neighbours, or at all pixels: they count full-resolution pixels,
// and frames would bleed into each other.
type local struct{}

// Result is the same size.
func (local) Result(in Size) Size { return in }

// Framewise is false.
func (local) Framewise() bool { return false }

// Pointwise is false.
func (local) Pointwise() bool { return false }

// strip is the trait of actions that move pixels about and treat every frame alike, so that all of them can be done
// at once.
type strip struct{}

// Framewise is true.
func (strip) Framewise() bool { return true }

// Pointwise is false: places count full-resolution pixels.
func (strip) Pointwise() bool { return false }

// framed is the trait of actions that would mix up frames in a strip, and count full-resolution pixels.
type framed struct{}

// Framewise is false.
func (framed) Framewise() bool { return false }

// Pointwise is false.
func (framed) Pointwise() bool { return false }

// Looking is implemented by actions whose outcome only the pixels can tell. The engine looks at a picture, or at the
// first frame of an animation, and then takes a plainer action in their place.
type Looking interface {
	Action
	looking()
}
