package recipe

// PadOp makes a picture of exactly the given size without cutting: it is scaled to fit inside, and a background fills
// what is left. A picture that may not shrink and is larger than the box keeps that edge.
type PadOp struct {
	// Box needs both edges, or an aspect ratio.
	Box
	// Placement says where in the box the picture lies: a corner, an edge or center, the default. X and Y are inwards from
	// there, as far as the box reaches; their shares are of the box.
	Placement
	// Background is what fills the rest: a CSS name, #rgb, #rgba, #rrggbb or #rrggbbaa; transparent by default, which a
	// format without transparency shows as white. It is also blur (the picture itself, covering the box and blurred),
	// mirror (reflected at its edges) or copy (its outermost pixels, drawn out).
	Background string `json:"background,omitempty"`
	// Enlarge lets a small picture grow to the box, as it does by default. With false it is only padded.
	Enlarge *bool `json:"enlarge,omitempty"`
	// Shrink lets a large picture become smaller, as it does by default. With false, and enlarge too, nothing is scaled.
	Shrink *bool `json:"shrink,omitempty"`
}

// Name is pad.
func (*PadOp) Name() string { return "pad" }

// Actions scales to fit, then extends.
func (o *PadOp) Actions(in Size) ([]Action, error) {
	edge, background, err := readBackdrop(o.Background)
	if err != nil {
		return nil, err
	}
	box := o.size(in)
	inner := o.inside(in, o.Enlarge == nil || *o.Enlarge, o.Shrink == nil || *o.Shrink)
	box = Size{Width: max(box.Width, inner.Width), Height: max(box.Height, inner.Height)}
	x, y := o.Gravity.place(inner, box)
	dx, dy := o.offset(box, 1)
	x, y = min(max(x+dx, 0), box.Width-inner.Width), min(max(y+dy, 0), box.Height-inner.Height)
	to := Extend{X: x, Y: y, Size: box, Edge: edge, Background: background}
	return extendTo(scaleTo(in, inner), inner, to), nil
}

func (o *PadOp) check(c *checker) {
	c.wholeBox(o.Box)
	c.fixed(o.Placement)
	c.backdrop("background", o.Background)
}
