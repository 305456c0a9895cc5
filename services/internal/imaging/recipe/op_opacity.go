package recipe

// OpacityOp makes the picture more transparent. A format without transparency shows white behind it.
type OpacityOp struct {
	// Opacity multiplies the picture's own, 0 (clear) to 1, the default, which changes nothing.
	Opacity *float64 `json:"opacity,omitempty"`
	// Threshold makes pixels of at least this opacity, 0 to 1, opaque and all others clear, before that. By default there
	// is none.
	Threshold *float64 `json:"threshold,omitempty"`
}

// Name is opacity.
func (*OpacityOp) Name() string { return "opacity" }

// Actions looks opacities up in a table.
func (o *OpacityOp) Actions(Size) ([]Action, error) {
	opacity := orElse(o.Opacity, 1)
	if opacity == 1 && o.Threshold == nil {
		return nil, nil
	}
	return []Action{Opacity{Table: table(func(v float64) float64 {
		switch {
		case o.Threshold == nil:
			return v * opacity
		case v < *o.Threshold:
			return 0
		default:
			return opacity
		}
	})}}, nil
}

func (o *OpacityOp) check(c *checker) {
	c.within("opacity", o.Opacity, 0, 1)
	c.within("threshold", o.Threshold, 0, 1)
}
