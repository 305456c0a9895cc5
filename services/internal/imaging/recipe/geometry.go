package recipe

import "math"

// Size is a picture's extent in pixels.
type Size struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// Pixels is the number of pixels, in 64 bits.
func (s Size) Pixels() int64 { return int64(s.Width) * int64(s.Height) }

// Turned is the size after a quarter turn.
func (s Size) Turned() Size { return Size{Width: s.Height, Height: s.Width} }

// Within is the size cut down to the other's.
func (s Size) Within(other Size) Size {
	return Size{Width: min(s.Width, other.Width), Height: min(s.Height, other.Height)}
}

// times scales both edges and rounds them to whole pixels, at least one.
func (s Size) times(factor float64) Size {
	return Size{Width: edge(float64(s.Width) * factor), Height: edge(float64(s.Height) * factor)}
}

// edge rounds a length to whole pixels between 1 and a bound far above every limit, so that no product overflows.
func edge(length float64) int {
	return int(min(max(math.Round(length), 1), 1<<24))
}

// Gravity says which part of a picture to keep.
type Gravity string

// The gravities. Attention, Entropy and Faces look at the picture's content; the others are fixed places. Faces is for
// clients of services that find faces. There is no detector here: attention is used instead, which goes by edges,
// saturation and the colours of skin, and [Recipe.Notes] says so.
const (
	NorthWest Gravity = "north_west"
	North     Gravity = "north"
	NorthEast Gravity = "north_east"
	West      Gravity = "west"
	Center    Gravity = "center"
	East      Gravity = "east"
	SouthWest Gravity = "south_west"
	South     Gravity = "south"
	SouthEast Gravity = "south_east"
	Attention Gravity = "attention"
	Entropy   Gravity = "entropy"
	Faces     Gravity = "faces"
)

// Gravities lists every gravity.
var Gravities = []Gravity{
	NorthWest, North, NorthEast, West, Center, East, SouthWest, South, SouthEast, Attention, Entropy, Faces,
}

// smart tells whether the gravity needs to see the pixels.
func (g Gravity) smart() bool { return g == Attention || g == Entropy || g == Faces }

// orCenter is the gravity, or center when there is none.
func (g Gravity) orCenter() Gravity {
	if g == "" {
		return Center
	}
	return g
}

// place puts a box of the given size into a picture.
func (g Gravity) place(box, in Size) (x, y int) {
	x, y = (in.Width-box.Width)/2, (in.Height-box.Height)/2
	switch g {
	case NorthWest, West, SouthWest:
		x = 0
	case NorthEast, East, SouthEast:
		x = in.Width - box.Width
	}
	switch g {
	case NorthWest, North, NorthEast:
		y = 0
	case SouthWest, South, SouthEast:
		y = in.Height - box.Height
	}
	return x, y
}
