package recipe

// HighlightsOp lightens or darkens the light parts: v + amount·v²(1 − v), for v from 0 to 1. Black and white stay, the
// order of values too; the most, 0.148, happens to v = ⅔.
type HighlightsOp struct {
	// Amount is -1 (darker, which brings back detail) to 1 (lighter); 0, the default, changes nothing.
	Amount *float64 `json:"amount,omitempty"`
}

// Name is highlights.
func (*HighlightsOp) Name() string { return "highlights" }

// Actions applies the curve.
func (o *HighlightsOp) Actions(Size) ([]Action, error) {
	amount := orElse(o.Amount, 0)
	if amount == 0 {
		return nil, nil
	}
	return []Action{tone(func(v float64) float64 { return v + amount*v*v*(1-v) })}, nil
}

func (o *HighlightsOp) check(c *checker) { c.within("amount", o.Amount, -1, 1) }
