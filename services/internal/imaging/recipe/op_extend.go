package recipe

import "math"

// ExtendOp adds to the picture on its four sides. Nothing is scaled.
type ExtendOp struct {
	// Top, Right, Bottom and Left are how much to add there, in pixels, 0 to 16383, or shares of the picture's own height
	// and width, "0%" to "1000%"; absent is 0.
	Top    *Length `json:"top,omitempty"`
	Right  *Length `json:"right,omitempty"`
	Bottom *Length `json:"bottom,omitempty"`
	Left   *Length `json:"left,omitempty"`
	// Background is what to add: a CSS name, #rgb, #rgba, #rrggbb or #rrggbbaa; transparent by default, which a format
	// without transparency shows as white. It is also mirror (the picture reflected at its edges), copy (its outermost
	// pixels, drawn out) or blur (the picture itself, covering all and blurred).
	Background string `json:"background,omitempty"`
}

// Name is extend.
func (*ExtendOp) Name() string { return "extend" }

// Actions extends.
func (o *ExtendOp) Actions(in Size) ([]Action, error) {
	edge, background, err := readBackdrop(o.Background)
	if err != nil {
		return nil, err
	}
	whole := func(l *Length, edge int) int { return int(math.Round(l.of(edge))) }
	x, y := whole(o.Left, in.Width), whole(o.Top, in.Height)
	to := Size{Width: x + in.Width + whole(o.Right, in.Width), Height: y + in.Height + whole(o.Bottom, in.Height)}
	return extendTo(nil, in, Extend{X: x, Y: y, Size: to, Edge: edge, Background: background}), nil
}

func (o *ExtendOp) check(c *checker) {
	c.length("top", o.Top, 0, MaxEdge)
	c.length("right", o.Right, 0, MaxEdge)
	c.length("bottom", o.Bottom, 0, MaxEdge)
	c.length("left", o.Left, 0, MaxEdge)
	c.backdrop("background", o.Background)
}
