package recipe

// Gray drops the colours.
type Gray struct{ pointwise }

// Recombine makes each of red, green and blue anew as a weighted sum of all three; rows are the new colours.
type Recombine struct {
	pointwise
	Matrix [3][3]float64
}

// Curve looks every value of a channel up in a table. Opacity is left alone. On a gray picture the three tables must be
// equal, or it becomes a coloured one.
type Curve struct {
	pointwise
	Red, Green, Blue [256]uint8
}
