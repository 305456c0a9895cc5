package recipe

// HalftoneOp prints the picture with black dots of different sizes on white, on a grid turned by 45 degrees. Opacity
// stays. The screen is ½ + ½·cos(√2πx/size)·cos(√2πy/size): what is darker becomes black, with soft edges.
type HalftoneOp struct {
	// Size is the distance of the dots in pixels, 2 to 100; 6 by default.
	Size *float64 `json:"size,omitempty"`
}

// Name is halftone.
func (*HalftoneOp) Name() string { return "halftone" }

// Actions prints.
func (o *HalftoneOp) Actions(Size) ([]Action, error) {
	return []Action{Gray{}, Halftone{Pitch: orElse(o.Size, 6)}}, nil
}

func (o *HalftoneOp) check(c *checker) { c.within("size", o.Size, 2, 100) }
