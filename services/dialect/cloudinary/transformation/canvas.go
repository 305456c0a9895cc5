package transformation

import (
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// canvas is a picture on its way through the components: the base, or that of a layer.
type canvas struct {
	original Asset
	steps    []recipe.Step
	// size is that after the steps so far; it is meaningless once lost says after what it can no longer be told.
	size recipe.Size
	lost string
	// faces and custom are the asset's coordinates, moved along with the picture.
	faces, custom []Box
	// opaque tells that no pixel is transparent.
	opaque bool
}

func newCanvas(a Asset) *canvas {
	c := &canvas{
		original: a, size: recipe.Size{Width: a.Width, Height: a.Height}, opaque: a.Opaque || isJPEG(a.Format),
		faces: slices.Clone(a.Faces), custom: slices.Clone(a.Custom),
	}
	if a.Width < 1 || a.Height < 1 {
		c.lost = "taking a layer whose size is not known"
	}
	c.inside()
	return c
}

func isJPEG(format string) bool { return extensions[strings.ToLower(format)] == "jpg" }

// maxSteps bounds the steps of a picture: the recipe cannot nest them deeper.
const maxSteps = recipe.MaxDepth

// then applies an operation, unless it would change nothing. It fails with an [Error] when it cannot be applied.
func (c *canvas) then(op recipe.Operation) error {
	step, err := recipe.NewStep(op, nil)
	if err != nil {
		return asError(err)
	}
	if _, err := step.Operation(); err != nil {
		return asError(err)
	}
	if c.lost == "" {
		actions, after, err := step.Apply(c.size)
		if err != nil {
			return asError(err)
		}
		if len(actions) == 0 {
			return nil
		}
		for _, action := range actions {
			c.follow(action)
		}
		c.size = after
	}
	if c.steps = append(c.steps, step); len(c.steps) > maxSteps {
		return errorf("Invalid transformation: it takes more than %d steps", maxSteps)
	}
	return nil
}

// lose says that from here on only the pixels know the size.
func (c *canvas) lose(after string) {
	c.lost, c.faces, c.custom = after, nil, nil
}

// follow moves the coordinates as an action moves the picture. The size is that before the action.
func (c *canvas) follow(action recipe.Action) {
	in := c.size
	move := func(to func(Box) Box) {
		for _, boxes := range [][]Box{c.faces, c.custom} {
			for i := range boxes {
				boxes[i] = to(boxes[i])
			}
		}
	}
	switch a := action.(type) {
	case recipe.Scale:
		move(func(b Box) Box {
			return Box{
				X: b.X * a.Width / in.Width, Y: b.Y * a.Height / in.Height,
				Width: max(1, b.Width*a.Width/in.Width), Height: max(1, b.Height*a.Height/in.Height),
			}
		})
	case recipe.Crop:
		move(func(b Box) Box { return Box{b.X - a.X, b.Y - a.Y, b.Width, b.Height} })
	case recipe.Extend:
		move(func(b Box) Box { return Box{b.X + a.X, b.Y + a.Y, b.Width, b.Height} })
	case recipe.Shadow:
		left, top, _ := a.Room(in)
		move(func(b Box) Box { return Box{b.X + left, b.Y + top, b.Width, b.Height} })
	case recipe.Flip:
		move(func(b Box) Box {
			if a.Vertical {
				return Box{b.X, in.Height - b.Y - b.Height, b.Width, b.Height}
			}
			return Box{in.Width - b.X - b.Width, b.Y, b.Width, b.Height}
		})
	case recipe.Turn:
		size := in
		for range a.Quarters {
			move(func(b Box) Box { return Box{size.Height - b.Y - b.Height, b.X, b.Height, b.Width} })
			size = size.Turned()
		}
	case recipe.Outline:
		move(func(b Box) Box { return Box{b.X + a.Reach(), b.Y + a.Reach(), b.Width, b.Height} })
	case recipe.SmartCrop, recipe.Rotate, recipe.Warp:
		c.faces, c.custom = nil, nil
	}
	c.size = action.Result(in)
	c.inside()
}

// inside drops the coordinates that no longer lie within the picture, and cuts the others down to it.
func (c *canvas) inside() {
	cut := func(boxes []Box) []Box {
		var kept []Box
		for _, b := range boxes {
			x, y := max(b.X, 0), max(b.Y, 0)
			b = Box{X: x, Y: y, Width: min(b.X+b.Width, c.size.Width) - x, Height: min(b.Y+b.Height, c.size.Height) - y}
			if b.Width > 0 && b.Height > 0 {
				kept = append(kept, b)
			}
		}
		return kept
	}
	c.faces, c.custom = cut(c.faces), cut(c.custom)
}

// chain nests the steps, with the save at the last.
func (c *canvas) chain(save recipe.Save) []recipe.Step {
	if len(c.steps) == 0 {
		return []recipe.Step{{Save: &save}}
	}
	last := c.steps[len(c.steps)-1]
	last.Save = &save
	for _, step := range slices.Backward(c.steps[:len(c.steps)-1]) {
		step.Steps = []recipe.Step{last}
		last = step
	}
	return []recipe.Step{last}
}
