package recipe

// BrightnessOp adds the same to every value of red, green and blue, and clips what leaves their range. To multiply
// instead, see [ModulateOp]; to multiply light, see [ExposureOp].
type BrightnessOp struct {
	// Amount is what is added, as a share of the whole range: -1 (all black) to 1 (all white); 0, the default, changes
	// nothing.
	Amount *float64 `json:"amount,omitempty"`
}

// Name is brightness.
func (*BrightnessOp) Name() string { return "brightness" }

// Actions adds.
func (o *BrightnessOp) Actions(Size) ([]Action, error) {
	amount := orElse(o.Amount, 0)
	if amount == 0 {
		return nil, nil
	}
	return []Action{tone(func(v float64) float64 { return v + amount })}, nil
}

func (o *BrightnessOp) check(c *checker) { c.within("amount", o.Amount, -1, 1) }
