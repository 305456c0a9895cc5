package recipe

import "slices"

// Gray drops the colours.
type Gray struct{ pointwise }

// Colours makes a gray picture one of red, green and blue, which looks the same.
type Colours struct{ pointwise }

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

// Tune applies the curve that is found by looking at how often each value occurs, where clear pixels do not count.
type Tune struct {
	local
	By Tuner
	// Lightness looks at and changes the lightness of CIELAB alone, so that hue and chroma stay. Otherwise the curves are
	// those of red, green and blue.
	Lightness bool
}

// Vibrance multiplies the chroma C of CIELCh by 1 + Amount·(1 − C/134): dull colours change more than vivid ones. The
// most vivid colour of sRGB, its blue, has a chroma of 134.
type Vibrance struct {
	pointwise
	Amount float64
}

// Opacity looks every opacity up in a table. It adds an alpha channel where there is none.
type Opacity struct {
	pointwise
	Table [256]uint8
}

// ClearColour clears the pixels whose channels are all within Tolerance, of 255, of a colour: that of the upper left pixel
// where there is none. It adds an alpha channel where there is none.
type ClearColour struct {
	local
	Colour    *Colour
	Tolerance float64
}

// ReplaceColour moves pixels in Oklab by what lies between two colours, as far as their hue and chroma are near the first.
// Tolerance is the distance at which nothing changes any more, as a share of the largest chroma of sRGB.
type ReplaceColour struct {
	pointwise
	From, To  Colour
	Tolerance float64
}

// Fade multiplies opacity with what rises from 0 at the edges to 1 at so many pixels from them.
type Fade struct {
	local
	Top, Right, Bottom, Left, Steepness float64
}

// Flatten puts the picture on a colour and drops the alpha channel.
type Flatten struct {
	pointwise
	Background Colour
}

// Quantize reduces the picture to a palette of its own: see [PaletteOf]. Alpha is left alone.
type Quantize struct {
	local
	Colours int
	// Dither spreads the error of each pixel to its neighbours, with the weights of Floyd and Steinberg.
	Dither bool
}

// Mix is the picture after other actions, laid over the one before them with an opacity from 0 to 1. The picture's own
// alpha is that of before.
type Mix struct {
	Of      []Action
	Opacity float64
}

// Result is the same size: only actions that keep it can be mixed.
func (Mix) Result(in Size) Size { return in }

// Framewise is true when all of the actions are.
func (a Mix) Framewise() bool { return !slices.ContainsFunc(a.Of, not(Action.Framewise)) }

// Pointwise is true when all of the actions are.
func (a Mix) Pointwise() bool { return !slices.ContainsFunc(a.Of, not(Action.Pointwise)) }

// not turns a trait round.
func not(trait func(Action) bool) func(Action) bool {
	return func(a Action) bool { return !trait(a) }
}

// mixed is what several actions are at an opacity: none at 0, just they at 1.
func mixed(opacity float64, actions ...Action) []Action {
	switch opacity {
	case 0:
		return nil
	case 1:
		return actions
	}
	return []Action{Mix{Of: actions, Opacity: opacity}}
}
