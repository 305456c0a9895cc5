package recipe

// RetimeOp says how fast an animation plays, and how often. A still picture stays as it is.
type RetimeOp struct {
	// Delay is how long each frame is shown, in milliseconds, 10 to 60000; absent keeps the delays that there are.
	Delay int `json:"delay,omitempty"`
	// Loop is how often the animation plays, 0 (for ever) to 65535; absent keeps what the file says.
	Loop *int `json:"loop,omitempty"`
}

// Name is retime.
func (*RetimeOp) Name() string { return "retime" }

// Actions retimes.
func (o *RetimeOp) Actions(Size) ([]Action, error) {
	if o.Delay == 0 && o.Loop == nil {
		return nil, nil
	}
	return []Action{Retime{Delay: o.Delay, Loop: o.Loop}}, nil
}

func (o *RetimeOp) check(c *checker) {
	if o.Delay != 0 {
		c.between("delay", float64(o.Delay), 10, 60_000)
	}
	if o.Loop != nil {
		c.between("loop", float64(*o.Loop), 0, 65_535)
	}
}
