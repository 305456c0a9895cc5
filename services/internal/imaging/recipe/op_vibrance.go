package recipe

// VibranceOp makes dull colours more or less vivid and changes vivid ones little, so that skin and skies do not tip
// over: the chroma C of CIELCh becomes C·(1 + amount·(1 − C/134)), where 134 is the most that sRGB has. Lightness and
// hue stay, as far as sRGB has such a colour.
type VibranceOp struct {
	// Amount is -1 to 1; 0, the default, changes nothing.
	Amount *float64 `json:"amount,omitempty"`
}

// Name is vibrance.
func (*VibranceOp) Name() string { return "vibrance" }

// Actions changes the chroma.
func (o *VibranceOp) Actions(Size) ([]Action, error) {
	amount := orElse(o.Amount, 0)
	if amount == 0 {
		return nil, nil
	}
	return []Action{Vibrance{Amount: amount}}, nil
}

func (o *VibranceOp) check(c *checker) { c.within("amount", o.Amount, -1, 1) }
