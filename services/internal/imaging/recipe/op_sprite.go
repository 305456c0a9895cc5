package recipe

// SpriteOp puts this picture and further ones of the job on one sheet. The output tells where each of them is.
type SpriteOp struct {
	// Pictures are the names of the pictures; they are the names of their sprites, too. None takes this one alone.
	Pictures []string `json:"pictures,omitempty"`
	// Own is the name of this picture's own sprite; empty by default.
	Own string `json:"own,omitempty"`
	// Steps are applied to each of the further pictures first, one after the other.
	Steps []Step `json:"steps,omitempty"`
	// Layout is vertical (a column, the default), horizontal (a row) or packed (little room is lost).
	Layout string `json:"layout,omitempty"`
	// Gap is the room between sprites in pixels, 0 to 1000.
	Gap int `json:"gap,omitempty"`
	// Background fills what no picture covers; transparent by default.
	Background string `json:"background,omitempty"`
}

// Name is sprite.
func (*SpriteOp) Name() string { return "sprite" }

// Actions assembles the sheet.
func (o *SpriteOp) Actions(Size) ([]Action, error) {
	return []Action{Assembly{
		Pictures: o.Pictures, Steps: o.Steps, Background: checkedColour(o.Background, Colour{}), Sprites: true,
		Arrange: o.arrange,
	}}, nil
}

func (o *SpriteOp) arrange(sizes []Size) (cells []Sprite, sheet Size) {
	if o.Layout == "packed" {
		cells, sheet = pack(sizes, o.Gap)
	} else {
		cells, sheet = row(sizes, o.Layout != "horizontal", "start", o.Gap)
	}
	cells[0].Name = o.Own
	for i, name := range o.Pictures {
		cells[i+1].Name = name
	}
	return cells, sheet
}

func (o *SpriteOp) check(c *checker) {
	c.others(o.Pictures, o.Steps)
	if !oneOf(o.Layout, "vertical", "horizontal", "packed") {
		c.wrong("layout", o.Layout, "vertical, horizontal or packed")
	}
	if len(o.Own) > MaxIDLength {
		c.wrong("own", o.Own, "at most %d bytes", MaxIDLength)
	}
	c.between("gap", float64(o.Gap), 0, 1000)
	c.colour("background", o.Background)
}

func (o *SpriteOp) pictures() []string { return further(o.Pictures, o.Steps) }
