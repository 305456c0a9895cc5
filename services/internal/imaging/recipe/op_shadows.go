package recipe

// ShadowsOp lightens or darkens the dark parts: v + amount·v(1 − v)², for v from 0 to 1. Black and white stay, the order
// of values too; the most, 0.148, happens to v = ⅓.
type ShadowsOp struct {
	// Amount is -1 (darker) to 1 (lighter, which brings out detail); 0, the default, changes nothing.
	Amount *float64 `json:"amount,omitempty"`
}

// Name is shadows.
func (*ShadowsOp) Name() string { return "shadows" }

// Actions applies the curve.
func (o *ShadowsOp) Actions(Size) ([]Action, error) {
	amount := orElse(o.Amount, 0)
	if amount == 0 {
		return nil, nil
	}
	return []Action{tone(func(v float64) float64 { return v + amount*v*(1-v)*(1-v) })}, nil
}

func (o *ShadowsOp) check(c *checker) { c.within("amount", o.Amount, -1, 1) }
