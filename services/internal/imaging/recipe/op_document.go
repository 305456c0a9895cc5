package recipe

// DocumentOp makes a document of this picture and further ones of the job, each on a page of its own size, for an output
// in pdf. In a tiff all pages have the size of the largest.
type DocumentOp struct {
	// Pictures are the names of the pictures, in their order; none takes this one alone.
	Pictures []string `json:"pictures,omitempty"`
	// Steps are applied to each of the further pictures first, one after the other.
	Steps []Step `json:"steps,omitempty"`
}

// Name is document.
func (*DocumentOp) Name() string { return "document" }

// Actions assembles the pages.
func (o *DocumentOp) Actions(Size) ([]Action, error) {
	white := Colour{255, 255, 255, 255}
	return []Action{Assembly{Pictures: o.Pictures, Steps: o.Steps, Background: white, Arrange: stacked, Frames: true}}, nil
}

func (o *DocumentOp) check(c *checker) { c.others(o.Pictures, o.Steps) }

func (o *DocumentOp) pictures() []string { return further(o.Pictures, o.Steps) }
