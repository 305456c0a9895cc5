package recipe

// Blur is a Gaussian blur.
type Blur struct {
	local
	Sigma float64
}

// Sharpen is an unsharp mask on lightness.
type Sharpen struct {
	local
	Sigma float64
}
