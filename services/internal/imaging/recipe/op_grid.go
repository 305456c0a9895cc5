package recipe

// GridOp puts this picture and further ones of the job into cells of one size, line by line. Each is scaled to fit its
// cell, which it never outgrows.
type GridOp struct {
	// Pictures are the names of the pictures, in their order.
	Pictures []string `json:"pictures,omitempty"`
	// Own puts this picture into the first cell, as it is by default. With false the grid has the further ones alone.
	Own *bool `json:"own,omitempty"`
	// Columns is the number of cells in a line, 1 to 100; the nearest to a square by default.
	Columns int `json:"columns,omitempty"`
	// Width and Height are those of a cell in pixels, 1 to 16383. Both are needed.
	Width  *int `json:"width,omitempty"`
	Height *int `json:"height,omitempty"`
	// Gap is the room between cells in pixels, 0 to 1000.
	Gap int `json:"gap,omitempty"`
	// Background fills what no picture covers; transparent by default.
	Background string `json:"background,omitempty"`
}

// Name is grid.
func (*GridOp) Name() string { return "grid" }

// Actions fits every picture and assembles the grid.
func (o *GridOp) Actions(in Size) ([]Action, error) {
	fit := &FitOp{Box: Box{Width: Pixels(*o.Width), Height: Pixels(*o.Height)}}
	actions, err := fit.Actions(in)
	if err != nil {
		return nil, err
	}
	step, err := NewStep(fit, nil)
	if err != nil {
		return nil, err
	}
	others := o.Own != nil && !*o.Own
	cells := len(o.Pictures)
	if !others {
		cells++
	}
	columns := o.Columns
	for columns*columns < cells && o.Columns == 0 {
		columns++
	}
	return append(actions, Assembly{
		Pictures: o.Pictures, Others: others, Steps: []Step{step}, Background: checkedColour(o.Background, Colour{}),
		Arrange: func(sizes []Size) ([]Sprite, Size) {
			return grid(sizes, Size{*o.Width, *o.Height}, columns, o.Gap)
		},
	}), nil
}

func (o *GridOp) check(c *checker) {
	c.pictures(o.Pictures, nil)
	if o.Columns != 0 {
		c.between("columns", float64(o.Columns), 1, 100)
	}
	c.edge("width", o.Width)
	c.edge("height", o.Height)
	if o.Width == nil {
		c.wrong("width", nil, "a whole number of pixels, 1 to %d", MaxEdge)
	}
	if o.Height == nil {
		c.wrong("height", nil, "a whole number of pixels, 1 to %d", MaxEdge)
	}
	c.between("gap", float64(o.Gap), 0, 1000)
	c.colour("background", o.Background)
}

func (o *GridOp) pictures() []string { return o.Pictures }
