package recipe

// EnhanceOp improves a photograph without being told how. In this order:
//
//  1. lightness is stretched, with half a percent of the pixels becoming black and half a percent white;
//  2. a gamma from 0.8 to 1.25 brings the mean lightness nearer to the middle;
//  3. vibrance is raised by 0.2.
//
// Steps 1 and 2 work on the lightness of CIELAB. Clear pixels do not count.
type EnhanceOp struct {
	// Amount is 0 (nothing changes) to 1 (all the way), the default.
	Amount *float64 `json:"amount,omitempty"`
}

// Name is enhance.
func (*EnhanceOp) Name() string { return "enhance" }

// Actions takes the steps, and mixes their result with the picture.
func (o *EnhanceOp) Actions(Size) ([]Action, error) {
	return mixed(orElse(o.Amount, 1),
		Tune{By: Stretch{Black: 0.005, White: 0.005}, Lightness: true},
		Tune{By: Middle{Limit: 1.25}, Lightness: true},
		Vibrance{Amount: 0.2},
	), nil
}

func (o *EnhanceOp) check(c *checker) { c.within("amount", o.Amount, 0, 1) }
