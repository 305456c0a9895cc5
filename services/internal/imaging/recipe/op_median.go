package recipe

// MedianOp replaces each value by the median of those around it, which removes specks and keeps edges. What is clear
// lends no colour to what is not.
type MedianOp struct {
	// Radius is 0 to 20 pixels: the square around a pixel has edges of 2·radius + 1. 1 by default; 0 changes nothing.
	Radius *int `json:"radius,omitempty"`
}

// Name is median.
func (*MedianOp) Name() string { return "median" }

// Actions takes medians.
func (o *MedianOp) Actions(Size) ([]Action, error) {
	radius := count(o.Radius, 1)
	if radius == 0 {
		return nil, nil
	}
	return []Action{Median{Radius: radius}}, nil
}

func (o *MedianOp) check(c *checker) { c.count("radius", o.Radius, 0, 20) }
