package recipe

// ChannelsOp mixes red, green and blue: each becomes a weighted sum of all three, and what leaves their range is clipped.
// Without weights across it multiplies each by a factor of its own.
type ChannelsOp struct {
	// Red is the weight of red in the new red, -10 to 10; 1 by default.
	Red *float64 `json:"red,omitempty"`
	// Green is the weight of green in the new green, -10 to 10; 1 by default.
	Green *float64 `json:"green,omitempty"`
	// Blue is the weight of blue in the new blue, -10 to 10; 1 by default.
	Blue *float64 `json:"blue,omitempty"`
	// RedFromGreen is the weight of green in the new red, -10 to 10; 0 by default.
	RedFromGreen float64 `json:"red_from_green,omitempty"`
	// RedFromBlue is the weight of blue in the new red, -10 to 10; 0 by default.
	RedFromBlue float64 `json:"red_from_blue,omitempty"`
	// GreenFromRed is the weight of red in the new green, -10 to 10; 0 by default.
	GreenFromRed float64 `json:"green_from_red,omitempty"`
	// GreenFromBlue is the weight of blue in the new green, -10 to 10; 0 by default.
	GreenFromBlue float64 `json:"green_from_blue,omitempty"`
	// BlueFromRed is the weight of red in the new blue, -10 to 10; 0 by default.
	BlueFromRed float64 `json:"blue_from_red,omitempty"`
	// BlueFromGreen is the weight of green in the new blue, -10 to 10; 0 by default.
	BlueFromGreen float64 `json:"blue_from_green,omitempty"`
}

// Name is channels.
func (*ChannelsOp) Name() string { return "channels" }

// Actions mixes, or looks the factors up in tables where nothing goes across.
func (o *ChannelsOp) Actions(Size) ([]Action, error) {
	red, green, blue := orElse(o.Red, 1), orElse(o.Green, 1), orElse(o.Blue, 1)
	matrix := [3][3]float64{
		{red, o.RedFromGreen, o.RedFromBlue}, {o.GreenFromRed, green, o.GreenFromBlue}, {o.BlueFromRed, o.BlueFromGreen, blue},
	}
	switch matrix {
	case [3][3]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}:
		return nil, nil
	case [3][3]float64{{red, 0, 0}, {0, green, 0}, {0, 0, blue}}:
	default:
		return []Action{Recombine{Matrix: matrix}}, nil
	}
	times := func(factor float64) [256]uint8 {
		return table(func(v float64) float64 { return v * factor })
	}
	return []Action{Curve{Red: times(red), Green: times(green), Blue: times(blue)}}, nil
}

func (o *ChannelsOp) check(c *checker) {
	const most = 10
	c.within("red", o.Red, -most, most)
	c.within("green", o.Green, -most, most)
	c.within("blue", o.Blue, -most, most)
	c.between("red_from_green", o.RedFromGreen, -most, most)
	c.between("red_from_blue", o.RedFromBlue, -most, most)
	c.between("green_from_red", o.GreenFromRed, -most, most)
	c.between("green_from_blue", o.GreenFromBlue, -most, most)
	c.between("blue_from_red", o.BlueFromRed, -most, most)
	c.between("blue_from_green", o.BlueFromGreen, -most, most)
}
