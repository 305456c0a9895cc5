package recipe

// FlattenOp puts a picture with transparency on a colour. An opaque picture stays as it is.
type FlattenOp struct {
	// Background is the colour behind the picture; white by default. Its opacity is ignored.
	Background string `json:"background,omitempty"`
}

// Name is flatten.
func (*FlattenOp) Name() string { return "flatten" }

// Actions flattens.
func (o *FlattenOp) Actions(Size) ([]Action, error) {
	background, err := solid(o.Background, Colour{R: 255, G: 255, B: 255})
	if err != nil {
		return nil, err
	}
	return []Action{Flatten{Background: background}}, nil
}

func (o *FlattenOp) check(c *checker) { c.colour("background", o.Background) }
