package recipe

import "math"

// farthest bounds offsets, so that no sum of them overflows anywhere.
const farthest = 1_000_000

// Placement says which part of a picture stays, or where in a larger one it comes to lie.
type Placement struct {
	// Gravity is the place: a corner, an edge or center, the default. Where something is cut it can be attention or
	// entropy, too, which look at the picture, or faces, which stands for attention as long as there is no detector of faces.
	Gravity Gravity `json:"gravity,omitempty"`
	// X and Y are the way from that place, inwards from a corner or an edge, and else to the right and down. They are in
	// pixels, -1000000 to 1000000, or shares of the picture's own width and height, "-1000%" to "1000%".
	X *Length `json:"x,omitempty"`
	Y *Length `json:"y,omitempty"`
}

// Focus is the point of a picture that must stay in sight.
type Focus struct {
	// FocusX and FocusY are the point that comes to lie as near to the centre as the picture allows: 0, 0 is the upper left
	// corner and 1, 1 the lower right one. With one of them the other is 0.5. They take the place of gravity, x and y.
	FocusX *float64 `json:"focus_x,omitempty"`
	FocusY *float64 `json:"focus_y,omitempty"`
}

// offset is the way from the gravity in pixels to the right and down, where unit pixels make one of X and Y.
func (p Placement) offset(in Size, unit float64) (x, y int) {
	across, down := p.X.of(in.Width), p.Y.of(in.Height)
	if p.X != nil && !p.X.share {
		across *= unit
	}
	if p.Y != nil && !p.Y.share {
		down *= unit
	}
	x, y = int(math.Round(across)), int(math.Round(down))
	switch p.Gravity {
	case NorthEast, East, SouthEast:
		x = -x
	}
	switch p.Gravity {
	case SouthWest, South, SouthEast:
		y = -y
	}
	return x, y
}

// cut is the action that keeps a box that lies within the picture, or nil when it is the whole picture. An offset moves
// it as far as the picture reaches.
func (p Placement) cut(f Focus, box, in Size, unit float64) Action {
	if box == in {
		return nil
	}
	x, y := p.Gravity.place(box, in)
	switch {
	case f.given():
		x, y = f.corner(box, in)
	case p.Gravity == Faces:
		return SmartCrop{Size: box, By: Attention}
	case p.Gravity.smart():
		return SmartCrop{Size: box, By: p.Gravity}
	default:
		dx, dy := p.offset(in, unit)
		x, y = x+dx, y+dy
	}
	x, y = min(max(x, 0), in.Width-box.Width), min(max(y, 0), in.Height-box.Height)
	return Crop{X: x, Y: y, Size: box}
}

// given tells whether there is a point of focus.
func (f Focus) given() bool { return f.FocusX != nil || f.FocusY != nil }

// corner is the upper left corner of a box around the point.
func (f Focus) corner(box, in Size) (x, y int) {
	x = int(math.Round(orElse(f.FocusX, 0.5)*float64(in.Width) - float64(box.Width)/2))
	y = int(math.Round(orElse(f.FocusY, 0.5)*float64(in.Height) - float64(box.Height)/2))
	return x, y
}

// placement checks a placement and a focus, which exclude each other.
func (c *checker) placement(p Placement, f Focus) {
	c.gravity(p.Gravity)
	c.offsets(p)
	c.within("focus_x", f.FocusX, 0, 1)
	c.within("focus_y", f.FocusY, 0, 1)
	if !f.given() {
		return
	}
	if p.Gravity != "" {
		c.wrong("gravity", p.Gravity, "either a gravity, or focus_x and focus_y")
	}
	if p.X != nil {
		c.wrong("x", *p.X, "either x and y, or focus_x and focus_y")
	}
	if p.Y != nil {
		c.wrong("y", *p.Y, "either x and y, or focus_x and focus_y")
	}
}

// offsets checks the offsets of a placement.
func (c *checker) offsets(p Placement) {
	c.length("x", p.X, -farthest, farthest)
	c.length("y", p.Y, -farthest, farthest)
	if !p.Gravity.smart() {
		return
	}
	if p.X != nil {
		c.wrong("x", *p.X, "no offset from gravity %s, which finds its own place", p.Gravity)
	}
	if p.Y != nil {
		c.wrong("y", *p.Y, "no offset from gravity %s, which finds its own place", p.Gravity)
	}
}

// fixed checks a placement that has nothing to look for.
func (c *checker) fixed(p Placement) {
	c.offsets(Placement{X: p.X, Y: p.Y})
	c.place(p.Gravity)
}
