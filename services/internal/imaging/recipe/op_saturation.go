package recipe

// SaturationOp makes colours more or less vivid, with the matrix of the CSS filter saturate() (W3C Filter Effects Module
// Level 1, 8.4). Grays stay as they are.
type SaturationOp struct {
	// Amount is -1 (gray) to 3 (four times as vivid): the filter's own amount less 1. 0, the default, changes nothing.
	Amount *float64 `json:"amount,omitempty"`
}

// Name is saturation.
func (*SaturationOp) Name() string { return "saturation" }

// Actions mixes the channels.
func (o *SaturationOp) Actions(Size) ([]Action, error) {
	amount := orElse(o.Amount, 0)
	if amount == 0 {
		return nil, nil
	}
	return []Action{Recombine{Matrix: saturated(1 + amount)}}, nil
}

func (o *SaturationOp) check(c *checker) { c.within("amount", o.Amount, -1, 3) }
