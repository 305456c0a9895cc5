package recipe

import "slices"

// maxStops is how many colours a gradient may have.
const maxStops = 16

// TintOp recolours by lightness: each pixel takes the colour that a gradient has for its gray (that of [GrayscaleOp]),
// from the first colour for black to the last for white.
type TintOp struct {
	// Colours are those of the gradient, 1 to 16, from dark to light. Their opacity is ignored. A single one stands for the
	// gradient from black by it to white.
	Colours []string `json:"colors,omitempty"`
	// Positions are the places of the colours in the gradient, 0 (black) to 1 (white) and ascending: as many as there
	// are colours, which are spread evenly by default.
	Positions []float64 `json:"positions,omitempty"`
	// Amount is 0 (nothing changes) to 1 (all the way); 0.6 by default.
	Amount *float64 `json:"amount,omitempty"`
	// Equalize makes all grays about equally frequent first, so that every colour of the gradient is seen. By default it
	// does not.
	Equalize bool `json:"equalize,omitempty"`
}

// Name is tint.
func (*TintOp) Name() string { return "tint" }

// Actions looks the colours of the gradient up.
func (o *TintOp) Actions(Size) ([]Action, error) {
	var colours []Colour
	for _, text := range o.Colours {
		colour, err := solid(text, Colour{})
		if err != nil {
			return nil, err
		}
		colours = append(colours, colour)
	}
	stops := even(colours...)
	if len(colours) == 1 && len(o.Positions) == 0 {
		stops = shades(colours[0])
	}
	for i, at := range o.Positions {
		stops[i].at = at
	}
	actions := []Action{Gray{}}
	if o.Equalize {
		actions = append(actions, Tune{By: Equalize{}})
	}
	return mixed(orElse(o.Amount, 0.6), append(actions, gradient(stops))...), nil
}

func (o *TintOp) check(c *checker) {
	switch n := len(o.Colours); {
	case n == 0:
		c.wrong("colors", nil, "1 to %d colours", maxStops)
	case n > maxStops:
		c.wrong("colors", o.Colours, "1 to %d colours", maxStops)
	}
	for _, text := range o.Colours {
		if _, err := ParseColour(text); err != nil {
			c.wrong("colors", text, "%s", colourForms)
		}
	}
	outside := slices.ContainsFunc(o.Positions, func(at float64) bool { return !(at >= 0 && at <= 1) })
	if n := len(o.Positions); n > 0 && (n != len(o.Colours) || outside || !slices.IsSorted(o.Positions)) {
		c.wrong("positions", o.Positions, "as many ascending numbers from 0 to 1 as there are colours")
	}
	c.within("amount", o.Amount, 0, 1)
}

// solid reads a colour, or takes the default; its opacity is dropped.
func solid(text string, other Colour) (Colour, error) {
	colour, err := colourOr(text, other)
	colour.A = 255
	return colour, err
}
