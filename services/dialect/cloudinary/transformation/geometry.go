package transformation

import (
	"math"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// modes are the ways to resize and crop.
var modes = map[string]func(*call) error{
	"scale": scale, "fit": fit(true, true), "limit": fit(false, true), "mfit": fit(true, false),
	"fill": fill(true), "lfill": fill(false), "pad": pad(true, true), "lpad": pad(false, true), "mpad": pad(false, false),
	"crop": crop, "thumb": thumb, "auto": fill(true), "fill_pad": fillPad, "auto_pad": fillPad,
}

// refusedModes are those of add-ons, and why they are refused.
var refusedModes = map[string]string{
	"imagga_scale": "it is an add-on of the provider's; c_fill with g_auto comes nearest",
	"imagga_crop":  "it is an add-on of the provider's; c_crop with g_auto comes nearest",
}

func checkMode(text string) error {
	if modes[text] == nil && refusedModes[text] == "" {
		return invalid("crop mode", text)
	}
	return nil
}

// resize changes the size. Without a mode a size means scale.
func (c *call) resize() error {
	if c.regional() {
		return nil // the size is that of the region of an effect
	}
	mode := c.params.get("c")
	if why := refusedModes[mode]; why != "" {
		return unsupported("crop mode", mode, why)
	}
	if mode == "" {
		mode = "scale"
	}
	return modes[mode](c)
}

// asked is the size that a component asks for.
type asked struct {
	recipe.Box
	sized bool // there is anything
	whole bool // both edges are in pixels: whatever the picture was, its size is known afterwards
	alone bool // there is a ratio and no edge
	dpr   float64
}

// box reads w_, h_, ar_ and dpr_. With both, a missing edge follows by the picture's ratio; otherwise it stays open. Pixels
// are made of everything where the picture's size is known, and else the recipe does the arithmetic.
func (c *call) box(both bool) (asked, error) {
	var a asked
	w, err := c.extent("w")
	if err != nil {
		return a, err
	}
	h, err := c.extent("h")
	if err != nil {
		return a, err
	}
	ratio, err := c.number("ar", 0, 0.001, 1000)
	if err != nil {
		return a, err
	}
	if a.dpr, err = c.dpr(); err != nil {
		return a, err
	}
	if w.set && w.amount <= 0 {
		return a, invalid("width", c.params.get("w"))
	}
	if h.set && h.amount <= 0 {
		return a, invalid("height", c.params.get("h"))
	}
	if c.params.flagged("relative") && c.below != nil {
		if w, h, err = c.relative(w, h); err != nil {
			return a, err
		}
	}
	if w.set && h.set {
		ratio = 0
	}
	a.sized, a.alone = w.set || h.set || ratio > 0, ratio > 0 && !w.set && !h.set
	if a.sized && c.on.lost == "" {
		err = a.inPixels(w, h, ratio, c.on.size, both)
		return a, err
	}
	return a, a.symbolic(w, h, ratio)
}

// inPixels computes the edges for a picture of the size.
func (a *asked) inPixels(w, h extent, ratio float64, in recipe.Size, both bool) error {
	across, down := w.of(in.Width), h.of(in.Height)
	iw, ih := float64(in.Width), float64(in.Height)
	switch {
	case a.alone && ratio >= 1:
		across, down = iw, iw/ratio
	case a.alone:
		across, down = ih*ratio, ih
	case ratio > 0 && across == 0:
		across = down * ratio
	case ratio > 0:
		down = across / ratio
	case both && across == 0:
		across = down * iw / ih
	case both && down == 0:
		down = across * ih / iw
	}
	a.whole = across > 0 && down > 0
	for _, edge := range []struct {
		length float64
		into   **recipe.Length
		name   string
	}{{across, &a.Width, "width"}, {down, &a.Height, "height"}} {
		if edge.length == 0 {
			continue
		}
		pixels := max(1, math.Round(edge.length*a.dpr))
		if pixels > recipe.MaxEdge {
			return errorf("Invalid %s in transformation: %.0f pixels are more than %d", edge.name, pixels, recipe.MaxEdge)
		}
		*edge.into = recipe.Pixels(int(pixels))
	}
	return nil
}

// symbolic leaves the arithmetic to the recipe.
func (a *asked) symbolic(w, h extent, ratio float64) error {
	a.Width, a.Height = w.length(1), h.length(1)
	a.whole = w.set && h.set && !w.share && !h.share
	if ratio > 0 {
		a.AspectRatio = new(recipe.Ratio(ratio))
		a.whole = w.set && !w.share || h.set && !h.share
	}
	if a.dpr != 1 && a.sized {
		a.DPR = &a.dpr
	}
	return nil
}

// of is the extent in pixels, 0 for none.
func (e extent) of(edge int) float64 {
	if e.share {
		return e.amount * float64(edge)
	}
	return e.amount
}

// exactly applies an operation that makes just the size that was asked for.
func (c *call) exactly(a asked, op recipe.Operation) error {
	if err := c.on.then(op); err != nil {
		return err
	}
	if c.on.lost != "" && a.whole {
		// Both edges are pixels, or one is and the ratio gives the other: any picture of another size would do, too.
		any := recipe.Size{Width: 64, Height: 64}
		_, after, err := c.on.steps[len(c.on.steps)-1].Apply(any)
		if err != nil {
			return asError(err)
		}
		c.on.size, c.on.lost = after, ""
	}
	return nil
}

// enlarged multiplies the size of what was cut out by the pixel ratio.
func (c *call) enlarged(dpr float64) error {
	if dpr == 1 {
		return nil
	}
	return c.on.then(&recipe.ResizeOp{Scale: &dpr})
}

func scale(c *call) error {
	a, err := c.box(false)
	if err != nil {
		return err
	}
	if !a.sized {
		return c.enlarged(a.dpr)
	}
	if c.params.flagged("ignore_aspect_ratio") && a.AspectRatio == nil {
		if a.Width == nil {
			a.Width = recipe.Share(1)
		}
		if a.Height == nil {
			a.Height = recipe.Share(1)
		}
	}
	return c.exactly(a, &recipe.ResizeOp{Box: a.Box})
}

// fit stays inside the box.
func fit(enlarge, shrink bool) func(*call) error {
	return func(c *call) error {
		a, err := c.box(false)
		if err != nil {
			return err
		}
		if !a.sized {
			return c.enlarged(a.dpr)
		}
		return c.on.then(&recipe.FitOp{Box: a.Box, Enlarge: enlarge, Shrink: &shrink})
	}
}

// fill covers the box. Where it must not enlarge, the result may be smaller.
func fill(enlarge bool) func(*call) error {
	return func(c *call) error {
		a, err := c.box(true)
		if err != nil {
			return err
		}
		switch {
		case !a.sized:
			return c.enlarged(a.dpr)
		case !a.both() && enlarge:
			return c.on.then(&recipe.ResizeOp{Box: a.Box})
		case !a.both():
			return c.on.then(&recipe.FitOp{Box: a.Box})
		}
		p, err := c.placing(a.dpr)
		if err != nil {
			return err
		}
		op := &recipe.FillOp{Box: a.Box, Placement: p.Placement, Focus: p.Focus, Enlarge: &enlarge}
		if op.Zoom, err = c.zoom(); err != nil {
			return err
		}
		if !enlarge {
			return c.on.then(op)
		}
		return c.exactly(a, op)
	}
}

// both tells whether both edges can be had.
func (a asked) both() bool { return a.AspectRatio != nil || a.Width != nil && a.Height != nil }

// zoom is z_ as the recipe has it: it cannot go away from the picture.
func (c *call) zoom() (*float64, error) {
	z, err := c.number("z", 1, 0.01, 100)
	if err != nil || z <= 1 {
		return nil, err
	}
	return &z, nil
}

// pad fits the picture into the box and fills the rest.
func pad(enlarge, shrink bool) func(*call) error {
	return func(c *call) error {
		scaled := enlarge || shrink
		a, err := c.box(true)
		if err != nil {
			return err
		}
		switch {
		case !a.sized:
			return c.enlarged(a.dpr)
		case !a.both() && enlarge:
			return c.on.then(&recipe.ResizeOp{Box: a.Box})
		case !a.both():
			return c.unknown("c_" + c.params.get("c"))
		}
		op, err := c.padding(a)
		if err != nil {
			return err
		}
		op.Enlarge, op.Shrink = &enlarge, &shrink
		if scaled && shrink {
			return c.exactly(a, op)
		}
		// What is not scaled keeps its pixels: the ratio of the screen comes after.
		if op.Box, err = c.plainBox(); err != nil {
			return err
		}
		if err := c.on.then(op); err != nil {
			return err
		}
		return c.enlarged(a.dpr)
	}
}

// plainBox is the box without dpr_.
func (c *call) plainBox() (recipe.Box, error) {
	plain := *c
	plain.params = c.params.without("dpr")
	a, err := plain.box(true)
	return a.Box, err
}

// padding reads what fills the rest and where the picture lies.
func (c *call) padding(a asked) (*recipe.PadOp, error) {
	place, _, err := c.aim()
	if err != nil {
		return nil, err
	}
	x, y, err := c.offsets()
	if err != nil {
		return nil, err
	}
	op := &recipe.PadOp{Box: a.Box}
	op.X, op.Y = x.length(a.dpr), y.length(a.dpr)
	if compass[place.place] {
		op.Gravity = place.place
	}
	var flat bool
	if op.Background, flat, err = c.background(); err != nil {
		return nil, err
	}
	if op.Background == "" || flat && !solid(op.Background) {
		c.on.opaque = false
	}
	return op, nil
}

// compass are the gravities that are places.
var compass = map[recipe.Gravity]bool{
	recipe.Center: true, recipe.North: true, recipe.South: true, recipe.East: true, recipe.West: true,
	recipe.NorthEast: true, recipe.NorthWest: true, recipe.SouthEast: true, recipe.SouthWest: true,
}

// solid tells whether a colour hides what is below it.
func solid(colour string) bool {
	parsed, err := recipe.ParseColour(colour)
	return err == nil && parsed.A == math.MaxUint8
}

// most is how much of a picture fill_pad may cut off before it pads instead.
const most = 0.5

// fillPad cuts as fill does, unless that leaves too little of the picture.
func fillPad(c *call) error {
	a, err := c.box(true)
	if err != nil {
		return err
	}
	if !a.sized || !a.both() {
		return fill(true)(c)
	}
	if c.on.lost != "" {
		return c.unknown("c_" + c.params.get("c"))
	}
	_, box, err := a.resized().Apply(c.on.size)
	if err != nil {
		return asError(err)
	}
	iw, ih := float64(c.on.size.Width), float64(c.on.size.Height)
	across, down := float64(box.Width)/iw, float64(box.Height)/ih
	if kept := min(across, down) / max(across, down); kept < 1-most {
		return pad(true, true)(c)
	}
	return fill(true)(c)
}

// resized is the step that makes just the box.
func (a asked) resized() recipe.Step {
	step, err := recipe.NewStep(&recipe.ResizeOp{Box: a.Box}, nil)
	if err != nil {
		return recipe.Step{}
	}
	return step
}
