package transformation

import (
	"fmt"
	"math"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// filterEffects look at a pixel's neighbours. The provider does not publish what its strengths mean; see README.md.
var filterEffects = map[string]effect{
	"blur": {low: 1, high: 2000, normal: 100, simple: func(n float64) recipe.Operation {
		return &recipe.BlurOp{Sigma: new(sigma(n))}
	}},
	"pixelate": {low: 1, high: 200, normal: 5, simple: func(n float64) recipe.Operation {
		return &recipe.PixelateOp{Size: new(int(math.Round(n)))}
	}},
	"sharpen": {low: 1, high: 2000, normal: 100, simple: func(n float64) recipe.Operation {
		return &recipe.SharpenOp{Amount: new(min(n/100*3, 10))}
	}},
	"unsharp_mask": {low: 1, high: 2000, normal: 100, simple: func(n float64) recipe.Operation {
		return &recipe.UnsharpOp{Amount: new(min(n/100, 10)), Threshold: new(0.0)}
	}},
	"oil_paint": {low: 0, high: 100, normal: 30, simple: func(n float64) recipe.Operation {
		return &recipe.OilPaintOp{Radius: new(int(math.Round(n / 10)))}
	}},
	"vignette": {low: 0, high: 100, normal: 20, simple: func(n float64) recipe.Operation {
		return &recipe.VignetteOp{Strength: new(n / 100)}
	}},
	"blur_region": {full: func(c *call, args []string) error {
		strength, err := c.arg(args, 0, 1, 2000, 100)
		if err != nil {
			return err
		}
		region, err := c.marked()
		if err != nil {
			return err
		}
		return c.on.then(&recipe.BlurOp{Sigma: new(sigma(strength)), Region: region})
	}},
	"pixelate_region": {full: func(c *call, args []string) error {
		size, err := c.arg(args, 0, 1, 200, 5)
		if err != nil {
			return err
		}
		region, err := c.marked()
		if err != nil {
			return err
		}
		return c.on.then(&recipe.PixelateOp{Size: new(int(math.Round(size))), Region: region})
	}},
	"blur_faces": {full: func(c *call, args []string) error {
		strength, err := c.arg(args, 0, 1, 2000, 500)
		if err != nil {
			return err
		}
		return c.eachFace("blur_faces", func(r *recipe.Region) recipe.Operation {
			return &recipe.BlurOp{Sigma: new(sigma(strength)), Region: r}
		})
	}},
	"pixelate_faces": {full: func(c *call, args []string) error {
		size, err := c.arg(args, 0, 1, 200, 5)
		if err != nil {
			return err
		}
		return c.eachFace("pixelate_faces", func(r *recipe.Region) recipe.Operation {
			return &recipe.PixelateOp{Size: new(int(math.Round(size))), Region: r}
		})
	}},
}

// otherEffects change what belongs to the picture.
var otherEffects = map[string]effect{
	"trim":   {full: trim},
	"shadow": {full: shadow},
	"loop": {full: func(c *call, args []string) error {
		times, err := c.arg(args, 0, 0, math.MaxUint16-1, -1)
		if err != nil {
			return err
		}
		c.result.Loop, c.plays = nil, new(0)
		if times >= 0 {
			c.result.Loop, c.plays = new(int(times)), new(int(times)+1)
		}
		return nil
	}},
}

// shadow lies 10 pixels to the right and down unless x and y say otherwise, and is as opaque as it is strong.
func shadow(c *call, args []string) error {
	strength, err := c.arg(args, 0, 0, 100, 40)
	if err != nil {
		return err
	}
	x, y, err := c.offsets()
	if err != nil {
		return err
	}
	if c.on.lost != "" && (x.share || y.share) {
		return c.unknown("x_ or y_ as a share")
	}
	op := &recipe.ShadowOp{X: 10, Y: 10}
	if x.set || y.set {
		op.X, op.Y = int(math.Round(x.of(c.on.size.Width))), int(math.Round(y.of(c.on.size.Height)))
	}
	colour, err := recipe.ParseColour(c.colour("gray"))
	if err != nil {
		return asError(err)
	}
	op.Colour = fmt.Sprintf("#%02x%02x%02x%02x", colour.R, colour.G, colour.B, int(math.Round(float64(colour.A)*strength/100)))
	c.on.opaque = false
	return c.on.then(op)
}

// sigma is the standard deviation in pixels of a blur's strength.
func sigma(strength float64) float64 { return min(max(strength/50, 0.3), 250) }

// regional tells whether x, y, w and h are a region of an effect.
func (c *call) regional() bool {
	for _, text := range c.params.all("e") {
		if name := effectName(text); name == "blur_region" || name == "pixelate_region" {
			return true
		}
	}
	return false
}

// marked is the region that x, y, w and h name; absent ones reach over the whole picture.
func (c *call) marked() (*recipe.Region, error) {
	if c.params.has("c") {
		return nil, unsupported("crop mode", c.params.get("c"), "width and height are those of the effect's region here; crop in a component of its own")
	}
	if c.on.lost != "" {
		return nil, c.unknown("w_")
	}
	x, width, err := c.span("x", "w", c.on.size.Width)
	if err != nil {
		return nil, err
	}
	y, height, err := c.span("y", "h", c.on.size.Height)
	return &recipe.Region{X: x, Y: y, Width: width, Height: height}, err
}

// span is where a region begins on an edge, and how long it is: to the end of the edge where nothing says so.
func (c *call) span(from, length string, edge int) (start, long int, err error) {
	at, err := c.extent(from)
	if err != nil {
		return 0, 0, err
	}
	size, err := c.extent(length)
	start, long = int(math.Round(at.of(edge))), int(math.Round(size.of(edge)))
	if !size.set {
		long = max(1, edge-start)
	}
	return start, long, err
}

// eachFace does something to every face whose place is known.
func (c *call) eachFace(name string, do func(*recipe.Region) recipe.Operation) error {
	if len(c.on.faces) == 0 {
		return unsupported("effect", name, "no coordinates of faces were given with the picture, and there is no detector")
	}
	for _, face := range c.on.faces {
		region := &recipe.Region{X: face.X, Y: face.Y, Width: face.Width, Height: face.Height}
		if err := c.on.then(do(region)); err != nil {
			return err
		}
	}
	return nil
}

// trim takes [tolerance[:colour]].
func trim(c *call, args []string) error {
	tolerance, err := c.arg(args, 0, 0, 100, 10)
	if err != nil {
		return err
	}
	op := &recipe.TrimOp{Tolerance: &tolerance}
	if len(args) > 1 {
		colour, ok := parseColour(strings.Join(args[1:], ":"))
		if !ok {
			return invalid("effect", "trim:"+strings.Join(args, ":"))
		}
		op.Color = colour
	}
	if err := c.on.then(op); err != nil {
		return err
	}
	c.on.lose("e_trim")
	return nil
}
