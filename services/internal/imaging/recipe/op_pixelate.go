package recipe

// PixelateOp replaces squares by their average colour.
type PixelateOp struct {
	// Size is the length of a square's edge in pixels, 1 to 1000; 10 by default, and 1 changes nothing. Squares are cut off
	// at the right and the lower edge.
	Size *int `json:"size,omitempty"`
	// Region is the part to pixelate; by default the whole picture.
	Region *Region `json:"region,omitempty"`
}

// Name is pixelate.
func (*PixelateOp) Name() string { return "pixelate" }

// Actions takes averages. It fails with [CropOutside] when the region lies outside the picture.
func (o *PixelateOp) Actions(in Size) ([]Action, error) {
	edge := count(o.Size, 10)
	if edge == 1 {
		return nil, nil
	}
	return o.Region.only(in, Pixelate{Edge: edge})
}

func (o *PixelateOp) check(c *checker) {
	c.count("size", o.Size, 1, 1000)
	c.region(o.Region)
}
