package recipe

// OpacityOp makes the picture more transparent. A format without transparency shows white behind it.
type OpacityOp struct {
	// Opacity multiplies the picture's own, 0 (clear) to 1, the default, which changes nothing.
	Opacity *float64 `json:"opacity,omitempty"`
}

// Name is opacity.
func (*OpacityOp) Name() string { return "opacity" }

// Actions multiplies the opacity.
func (o *OpacityOp) Actions(Size) ([]Action, error) {
	opacity := orElse(o.Opacity, 1)
	if opacity == 1 {
		return nil, nil
	}
	return []Action{Opacity{Factor: opacity}}, nil
}

func (o *OpacityOp) check(c *checker) { c.within("opacity", o.Opacity, 0, 1) }
