package recipe

// FlipOp mirrors the picture.
type FlipOp struct {
	// Direction is horizontal (left and right change places), the default, vertical (top and bottom do) or both.
	Direction string `json:"direction,omitempty"`
}

// Name is flip.
func (*FlipOp) Name() string { return "flip" }

// Actions flips; both ways at once is a half turn.
func (o *FlipOp) Actions(Size) ([]Action, error) {
	switch o.Direction {
	case "vertical":
		return []Action{Flip{Vertical: true}}, nil
	case "both":
		return []Action{Turn{Quarters: 2}}, nil
	default:
		return []Action{Flip{}}, nil
	}
}

func (o *FlipOp) check(c *checker) {
	switch o.Direction {
	case "", "horizontal", "vertical", "both":
	default:
		c.wrong("direction", o.Direction, "one of horizontal, vertical, both")
	}
}
