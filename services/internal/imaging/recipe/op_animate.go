package recipe

// AnimateOp makes an animation of this picture and further ones of the job, for an output in gif or webp. Smaller
// pictures stand in the middle of the frame that the largest needs.
type AnimateOp struct {
	// Pictures are the names of the pictures, in their order; none takes this one alone.
	Pictures []string `json:"pictures,omitempty"`
	// Steps are applied to each of the further pictures first, one after the other.
	Steps []Step `json:"steps,omitempty"`
	// Delay is how long each frame is shown, in milliseconds, 10 to 60000; 100 by default.
	Delay int `json:"delay,omitempty"`
	// Loop is how often the animation plays, 0 to 65535; 0, the default, is for ever.
	Loop int `json:"loop,omitempty"`
	// Background fills what no picture covers; transparent by default.
	Background string `json:"background,omitempty"`
}

// Name is animate.
func (*AnimateOp) Name() string { return "animate" }

// Actions assembles the frames.
func (o *AnimateOp) Actions(Size) ([]Action, error) {
	delay := o.Delay
	if delay == 0 {
		delay = 100
	}
	delays := make([]int, len(o.Pictures)+1)
	for i := range delays {
		delays[i] = delay
	}
	return []Action{Assembly{
		Pictures: o.Pictures, Steps: o.Steps, Background: checkedColour(o.Background, Colour{}), Arrange: stacked,
		Frames: true, Delays: delays, Loop: o.Loop,
	}}, nil
}

func (o *AnimateOp) check(c *checker) {
	c.others(o.Pictures, o.Steps)
	if o.Delay != 0 {
		c.between("delay", float64(o.Delay), 10, 60_000)
	}
	c.between("loop", float64(o.Loop), 0, 65_535)
	c.colour("background", o.Background)
}

func (o *AnimateOp) pictures() []string { return further(o.Pictures, o.Steps) }
