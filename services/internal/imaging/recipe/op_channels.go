package recipe

// ChannelsOp multiplies red, green and blue, each by a factor of its own, and clips what leaves their range.
type ChannelsOp struct {
	// Red is the factor of red, 0 to 10; 1, the default, changes nothing.
	Red *float64 `json:"red,omitempty"`
	// Green is the factor of green, 0 to 10; 1, the default, changes nothing.
	Green *float64 `json:"green,omitempty"`
	// Blue is the factor of blue, 0 to 10; 1, the default, changes nothing.
	Blue *float64 `json:"blue,omitempty"`
}

// Name is channels.
func (*ChannelsOp) Name() string { return "channels" }

// Actions multiplies.
func (o *ChannelsOp) Actions(Size) ([]Action, error) {
	red, green, blue := orElse(o.Red, 1), orElse(o.Green, 1), orElse(o.Blue, 1)
	if red == 1 && green == 1 && blue == 1 {
		return nil, nil
	}
	times := func(factor float64) [256]uint8 {
		return table(func(v float64) float64 { return v * factor })
	}
	return []Action{Curve{Red: times(red), Green: times(green), Blue: times(blue)}}, nil
}

func (o *ChannelsOp) check(c *checker) {
	c.within("red", o.Red, 0, 10)
	c.within("green", o.Green, 0, 10)
	c.within("blue", o.Blue, 0, 10)
}
