package recipe

import "math"

// BorderOp draws a border around the picture, which grows by it on every side.
type BorderOp struct {
	// Width is how thick the border is, in pixels, 1 to 1000, or a share of the picture's own width, "0.01%" to "1000%"; 1 by
	// default.
	Width *Length `json:"width,omitempty"`
	// Color is the border's colour: a CSS name, #rgb, #rgba, #rrggbb or #rrggbbaa; black by default.
	Color string `json:"color,omitempty"`
}

// Name is border.
func (*BorderOp) Name() string { return "border" }

// Actions extends on all sides alike.
func (o *BorderOp) Actions(in Size) ([]Action, error) {
	colour, err := colourOr(o.Color, Colour{A: math.MaxUint8})
	if err != nil {
		return nil, err
	}
	width := 1
	if o.Width != nil {
		width = edge(o.Width.of(in.Width))
	}
	to := Size{Width: in.Width + 2*width, Height: in.Height + 2*width}
	return []Action{Extend{X: width, Y: width, Size: to, Background: colour}}, nil
}

func (o *BorderOp) check(c *checker) {
	c.length("width", o.Width, 1, 1000)
	c.colour("color", o.Color)
}
