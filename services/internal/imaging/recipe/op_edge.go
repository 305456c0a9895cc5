package recipe

// Detector is a way to find edges.
type Detector string

// The detectors.
const (
	// Sobel is the steepness of gray, across and down added up, by the 3 × 3 masks of Sobel.
	Sobel Detector = "sobel"
	// Canny is the steepness after a blur, with only its ridges kept: lines are one pixel wide.
	Canny Detector = "canny"
)

// detectors lists every detector.
var detectors = []Detector{Sobel, Canny}

// EdgeOp draws the edges of the picture, white on black: a step of a quarter of the range or more is white, a smaller one
// gray in proportion. Opacity stays.
type EdgeOp struct {
	// Detector is sobel, the default, or canny.
	Detector Detector `json:"detector,omitempty"`
	// Sigma is the standard deviation in pixels of a blur before, 0.3 to 10. By default sobel has none, and canny has 1.4.
	Sigma *float64 `json:"sigma,omitempty"`
}

// Name is edge.
func (*EdgeOp) Name() string { return "edge" }

// Actions finds the edges.
func (o *EdgeOp) Actions(Size) ([]Action, error) {
	if o.Detector == Canny {
		return []Action{Gray{}, Edges{Sigma: orElse(o.Sigma, 1.4), Thin: true}}, nil
	}
	return []Action{Gray{}, Edges{Sigma: orElse(o.Sigma, 0)}}, nil
}

func (o *EdgeOp) check(c *checker) {
	checkWord(c, "detector", o.Detector, detectors)
	c.within("sigma", o.Sigma, 0.3, 10)
}
