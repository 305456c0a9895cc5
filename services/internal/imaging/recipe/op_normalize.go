package recipe

// NormalizeOp stretches the values so that the darkest become black and the lightest white. Clear pixels do not count.
type NormalizeOp struct {
	// Black is the share of the values that become black, 0 to 0.49; 0.0015 by default.
	Black *float64 `json:"black,omitempty"`
	// White is the share of the values that become white, 0 to 0.49; 0.0005 by default.
	White *float64 `json:"white,omitempty"`
	// PerChannel stretches red, green and blue each for itself, which removes a cast of colour. By default all are
	// stretched alike.
	PerChannel bool `json:"per_channel,omitempty"`
	// Center also brings the mean of all values to the middle, by a gamma from ½ to 2. By default it does not.
	Center bool `json:"center,omitempty"`
}

// Name is normalize.
func (*NormalizeOp) Name() string { return "normalize" }

// Actions looks at all values, and stretches.
func (o *NormalizeOp) Actions(Size) ([]Action, error) {
	actions := []Action{
		Tune{By: Stretch{Black: orElse(o.Black, 0.0015), White: orElse(o.White, 0.0005), Apart: o.PerChannel}},
	}
	if o.Center {
		actions = append(actions, Tune{By: Middle{Limit: 2}})
	}
	return actions, nil
}

func (o *NormalizeOp) check(c *checker) {
	c.within("black", o.Black, 0, 0.49)
	c.within("white", o.White, 0, 0.49)
}
