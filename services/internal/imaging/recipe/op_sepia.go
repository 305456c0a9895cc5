package recipe

// SepiaOp gives brown tones, with the matrix of the CSS filter sepia() (W3C Filter Effects Module Level 1, 8.9): its
// strength is the filter's amount.
type SepiaOp struct {
	// Strength is 0 (unchanged) to 1 (only brown), the default.
	Strength *float64 `json:"strength,omitempty"`
}

// Name is sepia.
func (*SepiaOp) Name() string { return "sepia" }

// Actions mixes in the brown tones.
func (o *SepiaOp) Actions(Size) ([]Action, error) {
	strength := orElse(o.Strength, 1)
	if strength == 0 {
		return nil, nil
	}
	return []Action{Recombine{Matrix: sepia(strength)}}, nil
}

func (o *SepiaOp) check(c *checker) { c.within("strength", o.Strength, 0, 1) }

// sepia is the recombination of red, green and blue: the identity at strength 0, only brown at 1.
func sepia(strength float64) [3][3]float64 {
	matrix := [3][3]float64{{0.393, 0.769, 0.189}, {0.349, 0.686, 0.168}, {0.272, 0.534, 0.131}}
	for y := range matrix {
		for x := range matrix[y] {
			matrix[y][x] *= strength
			if x == y {
				matrix[y][x] += 1 - strength
			}
		}
	}
	return matrix
}
