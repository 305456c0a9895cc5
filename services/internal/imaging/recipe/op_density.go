package recipe

// DensityOp says how large the picture is on paper, which JPEG (in EXIF), PNG and TIFF files carry: how many of its pixels make an
// inch. Pixels stay as they are, unless they are resampled.
type DensityOp struct {
	// DPI is how many dots make an inch, 1 to 1200.
	DPI *float64 `json:"dpi,omitempty"`
	// Resample keeps the size on paper instead, and scales the picture by the ratio of the new density to the one that its
	// file says; 72 where it says none.
	Resample bool `json:"resample,omitempty"`
}

// Name is density.
func (*DensityOp) Name() string { return "density" }

// Actions sets the density, and before that scales if it is asked to.
func (o *DensityOp) Actions(Size) ([]Action, error) {
	actions := []Action{Density{DPI: *o.DPI}}
	if o.Resample {
		actions = append([]Action{Resample{DPI: *o.DPI}}, actions...)
	}
	return actions, nil
}

func (o *DensityOp) check(c *checker) {
	if o.DPI == nil {
		c.wrong("dpi", nil, "a number from 1 to %d", maxDensity)
	}
	c.within("dpi", o.DPI, 1, maxDensity)
}
