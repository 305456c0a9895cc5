package recipe

// DeskewOp turns a scanned page so that its lines of text are level. The picture grows to the box around the turned one.
//
// The angle is found by projection profiles (W. Postl, Detection of linear oblique structures and skew scan in digitized
// documents, 1986): of all angles up to 15 degrees either way it is the one along which the counts of dark pixels, line
// by line, change most: the sum of (n[i+1] - n[i])² is largest. It is exact to about a tenth of a degree; a picture in
// which no angle stands out stays as it is. In an animation the first frame decides for all.
type DeskewOp struct {
	// Threshold parts ink from paper, as a share of white: darker pixels are ink. It is 0 to 1; 0.4 by default.
	Threshold *float64 `json:"threshold,omitempty"`
	// Background is the colour of the corners: a CSS name, #rgb, #rgba, #rrggbb or #rrggbbaa; transparent by default, which
	// a format without transparency shows as white.
	Background string `json:"background,omitempty"`
}

// Name is deskew.
func (*DeskewOp) Name() string { return "deskew" }

// Actions deskews.
func (o *DeskewOp) Actions(Size) ([]Action, error) {
	background, err := colourOr(o.Background, Colour{})
	if err != nil {
		return nil, err
	}
	return []Action{Deskew{Threshold: orElse(o.Threshold, 0.4) * 255, Background: background}}, nil
}

func (o *DeskewOp) check(c *checker) {
	c.within("threshold", o.Threshold, 0, 1)
	c.colour("background", o.Background)
}
