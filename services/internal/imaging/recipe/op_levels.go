package recipe

import "math"

// Channel is which of a picture's colours are meant.
type Channel string

// The channels.
const (
	AllChannels  Channel = "all"
	RedChannel   Channel = "red"
	GreenChannel Channel = "green"
	BlueChannel  Channel = "blue"
)

// channels lists every channel.
var channels = []Channel{AllChannels, RedChannel, GreenChannel, BlueChannel}

// LevelsOp stretches the values between black and white over the whole range, applies a gamma, and squeezes the result
// between two output levels: out_black + (out_white − out_black)·((v − black) / (white − black))^(1 / gamma). Without any
// parameter nothing changes.
type LevelsOp struct {
	// Black is the value that becomes black, 0 to 1; 0 by default. It is below White.
	Black *float64 `json:"black,omitempty"`
	// White is the value that becomes white, 0 to 1; 1 by default.
	White *float64 `json:"white,omitempty"`
	// Gamma is 0.1 (darker) to 10 (lighter); 1 by default.
	Gamma *float64 `json:"gamma,omitempty"`
	// OutBlack is what black becomes in the end, 0 to 1; 0 by default. Above OutWhite the picture is inverted.
	OutBlack *float64 `json:"out_black,omitempty"`
	// OutWhite is what white becomes in the end, 0 to 1; 1 by default.
	OutWhite *float64 `json:"out_white,omitempty"`
	// Channel is all, the default, red, green or blue.
	Channel Channel `json:"channel,omitempty"`
}

// Name is levels.
func (*LevelsOp) Name() string { return "levels" }

// Actions applies the curve to the channel.
func (o *LevelsOp) Actions(Size) ([]Action, error) {
	black, white, gamma := orElse(o.Black, 0), orElse(o.White, 1), orElse(o.Gamma, 1)
	low, high := orElse(o.OutBlack, 0), orElse(o.OutWhite, 1)
	if black == 0 && white == 1 && gamma == 1 && low == 0 && high == 1 {
		return nil, nil
	}
	curve := tone(func(v float64) float64 {
		within := min(max((v-black)/(white-black), 0), 1)
		return low + (high-low)*math.Pow(within, 1/gamma)
	})
	same := tone(func(v float64) float64 { return v })
	switch o.Channel {
	case RedChannel:
		curve.Green, curve.Blue = same.Green, same.Blue
	case GreenChannel:
		curve.Red, curve.Blue = same.Red, same.Blue
	case BlueChannel:
		curve.Red, curve.Green = same.Red, same.Green
	}
	return []Action{curve}, nil
}

func (o *LevelsOp) check(c *checker) {
	c.within("black", o.Black, 0, 1)
	c.within("white", o.White, 0, 1)
	c.within("gamma", o.Gamma, 0.1, 10)
	c.within("out_black", o.OutBlack, 0, 1)
	c.within("out_white", o.OutWhite, 0, 1)
	checkWord(c, "channel", o.Channel, channels)
	if black, white := orElse(o.Black, 0), orElse(o.White, 1); black >= white {
		c.wrong("black", black, "a number below white, which is %g", white)
	}
}
