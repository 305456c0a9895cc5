package recipe

// AppendOp puts further pictures of the job beside this one, or below it. None is scaled.
type AppendOp struct {
	// Pictures are the names of the pictures, in their order.
	Pictures []string `json:"pictures,omitempty"`
	// Steps are applied to each of them first, one after the other.
	Steps []Step `json:"steps,omitempty"`
	// Vertical puts them one below the other.
	Vertical bool `json:"vertical,omitempty"`
	// Align is where smaller ones stand: start (top or left) by default, center or end.
	Align string `json:"align,omitempty"`
	// Gap is the room between them in pixels, 0 to 1000.
	Gap int `json:"gap,omitempty"`
	// Background fills what no picture covers; transparent by default.
	Background string `json:"background,omitempty"`
}

// Name is append.
func (*AppendOp) Name() string { return "append" }

// Actions assembles the row.
func (o *AppendOp) Actions(Size) ([]Action, error) {
	return []Action{Assembly{
		Pictures: o.Pictures, Steps: o.Steps, Background: checkedColour(o.Background, Colour{}),
		Arrange: func(sizes []Size) ([]Sprite, Size) { return row(sizes, o.Vertical, o.Align, o.Gap) },
	}}, nil
}

func (o *AppendOp) check(c *checker) {
	c.pictures(o.Pictures, o.Steps)
	if !oneOf(o.Align, "start", "center", "end") {
		c.wrong("align", o.Align, "start, center or end")
	}
	c.between("gap", float64(o.Gap), 0, 1000)
	c.colour("background", o.Background)
}

func (o *AppendOp) pictures() []string { return further(o.Pictures, o.Steps) }

// pictures checks a list of further pictures and what is done to each.
func (c *checker) pictures(names []string, steps []Step) {
	if len(names) == 0 {
		c.wrong("pictures", nil, "the names of further pictures of the job")
	}
	c.others(names, steps)
}

// others checks the names of further pictures, of which there may be none, and the steps for them.
func (c *checker) others(names []string, steps []Step) {
	for i, name := range names {
		c.picture(index("pictures", i), name)
	}
	c.chain("steps", steps)
}
