package recipe

import "math"

// Picture is what the header of a source says.
type Picture struct {
	// Size is of one frame, upright: after its EXIF orientation.
	Size   Size
	Format Format
	Frames int
}

// Access says in which order a picture's pixels are wanted.
type Access int

// The orders. Sequential decodes on demand from top to bottom, once, in little memory; Random decodes into memory first.
const (
	Random Access = iota
	Sequential
)

// Plan says how to decode a source for a recipe.
type Plan struct {
	// Shrink is 1, 2, 4 or 8: the decoder leaves out that much resolution in each direction. It is 1 for every format
	// but JPEG.
	Shrink int
	// Access is Sequential when exactly one output reads the picture.
	Access Access
}

// MakePlan decides how to decode the picture. Shrinking while reading costs next to nothing and saves most of the
// decoding, so it goes as far as leaves every branch at least as many pixels as its first scaling step is going to make;
// a branch that counts full-resolution pixels before that rules it out.
func MakePlan(r Recipe, p Picture) Plan {
	plan := Plan{Shrink: 1}
	if len(r.Outputs()) == 1 {
		plan.Access = Sequential
	}
	if p.Format != JPEG {
		return plan
	}
	spare := spareOf(r.Steps, p.Size)
	for plan.Shrink < 8 && float64(plan.Shrink*2) <= spare && !math.IsInf(spare, 1) {
		plan.Shrink *= 2
	}
	return plan
}

// spareOf is by how much the picture may shrink before any of the steps could tell; infinite when none looks at it.
func spareOf(steps []Step, in Size) float64 {
	spare := math.Inf(1)
	for _, step := range steps {
		if step.count() > 0 {
			spare = min(spare, spareOfStep(step, in))
		}
	}
	return spare
}

func spareOfStep(step Step, in Size) float64 {
	actions, _, err := step.Apply(in)
	if err != nil {
		return math.Inf(1) // the branch fails whatever it is given
	}
	for _, action := range actions {
		if scale, ok := action.(Scale); ok {
			return max(1, min(float64(in.Width)/float64(scale.Width), float64(in.Height)/float64(scale.Height)))
		}
		if !action.Pointwise() {
			return 1
		}
		in = action.Result(in)
	}
	if step.Save != nil {
		return 1
	}
	return spareOf(step.Steps, in)
}
