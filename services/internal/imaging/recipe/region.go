package recipe

// Region is a part of a picture. What lies outside the picture is left out.
type Region struct {
	// X and Y are the upper left corner in pixels from the picture's own, -1000000 to 1000000; absent is 0.
	X int `json:"x,omitempty"`
	Y int `json:"y,omitempty"`
	// Width and Height are in pixels, 1 to 16383.
	Width  int `json:"width"`
	Height int `json:"height"`
}

// kind says what a region is, for whoever wrote something else.
func (Region) kind() string { return "an object with x, y, width, height" }

// only confines an action to the region; nil is the whole picture. It fails with [CropOutside] when nothing of the
// picture lies within: whoever hides a part shall not learn from the output that nothing was hidden.
func (r *Region) only(in Size, action Action) ([]Action, error) {
	if r == nil {
		return []Action{action}, nil
	}
	left, top := max(r.X, 0), max(r.Y, 0)
	box := Size{Width: min(r.X+r.Width, in.Width) - left, Height: min(r.Y+r.Height, in.Height) - top}
	if box.Width <= 0 || box.Height <= 0 {
		return nil, Errorf(CropOutside, "the region of %d × %d pixels at %d, %d lies outside the picture of %d × %d pixels",
			r.Width, r.Height, r.X, r.Y, in.Width, in.Height)
	}
	if box == in {
		return []Action{action}, nil
	}
	return []Action{Within{X: left, Y: top, Box: box, Of: []Action{action}}}, nil
}

// region checks an optional region.
func (c *checker) region(r *Region) {
	if r == nil {
		return
	}
	c.count("region.x", &r.X, -1_000_000, 1_000_000)
	c.count("region.y", &r.Y, -1_000_000, 1_000_000)
	c.count("region.width", &r.Width, 1, MaxEdge)
	c.count("region.height", &r.Height, 1, MaxEdge)
}
