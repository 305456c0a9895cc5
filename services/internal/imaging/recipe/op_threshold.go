package recipe

// ThresholdOp makes a picture of black and white alone: white where the gray of [GrayscaleOp] is at least the level.
type ThresholdOp struct {
	// Level is the least gray that becomes white, 0 (all white) to 1 (only white stays white); 0.5 by default.
	Level *float64 `json:"level,omitempty"`
}

// Name is threshold.
func (*ThresholdOp) Name() string { return "threshold" }

// Actions drops the colours, then the grays.
func (o *ThresholdOp) Actions(Size) ([]Action, error) {
	level := orElse(o.Level, 0.5)
	step := tone(func(v float64) float64 {
		if v >= level {
			return 1
		}
		return 0
	})
	return []Action{Gray{}, step}, nil
}

func (o *ThresholdOp) check(c *checker) { c.within("level", o.Level, 0, 1) }
