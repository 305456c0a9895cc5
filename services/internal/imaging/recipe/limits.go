package recipe

// The limits of pictures. They hold before any pixel is decoded; the figures are those of the strictest services of
// this kind that still take a camera's largest pictures.
const (
	// MaxStillPixels is the largest still picture, 100 megapixels.
	MaxStillPixels = 100_000_000
	// MaxFramePixels is the largest animation, 50 megapixels over all its frames.
	MaxFramePixels = 50_000_000
	// MaxFrames is the longest animation.
	MaxFrames = 500
	// MaxEdge is the longest edge of an output: WebP's own limit.
	MaxEdge = 16_383
)

// CheckSource returns an [Error] with [SourceTooLarge] when a picture with these frames exceeds the limits. Sizes are
// multiplied in 64 bits: the product of a hostile header does not fit in 32.
func CheckSource(frame Size, frames int) error {
	if frame.Width <= 0 || frame.Height <= 0 || frames <= 0 {
		return Errorf(SourceUnreadable, "the picture has no pixels")
	}
	if frame.Pixels() > MaxStillPixels {
		return Errorf(SourceTooLarge, "the picture has %d × %d pixels, the limit is %d megapixels",
			frame.Width, frame.Height, MaxStillPixels/1_000_000)
	}
	if frames > MaxFrames {
		return Errorf(SourceTooLarge, "the animation has %d frames, the limit is %d", frames, MaxFrames)
	}
	if frames > 1 && frame.Pixels()*int64(frames) > MaxFramePixels {
		return Errorf(SourceTooLarge, "the animation has %d frames of %d × %d pixels, the limit is %d megapixels over all frames",
			frames, frame.Width, frame.Height, MaxFramePixels/1_000_000)
	}
	return nil
}

// checkResult returns an [Error] with [OutputTooLarge] when a step's picture exceeds the limits.
func checkResult(s Size) error {
	if s.Width > MaxEdge || s.Height > MaxEdge || s.Pixels() > MaxStillPixels {
		return Errorf(OutputTooLarge, "a step makes %d × %d pixels, the limits are %d pixels an edge and %d megapixels",
			s.Width, s.Height, MaxEdge, MaxStillPixels/1_000_000)
	}
	return nil
}
