package recipe

import "slices"

// OverlayOp lays a further picture of the job over this one: a watermark, a frame, a mask.
type OverlayOp struct {
	// Picture is the name of the picture, as the job has it under pictures.
	Picture string `json:"picture,omitempty"`
	// Steps are applied to the layer first, one after the other: a fit makes a logo smaller, an opacity lets the picture
	// shine through, and an overlay lays a layer on the layer, 4 deep at most. They neither save nor branch.
	Steps []Step `json:"steps,omitempty"`
	// Width and Height then bring the layer to a size, in pixels, 1 to 16383, or in shares of the width and height of the
	// picture below, "0.01%" to "1000%".
	Width  *Length `json:"width,omitempty"`
	Height *Length `json:"height,omitempty"`
	// Scale says how: fit, the default, keeps the ratio inside of that box; fill covers it and cuts off what sticks out;
	// stretch does not keep the ratio. With one edge the other follows by the layer's ratio.
	Scale string `json:"scale,omitempty"`
	// Gravity is the place of the layer: one of the nine fixed ones, center by default.
	Gravity Gravity `json:"gravity,omitempty"`
	// X and Y move the layer inward from its place, in pixels; from the center, to the right and down.
	X int `json:"x,omitempty"`
	Y int `json:"y,omitempty"`
	// Opacity is 0 (nothing to be seen) to 1, the default. It multiplies the layer's own.
	Opacity *float64 `json:"opacity,omitempty"`
	// Blend says how colours meet: normal by default; see the list of blends.
	Blend Blend `json:"blend,omitempty"`
	// Tile repeats the layer over the whole picture, from its place on.
	Tile bool `json:"tile,omitempty"`
	// Grow lets the picture grow where the layer sticks out; otherwise that part is cut off.
	Grow bool `json:"grow,omitempty"`
}

// Name is overlay.
func (*OverlayOp) Name() string { return "overlay" }

// Actions lays the picture over.
func (o *OverlayOp) Actions(in Size) ([]Action, error) {
	opacity := orElse(o.Opacity, 1)
	if opacity == 0 {
		return nil, nil
	}
	steps, err := o.scaled(in)
	if err != nil {
		return nil, err
	}
	return []Action{Overlay{
		Picture: o.Picture, Steps: steps, Anchor: Anchor{o.Gravity.orCenter(), o.X, o.Y}, Opacity: opacity,
		Blend: o.Blend, Tile: o.Tile, Grow: o.Grow && !o.Tile,
	}}, nil
}

// scaled are the steps of the layer with the one that brings it to its size.
func (o *OverlayOp) scaled(in Size) ([]Step, error) {
	if o.Width == nil && o.Height == nil {
		return o.Steps, nil
	}
	box := Box{Width: o.Width.within(in.Width), Height: o.Height.within(in.Height)}
	var op Operation = &FitOp{Box: box, Enlarge: true}
	switch {
	case o.Width == nil || o.Height == nil: // all ways are the same
	case o.Scale == "fill":
		op = &FillOp{Box: box}
	case o.Scale == "stretch":
		op = &ResizeOp{Box: box}
	}
	step, err := NewStep(op, nil)
	if err != nil {
		return nil, err
	}
	return append(slices.Clone(o.Steps), step), nil
}

func (o *OverlayOp) check(c *checker) {
	c.picture("picture", o.Picture)
	c.chain("steps", o.Steps)
	c.length("width", o.Width, 1, MaxEdge)
	c.length("height", o.Height, 1, MaxEdge)
	if !oneOf(o.Scale, "fit", "fill", "stretch") {
		c.wrong("scale", o.Scale, "one of fit, fill, stretch")
	}
	c.anchor(o.Gravity, o.X, o.Y)
	c.within("opacity", o.Opacity, 0, 1)
	if !oneOf(o.Blend, Blends...) {
		c.wrong("blend", o.Blend, "one of %s", join(Blends))
	}
}

func (o *OverlayOp) pictures() []string { return further([]string{o.Picture}, o.Steps) }
