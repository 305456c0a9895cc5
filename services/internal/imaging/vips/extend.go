package vips

import (
	"fmt"
	"math"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// The backdrop that is the picture itself, blurred.
const (
	// backdropEdge is the longest edge in pixels at which it is blurred. Nobody sees that it has no more.
	backdropEdge = 256
	// backdropSigma is the Gaussian's standard deviation at that size: four hundredths of the edge.
	backdropSigma = 10
)

// extend puts the picture into a larger one.
func extend(img *vips.ImageRef, a recipe.Extend) error {
	at := fmt.Sprintf("x=%d,y=%d,width=%d,height=%d", a.X, a.Y, a.Width, a.Height)
	switch a.Edge {
	case recipe.EdgeBlur:
		return backdrop(img, a)
	case recipe.EdgeMirror, recipe.EdgeCopy:
		return operate(img, "embed", fmt.Sprintf("%s,extend=%s", at, a.Edge))
	}
	background, err := makeRoom(img, a.Background)
	if err != nil {
		return err
	}
	return operate(img, "embed", fmt.Sprintf("%s,extend=background,background=%s", at, numbers(background)))
}

// makeRoom gives the picture the bands that a colour needs, and returns what the colour is in each.
func makeRoom(img *vips.ImageRef, c recipe.Colour) ([]float64, error) {
	if c.A == 0 {
		c = recipe.Colour{} // clear has no colour, and needs none
	}
	if c.R != c.G || c.G != c.B {
		if err := toColours(img); err != nil {
			return nil, err
		}
	}
	if c.A < math.MaxUint8 && !img.HasAlpha() {
		if err := img.AddAlpha(); err != nil {
			return nil, err
		}
	}
	bands := []float64{float64(c.R), float64(c.G), float64(c.B)}
	if img.Bands() < 3 {
		bands = bands[:1]
	}
	if img.HasAlpha() {
		bands = append(bands, float64(c.A))
	}
	return bands, nil
}

// backdrop puts the picture onto a blurred copy of itself that covers the larger one.
func backdrop(img *vips.ImageRef, a recipe.Extend) error {
	small := math.Min(1, backdropEdge/float64(max(a.Width, a.Height)))
	w, h := max(1, math.Round(small*float64(a.Width))), max(1, math.Round(small*float64(a.Height)))
	back, err := operated(img, "thumbnail_image", fmt.Sprintf("width=%g,height=%g,crop=centre,size=both", w, h))
	if err != nil {
		return err
	}
	defer back.Close()
	alpha := img.HasAlpha()
	if alpha {
		if err := back.PremultiplyAlpha(); err != nil {
			return err
		}
	}
	if err := back.GaussianBlur(backdropSigma); err != nil {
		return err
	}
	if err := back.ResizeWithVScale(float64(a.Width)/w, float64(a.Height)/h, vips.KernelCubic); err != nil {
		return err
	}
	if alpha {
		if err := back.UnpremultiplyAlpha(); err != nil {
			return err
		}
	}
	if err := toBytes(back); err != nil {
		return err
	}
	at := fmt.Sprintf("x=%d,y=%d", a.X, a.Y)
	if !alpha {
		return operate(img, "insert", at, input{"main", back}, input{"sub", img})
	}
	if err := operate(img, "composite2", "mode=over,"+at, input{"base", back}, input{"overlay", img}); err != nil {
		return err
	}
	return toBytes(img)
}
