package recipe

// EllipseOp draws an ellipse on the picture, which touches the four edges of its box. What lies outside is left out.
type EllipseOp struct {
	Figure
}

// Name is ellipse.
func (*EllipseOp) Name() string { return "ellipse" }

// Actions draws the ellipse.
func (o *EllipseOp) Actions(in Size) ([]Action, error) {
	d := o.drawing(in)
	d.Corner = Radius{X: (d.ToX - d.X) / 2, Y: (d.ToY - d.Y) / 2}
	return []Action{d}, nil
}

func (o *EllipseOp) check(c *checker) { c.figure(o.Figure) }
