package recipe

// The differences in CIELAB that the full strength of denoising takes for noise.
const (
	lightnessNoise = 10
	chromaNoise    = 20
)

// DenoiseOp smooths what differs little from its surroundings and keeps edges: a guided filter with the picture as its own
// guide (He, Sun and Tang 2010), in CIELAB, under a Gaussian window of 2 pixels. It suits the noise of a camera; for
// single specks see [MedianOp].
type DenoiseOp struct {
	// Luminance is how much noise in lightness is smoothed, 0 (none) to 1, which takes differences of 10 of 100 for noise;
	// 0.3 by default.
	Luminance *float64 `json:"luminance,omitempty"`
	// Chroma is how much noise in colour is smoothed, 0 (none) to 1, which takes differences of 20 for noise; 0.5 by
	// default.
	Chroma *float64 `json:"chroma,omitempty"`
}

// Name is denoise.
func (*DenoiseOp) Name() string { return "denoise" }

// Actions smooths.
func (o *DenoiseOp) Actions(Size) ([]Action, error) {
	denoise := Denoise{
		Lightness: lightnessNoise * orElse(o.Luminance, 0.3), Chroma: chromaNoise * orElse(o.Chroma, 0.5),
	}
	if denoise.Lightness == 0 && denoise.Chroma == 0 {
		return nil, nil
	}
	return []Action{denoise}, nil
}

func (o *DenoiseOp) check(c *checker) {
	c.within("luminance", o.Luminance, 0, 1)
	c.within("chroma", o.Chroma, 0, 1)
}
