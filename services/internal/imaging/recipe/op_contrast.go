package recipe

import (
	"math"
	"slices"
)

// Slope is the shape of a contrast curve.
type Slope string

// The slopes.
const (
	// Sigmoidal is an S: steep in the middle and flat at both ends, so that nothing is clipped.
	Sigmoidal Slope = "sigmoidal"
	// Straight is a line through the middle, which clips at both ends.
	Straight Slope = "linear"
)

// slopes lists every slope.
var slopes = []Slope{Sigmoidal, Straight}

// steepest is the steepness of the sigmoid at amount 1. In the usual scale 3 is moderate and 20 nearly a threshold.
const steepest = 10

// ContrastOp raises or lowers the contrast about a middle, by one curve for red, green and blue.
//
// The sigmoid is s(v) = 1 / (1 + exp(β(m − v))) stretched to keep black and white, with the steepness β = 10·|amount|;
// for negative amounts it is the inverse function. The line is m + (1 + amount)·(v − m), which for the middle ½ is
// the CSS filter contrast().
type ContrastOp struct {
	// Amount is -1 to 1; 0, the default, changes nothing. With the linear slope -1 leaves only the middle gray and 1
	// doubles every distance from it.
	Amount *float64 `json:"amount,omitempty"`
	// Slope is sigmoidal or linear. Sigmoidal is the default, because it keeps detail in lights and shadows.
	Slope Slope `json:"slope,omitempty"`
	// Middle is the value where the sigmoid is steepest, or through which the line goes: 0 (black) to 1 (white); 0.5 by
	// default.
	Middle *float64 `json:"middle,omitempty"`
}

// Name is contrast.
func (*ContrastOp) Name() string { return "contrast" }

// Actions applies the curve.
func (o *ContrastOp) Actions(Size) ([]Action, error) {
	amount, middle := orElse(o.Amount, 0), orElse(o.Middle, 0.5)
	switch {
	case amount == 0:
		return nil, nil
	case o.Slope == Straight:
		return []Action{tone(func(v float64) float64 { return middle + (1+amount)*(v-middle) })}, nil
	case amount < 0:
		return []Action{tone(flattened(-amount*steepest, middle))}, nil
	default:
		return []Action{tone(steepened(amount*steepest, middle))}, nil
	}
}

func (o *ContrastOp) check(c *checker) {
	c.within("amount", o.Amount, -1, 1)
	c.within("middle", o.Middle, 0, 1)
	checkWord(c, "slope", o.Slope, slopes)
}

// steepened is the sigmoid with steepness b about the middle, from 0 to 1.
func steepened(b, middle float64) func(float64) float64 {
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(b*(middle-v))) }
	black, white := sigmoid(0), sigmoid(1)
	return func(v float64) float64 { return (sigmoid(v) - black) / (white - black) }
}

// flattened is the inverse of [steepened].
func flattened(b, middle float64) func(float64) float64 {
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(b*(middle-v))) }
	black, white := sigmoid(0), sigmoid(1)
	return func(v float64) float64 { return middle - math.Log(1/(black+v*(white-black))-1)/b }
}

// checkWord checks a word; empty is the default.
func checkWord[T ~string](c *checker, param string, word T, words []T) {
	if word != "" && !slices.Contains(words, word) {
		c.wrong(param, word, "one of %s", join(words))
	}
}
