package recipe

// RectangleOp draws a rectangle on the picture, with corners that may be rounded. What lies outside is left out.
type RectangleOp struct {
	Figure
	// RadiusX and RadiusY are those of the corners in pixels, 0 to 16383, and at most half of an edge; 0 by default.
	RadiusX int `json:"radius_x,omitempty"`
	RadiusY int `json:"radius_y,omitempty"`
}

// Name is rectangle.
func (*RectangleOp) Name() string { return "rectangle" }

// Actions draws the rectangle.
func (o *RectangleOp) Actions(in Size) ([]Action, error) {
	d := o.drawing(in)
	if o.RadiusX > 0 && o.RadiusY > 0 {
		d.Corner = Radius{X: min(float64(o.RadiusX), (d.ToX-d.X)/2), Y: min(float64(o.RadiusY), (d.ToY-d.Y)/2)}
	}
	return []Action{d}, nil
}

func (o *RectangleOp) check(c *checker) {
	c.figure(o.Figure)
	c.count("radius_x", &o.RadiusX, 0, MaxEdge)
	c.count("radius_y", &o.RadiusY, 0, MaxEdge)
}
