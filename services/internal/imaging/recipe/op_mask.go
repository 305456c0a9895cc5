package recipe

// MaskOp keeps a shape in the middle of the picture. The picture keeps its size.
type MaskOp struct {
	// Shape is ellipse, the default, which touches all four edges; or circle, which touches the nearer two.
	Shape string `json:"shape,omitempty"`
	// Background is the colour outside: a CSS name, #rgb, #rgba, #rrggbb or #rrggbbaa; transparent by default, which a format
	// without transparency shows as white.
	Background string `json:"background,omitempty"`
}

// Name is mask.
func (*MaskOp) Name() string { return "mask" }

// Actions masks what is outside.
func (o *MaskOp) Actions(in Size) ([]Action, error) {
	background, err := colourOr(o.Background, Colour{})
	if err != nil {
		return nil, err
	}
	box := in
	if o.Shape == "circle" {
		side := min(in.Width, in.Height)
		box = Size{Width: side, Height: side}
	}
	return []Action{ellipse(box, in, background)}, nil
}

func (o *MaskOp) check(c *checker) {
	if o.Shape != "" && o.Shape != "ellipse" && o.Shape != "circle" {
		c.wrong("shape", o.Shape, "one of ellipse, circle")
	}
	c.colour("background", o.Background)
}
