package recipe

import "math"

// DistortOp moves the picture's corners, and all between them in perspective, as if it were a print that is looked at from
// aside. It is interpolated; its new size is that of the box around the corners.
type DistortOp struct {
	// TopLeftX is where the upper left corner goes, from the left, in pixels, -16383 to 16383, or a share of the picture's width;
	// 0 by default.
	TopLeftX *Length `json:"top_left_x,omitempty"`
	// TopLeftY is where it goes from the top, likewise of the height; 0 by default.
	TopLeftY *Length `json:"top_left_y,omitempty"`
	// TopRightX is where the upper right corner goes, from the left; where it is by default.
	TopRightX *Length `json:"top_right_x,omitempty"`
	// TopRightY is where it goes from the top; 0 by default.
	TopRightY *Length `json:"top_right_y,omitempty"`
	// BottomRightX is where the lower right corner goes, from the left; where it is by default.
	BottomRightX *Length `json:"bottom_right_x,omitempty"`
	// BottomRightY is where it goes from the top; where it is by default.
	BottomRightY *Length `json:"bottom_right_y,omitempty"`
	// BottomLeftX is where the lower left corner goes, from the left; 0 by default.
	BottomLeftX *Length `json:"bottom_left_x,omitempty"`
	// BottomLeftY is where it goes from the top; where it is by default.
	BottomLeftY *Length `json:"bottom_left_y,omitempty"`
	// Background is the colour around: a CSS name, #rgb, #rgba, #rrggbb or #rrggbbaa; transparent by default, which a format
	// without transparency shows as white.
	Background string `json:"background,omitempty"`
}

// Name is distort.
func (*DistortOp) Name() string { return "distort" }

// Actions moves the corners. It fails for four that no print could have: where one lies within the triangle of the others,
// or edges cross.
func (o *DistortOp) Actions(in Size) ([]Action, error) {
	background, err := colourOr(o.Background, Colour{})
	if err != nil {
		return nil, err
	}
	place := func(x, y *Length, otherX, otherY int) Point {
		at := Point{X: float64(otherX), Y: float64(otherY)}
		if x != nil {
			at.X = x.of(in.Width)
		}
		if y != nil {
			at.Y = y.of(in.Height)
		}
		return at
	}
	corners := [4]Point{
		place(o.TopLeftX, o.TopLeftY, 0, 0), place(o.TopRightX, o.TopRightY, in.Width, 0),
		place(o.BottomRightX, o.BottomRightY, in.Width, in.Height), place(o.BottomLeftX, o.BottomLeftY, 0, in.Height),
	}
	if corners == [4]Point{{}, {X: float64(in.Width)}, {X: float64(in.Width), Y: float64(in.Height)}, {Y: float64(in.Height)}} {
		return nil, nil
	}
	return warped(corners, background)
}

func (o *DistortOp) check(c *checker) {
	for _, corner := range []struct {
		name string
		at   *Length
	}{
		{"top_left_x", o.TopLeftX},
		{"top_left_y", o.TopLeftY},
		{"top_right_x", o.TopRightX},
		{"top_right_y", o.TopRightY},
		{"bottom_right_x", o.BottomRightX},
		{"bottom_right_y", o.BottomRightY},
		{"bottom_left_x", o.BottomLeftX},
		{"bottom_left_y", o.BottomLeftY},
	} {
		c.length(corner.name, corner.at, -MaxEdge, MaxEdge)
	}
	c.colour("background", o.Background)
}

// warped moves the corners of a picture to these, in the order upper left, upper right, lower right, lower left, and cuts
// the result to the box around them. It fails with an [Error] unless they are those of a convex shape that goes round as the
// picture does, or as its mirror image.
func warped(corners [4]Point, background Colour) ([]Action, error) {
	low, high := corners[0], corners[0]
	turn := 0.0
	for i, at := range corners {
		next, last := corners[(i+1)%4], corners[(i+3)%4]
		area := (next.X-at.X)*(last.Y-at.Y) - (next.Y-at.Y)*(last.X-at.X)
		if math.Abs(area) < 1 || area*turn < 0 {
			return nil, Errorf(InvalidParams, "the corners are not those of a convex shape with four sides")
		}
		turn = area
		low, high = Point{min(low.X, at.X), min(low.Y, at.Y)}, Point{max(high.X, at.X), max(high.Y, at.Y)}
	}
	for i := range corners {
		corners[i].X -= low.X
		corners[i].Y -= low.Y
	}
	return []Action{Warp{
		Corners: corners, Size: Size{Width: edge(high.X - low.X), Height: edge(high.Y - low.Y)}, Background: background,
	}}, nil
}
