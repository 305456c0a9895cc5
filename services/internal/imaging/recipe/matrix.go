package recipe

import "math"

// matrix makes new red, green and blue as weighted sums of the old; rows are the new colours.
type matrix [3][3]float64

// after is the matrix that does the other one first and then m.
func (m matrix) after(other matrix) (product matrix) {
	for y := range product {
		for x := range product[y] {
			for k := range other {
				product[y][x] += m[y][k] * other[k][x]
			}
		}
	}
	return product
}

// brightened multiplies everything.
func brightened(factor float64) matrix {
	return matrix{{factor, 0, 0}, {0, factor, 0}, {0, 0, factor}}
}

// saturated is the matrix of CSS' saturate() (W3C Filter Effects Module Level 1, feColorMatrix): 0 is gray, 1 the
// identity, and more is more colourful. Gray stays gray.
func saturated(s float64) matrix {
	return matrix{
		{0.213 + 0.787*s, 0.715 - 0.715*s, 0.072 - 0.072*s},
		{0.213 - 0.213*s, 0.715 + 0.285*s, 0.072 - 0.072*s},
		{0.213 - 0.213*s, 0.715 - 0.715*s, 0.072 + 0.928*s},
	}
}

// hueTurned is the matrix of CSS' hue-rotate() (W3C Filter Effects Module Level 1, feColorMatrix): a turn about the axis
// of grays that keeps luma.
func hueTurned(degrees float64) matrix {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return matrix{
		{0.213 + 0.787*cos - 0.213*sin, 0.715 - 0.715*cos - 0.715*sin, 0.072 - 0.072*cos + 0.928*sin},
		{0.213 - 0.213*cos + 0.143*sin, 0.715 + 0.285*cos + 0.140*sin, 0.072 - 0.072*cos - 0.283*sin},
		{0.213 - 0.213*cos - 0.787*sin, 0.715 - 0.715*cos + 0.715*sin, 0.072 + 0.928*cos + 0.072*sin},
	}
}
