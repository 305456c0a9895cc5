package recipe

import (
	"errors"
	"fmt"
)

// The widest that [Limits] may be set. Above them products no longer fit, or no format holds the picture.
const (
	// MaxEdge is the longest edge of any picture that a recipe makes: WebP's own limit.
	MaxEdge = 16_383
	// MaxStillPixels is the most that a picture may have, in the source or after a step: one gigapixel.
	MaxStillPixels = 1_000_000_000
	// maxRows is the most that all frames of an animation may have, which lie one below the other: libvips' own limit.
	maxRows = 10_000_000
)

// Limits keep a hostile picture from taking more than its share. They are counted from headers and in 64 bits, before a
// pixel is touched.
type Limits struct {
	StillPixels int64 `json:"still_pixels" env:"RINGBACK_LIMIT_STILL_PIXELS" doc:"How many pixels a still picture may have, as a source or after a step."`
	FramePixels int64 `json:"frame_pixels" env:"RINGBACK_LIMIT_FRAME_PIXELS" doc:"How many pixels an animation may have over all its frames."`
	Frames      int   `json:"frames" env:"RINGBACK_LIMIT_FRAMES" doc:"How many frames an animation may have."`
	Pages       int   `json:"pages" env:"RINGBACK_LIMIT_PAGES" doc:"How many pages of a document one job may read or write."`
	Edge        int   `json:"edge" env:"RINGBACK_LIMIT_EDGE" doc:"How long an edge of an output may be, in pixels."`
	Outputs     int   `json:"outputs" env:"RINGBACK_LIMIT_OUTPUTS" doc:"How many outputs one job may make, over all pages."`
	Pictures    int   `json:"pictures" env:"RINGBACK_LIMIT_PICTURES" doc:"How many pictures besides its source one job may read, overlays among them."`
}

// DefaultLimits are those of the strictest services of this kind that still take a camera's largest pictures.
func DefaultLimits() Limits {
	return Limits{
		StillPixels: 100_000_000, FramePixels: 50_000_000, Frames: 500, Pages: 200, Edge: MaxEdge,
		Outputs: 400, Pictures: 100,
	}
}

// Validate returns every limit that cannot be kept, joined, or nil.
func (l Limits) Validate() error {
	var bad []error
	for _, row := range []struct {
		name      string
		value     int64
		low, high int64
	}{
		{"RINGBACK_LIMIT_STILL_PIXELS", l.StillPixels, 1, MaxStillPixels},
		{"RINGBACK_LIMIT_FRAME_PIXELS", l.FramePixels, 1, MaxStillPixels},
		{"RINGBACK_LIMIT_FRAMES", int64(l.Frames), 1, 10_000},
		{"RINGBACK_LIMIT_PAGES", int64(l.Pages), 1, 10_000},
		{"RINGBACK_LIMIT_EDGE", int64(l.Edge), 1, MaxEdge},
		{"RINGBACK_LIMIT_OUTPUTS", int64(l.Outputs), 1, 10_000},
		{"RINGBACK_LIMIT_PICTURES", int64(l.Pictures), 0, 1000},
	} {
		if row.value < row.low || row.value > row.high {
			bad = append(bad, fmt.Errorf("%s is %d: expected %d to %d", row.name, row.value, row.low, row.high))
		}
	}
	return errors.Join(bad...)
}

// CheckSource returns an [Error] with [SourceTooLarge] when a picture with these frames exceeds the limits. Sizes are
// multiplied in 64 bits: the product of a hostile header does not fit in 32.
func (l Limits) CheckSource(frame Size, frames int) error {
	if frame.Width <= 0 || frame.Height <= 0 || frames <= 0 {
		return Errorf(SourceUnreadable, "the picture has no pixels")
	}
	if frame.Pixels() > l.StillPixels {
		return Errorf(SourceTooLarge, "the picture has %d × %d pixels, the limit is %s megapixels",
			frame.Width, frame.Height, mega(l.StillPixels))
	}
	if frames > l.Frames {
		return Errorf(SourceTooLarge, "the animation has %d frames, the limit is %d", frames, l.Frames)
	}
	if frames > 1 && frame.Pixels()*int64(frames) > l.FramePixels {
		return Errorf(SourceTooLarge, "the animation has %d frames of %d × %d pixels, the limit is %s megapixels over all frames",
			frames, frame.Width, frame.Height, mega(l.FramePixels))
	}
	if frames > 1 && int64(frame.Height)*int64(frames) > maxRows {
		return Errorf(SourceTooLarge, "the animation has %d frames of %d rows, the limit is %d rows over all frames", frames, frame.Height, maxRows)
	}
	return nil
}

// CheckStep returns an [Error] with [OutputTooLarge] when what a step makes exceeds the limits.
func (l Limits) CheckStep(s Size, frames int) error {
	if s.Width > MaxEdge || s.Height > MaxEdge || s.Pixels() > l.StillPixels {
		return Errorf(OutputTooLarge, "a step makes %d × %d pixels, the limits are %d pixels an edge and %s megapixels",
			s.Width, s.Height, MaxEdge, mega(l.StillPixels))
	}
	if frames > 1 && s.Pixels()*int64(frames) > l.FramePixels {
		return Errorf(OutputTooLarge, "a step makes %d frames of %d × %d pixels, the limit is %s megapixels over all frames",
			frames, s.Width, s.Height, mega(l.FramePixels))
	}
	return nil
}

// CheckOutput returns an [Error] with [OutputTooLarge] when an output exceeds the limits.
func (l Limits) CheckOutput(s Size) error {
	if s.Width > l.Edge || s.Height > l.Edge {
		return Errorf(OutputTooLarge, "the output has %d × %d pixels, the limit is %d an edge", s.Width, s.Height, l.Edge)
	}
	return nil
}

// mega writes a number of pixels in megapixels.
func mega(pixels int64) string { return fmt.Sprintf("%g", float64(pixels)/1e6) }

// ceilings are the widest limits: what holds for every recipe, whatever is configured.
func ceilings() Limits {
	return Limits{StillPixels: MaxStillPixels, FramePixels: MaxStillPixels, Frames: 10_000, Edge: MaxEdge}
}
