package recipe

import "math"

// FadeOp makes the picture transparent towards its edges. A format without transparency shows white behind it.
type FadeOp struct {
	// Top is how far from the upper edge the fade reaches into the picture, in pixels, 0 to 16383, or a share of its height.
	Top *Length `json:"top,omitempty"`
	// Right is how far from the right edge the fade reaches into the picture, in pixels, 0 to 16383, or a share of its width.
	Right *Length `json:"right,omitempty"`
	// Bottom is how far from the lower edge the fade reaches into the picture, in pixels, 0 to 16383, or a share of its height.
	Bottom *Length `json:"bottom,omitempty"`
	// Left is how far from the left edge the fade reaches into the picture, in pixels, 0 to 16383, or a share of its width.
	Left *Length `json:"left,omitempty"`
	// Steepness says how opacity rises from 0 at the edge: as the distance to this power, 0.05 to 20. Evenly at 1, the default;
	// late above.
	Steepness *float64 `json:"steepness,omitempty"`
}

// Name is fade.
func (*FadeOp) Name() string { return "fade" }

// Actions fades.
func (o *FadeOp) Actions(in Size) ([]Action, error) {
	fade := Fade{
		Top: o.Top.of(in.Height), Right: o.Right.of(in.Width), Bottom: o.Bottom.of(in.Height), Left: o.Left.of(in.Width),
		Steepness: orElse(o.Steepness, 1),
	}
	if max(fade.Top, fade.Right, fade.Bottom, fade.Left) == 0 {
		return nil, nil
	}
	return []Action{fade}, nil
}

func (o *FadeOp) check(c *checker) {
	c.length("top", o.Top, 0, MaxEdge)
	c.length("right", o.Right, 0, MaxEdge)
	c.length("bottom", o.Bottom, 0, MaxEdge)
	c.length("left", o.Left, 0, MaxEdge)
	c.within("steepness", o.Steepness, 0.05, 20)
}

// Across is what the opacity of each column is multiplied with, where the picture is so wide.
func (a Fade) Across(width int) []float64 { return a.between(width, a.Left, a.Right) }

// Down is what the opacity of each row is multiplied with, where the picture is so high.
func (a Fade) Down(height int) []float64 { return a.between(height, a.Top, a.Bottom) }

func (a Fade) between(length int, first, last float64) []float64 {
	rise := func(distance, reach float64) float64 {
		if distance >= reach {
			return 1
		}
		return math.Pow(distance/reach, a.Steepness)
	}
	factors := make([]float64, length)
	for i := range factors {
		middle := float64(i) + 0.5
		factors[i] = rise(middle, first) * rise(float64(length)-middle, last)
	}
	return factors
}
