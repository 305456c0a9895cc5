package recipe

import (
	"encoding/json"
	"errors"
)

// Radii are the radii of a picture's corners: upper left, upper right, lower right, lower left. In JSON they are one
// number, four in a list, or "max": as round as the picture can be.
type Radii struct {
	// Corners are in pixels.
	Corners [4]int
	// Max makes an ellipse of the picture, whatever Corners say.
	Max bool
}

// MarshalJSON writes one number where all are equal.
func (r Radii) MarshalJSON() ([]byte, error) {
	c := r.Corners
	switch {
	case r.Max:
		return json.Marshal("max")
	case c[0] == c[1] && c[1] == c[2] && c[2] == c[3]:
		return json.Marshal(c[0])
	default:
		return json.Marshal(c)
	}
}

// UnmarshalJSON reads a whole number, a list of four, or "max". It fails for anything else.
func (r *Radii) UnmarshalJSON(raw []byte) error {
	var all int
	var each []int
	var text string
	switch {
	case json.Unmarshal(raw, &all) == nil:
		*r = Radii{Corners: [4]int{all, all, all, all}}
	case json.Unmarshal(raw, &each) == nil && len(each) == 4:
		*r = Radii{Corners: [4]int(each)}
	case json.Unmarshal(raw, &text) == nil && text == "max":
		*r = Radii{Max: true}
	default:
		return errors.New("no radii")
	}
	return nil
}

func (Radii) kind() string {
	return `a whole number of pixels, a list of four (upper left, upper right, lower right, lower left), or "max"`
}

// radii checks optional radii.
func (c *checker) radii(param string, r *Radii) {
	if r == nil {
		return
	}
	for _, radius := range r.Corners {
		if radius < 0 || radius > MaxEdge {
			c.wrong(param, *r, "whole numbers of pixels, 0 to %d", MaxEdge)
			return
		}
	}
}
