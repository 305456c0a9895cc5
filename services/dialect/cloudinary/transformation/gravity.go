package transformation

import (
	"math"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// aim is what a gravity looks for.
type aim struct {
	// place is a fixed place, or what the recipe looks for.
	place recipe.Gravity
	// faces and custom tell to go by those coordinates, where there are any, the latter first. one takes the largest.
	faces, custom, one bool
	// point tells that x and y are the centre.
	point bool
}

// gravities are all but those of auto:…, which are alike.
var gravities = map[string]aim{
	"center": {place: recipe.Center}, "north": {place: recipe.North}, "south": {place: recipe.South},
	"east": {place: recipe.East}, "west": {place: recipe.West}, "north_east": {place: recipe.NorthEast},
	"north_west": {place: recipe.NorthWest}, "south_east": {place: recipe.SouthEast}, "south_west": {place: recipe.SouthWest},
	"auto": {place: recipe.Attention},
	"face": {place: recipe.Faces, faces: true, one: true}, "face:center": {place: recipe.Center, faces: true, one: true},
	"face:auto": {place: recipe.Attention, faces: true, one: true},
	"faces":     {place: recipe.Faces, faces: true}, "faces:center": {place: recipe.Center, faces: true},
	"faces:auto": {place: recipe.Attention, faces: true},
	"adv_face":   {place: recipe.Faces, faces: true, one: true}, "adv_faces": {place: recipe.Faces, faces: true},
	"custom": {place: recipe.Center, custom: true}, "custom:face": {place: recipe.Faces, custom: true, faces: true, one: true},
	"custom:faces":     {place: recipe.Faces, custom: true, faces: true},
	"custom:adv_face":  {place: recipe.Faces, custom: true, faces: true, one: true},
	"custom:adv_faces": {place: recipe.Faces, custom: true, faces: true},
	"xy_center":        {place: recipe.Center, point: true},
}

// refusedGravities are those that need to know what is seen, and why they are refused. Names of objects are an open list:
// they are refused as object is.
var refusedGravities = map[string]string{
	"adv_eyes": noModel, "body": noModel, "ocr_text": noModel, "object": noModel,
	"liquid": "the engine cannot carve seams out of a picture",
}

// parseGravity reads a gravity. It returns false for one that is not translated.
func parseGravity(text string) (aim, bool) {
	if strings.HasPrefix(text, "auto:") {
		return gravities["auto"], true
	}
	found, known := gravities[text]
	return found, known
}

func checkGravity(text string) error {
	if strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789_:") != "" || text[0] < 'a' {
		return invalid("gravity", text)
	}
	return nil
}

// aim is the component's g_. It fails with an [Error] for one that cannot be followed.
func (c *call) aim() (found aim, given bool, err error) {
	text := c.params.get("g")
	if text == "" {
		return aim{place: recipe.Center}, false, nil
	}
	found, known := parseGravity(text)
	if !known {
		why, listed := refusedGravities[text]
		if !listed {
			why = refusedGravities["object"]
		}
		return aim{}, false, unsupported("gravity", text, why)
	}
	return found, true, nil
}

// region is the part of the picture that the gravity names by coordinates; false when there is none.
func (c *call) region(a aim) (Box, bool) {
	boxes := c.on.custom
	if !a.custom || len(boxes) == 0 {
		boxes = c.on.faces
		if !a.faces || len(boxes) == 0 {
			return Box{}, false
		}
	}
	around := boxes[0]
	for _, box := range boxes[1:] {
		switch {
		case !a.one:
			around = around.union(box)
		case box.Width*box.Height > around.Width*around.Height:
			around = box
		}
	}
	return around, true
}

// union is the box around both.
func (b Box) union(o Box) Box {
	x, y := min(b.X, o.X), min(b.Y, o.Y)
	return Box{X: x, Y: y, Width: max(b.X+b.Width, o.X+o.Width) - x, Height: max(b.Y+b.Height, o.Y+o.Height) - y}
}

// focus puts the middle of the box into sight.
func (b Box) focus(in recipe.Size) recipe.Focus {
	return recipe.Focus{
		FocusX: share(float64(b.X)+float64(b.Width)/2, in.Width),
		FocusY: share(float64(b.Y)+float64(b.Height)/2, in.Height),
	}
}

// share is where on an edge a point lies, 0 to 1.
func share(at float64, edge int) *float64 {
	return new(min(max(at/float64(edge), 0), 1))
}

// placing is where a box is cut out, as the recipe says it.
type placing struct {
	recipe.Placement
	recipe.Focus
}

// placing reads g_, x_ and y_ for a cut. Offsets in pixels are multiplied by the unit.
func (c *call) placing(unit float64) (placing, error) {
	a, given, err := c.aim()
	if err != nil {
		return placing{}, err
	}
	x, y, err := c.offsets()
	if err != nil {
		return placing{}, err
	}
	if a.point {
		return c.around(x, y)
	}
	if region, ok := c.region(a); ok {
		return placing{Focus: region.focus(c.on.size)}, nil
	}
	p := placing{Placement: recipe.Placement{Gravity: a.place}}
	if !given {
		p.Gravity = ""
	}
	if a.place == recipe.Attention || a.place == recipe.Faces {
		return p, nil // they find their own place
	}
	p.X, p.Y = x.length(unit), y.length(unit)
	return p, nil
}

// around is the cut whose middle is at x, y.
func (c *call) around(x, y extent) (placing, error) {
	if c.on.lost != "" && (!x.share || !y.share) {
		return placing{}, c.unknown("g_xy_center")
	}
	at := func(e extent, edge int) *float64 {
		if e.share {
			return new(min(max(e.amount, 0), 1))
		}
		return share(e.amount, edge)
	}
	return placing{Focus: recipe.Focus{FocusX: at(x, c.on.size.Width), FocusY: at(y, c.on.size.Height)}}, nil
}

// length is the extent as the recipe has it, nil when there is none.
func (e extent) length(unit float64) *recipe.Length {
	switch {
	case !e.set:
		return nil
	case e.share:
		return recipe.Share(e.amount)
	default:
		return recipe.Pixels(int(math.Round(min(max(e.amount*unit, -farthest), farthest))))
	}
}

// farthest is as far as the recipe's offsets go, in pixels.
const farthest = 1_000_000
