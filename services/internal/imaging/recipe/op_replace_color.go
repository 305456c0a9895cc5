package recipe

// ReplaceColorOp gives what has one colour another one, with its shades: a pixel that is lighter or duller than the first
// colour becomes as much lighter or duller than the second. It works in Oklab (B. Ottosson 2020), on hue and chroma: all
// that is near enough changes, whatever its lightness, and less and less beyond.
type ReplaceColorOp struct {
	// From is the colour to be replaced, whose opacity is ignored. A vivid one tells most from the rest of the picture.
	From string `json:"from,omitempty"`
	// To is the colour in its place, whose opacity is ignored.
	To string `json:"to,omitempty"`
	// Tolerance is how far hue and chroma may be from those of the first colour, in percent: 0 (the same) to 100 (the
	// furthest that sRGB has); 25 by default. Half of it changes wholly.
	Tolerance *float64 `json:"tolerance,omitempty"`
}

// Name is replace_color.
func (*ReplaceColorOp) Name() string { return "replace_color" }

// Actions replaces.
func (o *ReplaceColorOp) Actions(Size) ([]Action, error) {
	from, err := solid(o.From, Colour{})
	if err != nil {
		return nil, err
	}
	to, err := solid(o.To, Colour{})
	if err != nil || from == to {
		return nil, err
	}
	return []Action{ReplaceColour{From: from, To: to, Tolerance: orElse(o.Tolerance, 25) / 100}}, nil
}

func (o *ReplaceColorOp) check(c *checker) {
	for name, text := range map[string]string{"from": o.From, "to": o.To} {
		if text == "" {
			c.wrong(name, nil, "%s", colourForms)
		}
		c.colour(name, text)
	}
	c.within("tolerance", o.Tolerance, 0, 100)
}
