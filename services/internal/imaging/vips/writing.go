package vips

import (
	"fmt"
	"math"
	"strings"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// markup hides what Pango would take for markup.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// write puts a text on every frame.
func (f *frame) write(a recipe.Writing) error {
	box, err := textBox(a)
	if err != nil {
		return err
	}
	defer box.Close()
	if a.Degrees != 0 {
		if err := rotate(box, recipe.Rotate{Degrees: a.Degrees}); err != nil {
			return err
		}
	}
	if err := toLayer(box, a.Opacity); err != nil {
		return err
	}
	x, y := a.Anchor.Place(sizeOf(box), f.size)
	return f.each(func(img *vips.ImageRef) error { return composite(img, box, recipe.BlendNormal, x, y) })
}

// textBox draws the text with everything that belongs to it, on a box of its own size.
func textBox(a recipe.Writing) (*vips.ImageRef, error) {
	letters, err := largestGlyphs(a)
	if err != nil {
		return nil, err
	}
	defer letters.Close()
	room := a.Padding + int(math.Ceil(a.Outline))
	shade := 0
	if a.Shadow.A > 0 {
		shade = max(abs(a.ShadowX), abs(a.ShadowY)) + int(math.Ceil(3*a.ShadowBlur))
	}
	room += shade
	size := recipe.Size{Width: letters.Width() + 2*room, Height: letters.Height() + 2*room}
	if err := (recipe.Limits{StillPixels: recipe.MaxStillPixels / 10}).CheckStep(size, 1); err != nil {
		return nil, err
	}
	if err := letters.Embed(room, room, size.Width, size.Height, vips.ExtendBlack); err != nil {
		return nil, err
	}
	if err := inMemory(letters); err != nil {
		return nil, err
	}
	box, err := canvas(size, a.Background)
	if err != nil {
		return nil, err
	}
	if err := drawText(box, letters, a); err != nil {
		box.Close()
		return nil, err
	}
	return box, nil
}

// drawText lays shadow, outline and letters over the box.
func drawText(box, letters *vips.ImageRef, a recipe.Writing) error {
	thick, err := letters.Copy()
	if err != nil {
		return err
	}
	defer thick.Close()
	if a.Outline > 0 {
		if err := thicken(thick, a.Outline); err != nil {
			return err
		}
	}
	if a.Shadow.A > 0 {
		if err := stencil(box, thick, a.Shadow, a.ShadowX, a.ShadowY, a.ShadowBlur); err != nil {
			return err
		}
	}
	if a.Outline > 0 {
		if err := stencil(box, thick, a.OutlineColor, 0, 0, 0); err != nil {
			return err
		}
	}
	return stencil(box, letters, a.Color, 0, 0, 0)
}

// largestSize is the greatest letters that a text can have.
const largestSize = 2000

// largestGlyphs are the letters at their size, or at the largest whole one at which they fit into width and height.
// libvips' own search goes by a resolution, which govips cannot leave open. This one comes from below, because letters
// that are far too large take memory by the square.
func largestGlyphs(a recipe.Writing) (*vips.ImageRef, error) {
	if a.Height == 0 {
		return glyphs(a)
	}
	fits, tooLarge := 1, 2
	for ; tooLarge <= largestSize; tooLarge *= 2 {
		if ok, err := fitted(a, tooLarge); err != nil {
			return nil, err
		} else if !ok {
			break
		}
		fits = tooLarge
	}
	tooLarge = min(tooLarge, largestSize+1)
	for fits+1 < tooLarge {
		middle := (fits + tooLarge) / 2
		ok, err := fitted(a, middle)
		switch {
		case err != nil:
			return nil, err
		case ok:
			fits = middle
		default:
			tooLarge = middle
		}
	}
	a.Size = float64(fits)
	return glyphs(a)
}

// fitted tells whether the letters of a size fit into the box.
func fitted(a recipe.Writing, size int) (bool, error) {
	a.Size = float64(size)
	letters, err := glyphs(a)
	if err != nil {
		return false, err
	}
	defer letters.Close()
	return letters.Height() <= a.Height && (a.Width == 0 || letters.Width() <= a.Width), nil
}

// glyphs is the coverage of the letters, one band. The resolution is 72 dots an inch, so that a point is a pixel.
func glyphs(a recipe.Writing) (*vips.ImageRef, error) {
	text := markup.Replace(a.Text)
	if tag := decorations[a.Decoration]; tag != "" {
		text = "<" + tag + ">" + text + "</" + tag + ">"
	}
	if a.LetterSpacing != 0 {
		// Pango counts in 1024ths of a point.
		text = fmt.Sprintf(`<span letter_spacing="%d">%s</span>`, int(a.LetterSpacing*1024), text)
	}
	wrap := vips.TextWrapWordChar
	if a.Height > 0 {
		wrap = vips.TextWrapWord // rather than in words that are broken, the text fits in smaller letters
	}
	img, err := vips.Text(&vips.TextParams{
		Text: text, Font: fontOf(a), Width: a.Width, DPI: 72, Spacing: a.LineSpacing,
		Alignment: alignmentOf(a.Align), Justify: a.Align == "justify", Wrap: wrap,
	})
	if err != nil {
		return nil, fmt.Errorf("draw letters: %w", err)
	}
	return img, nil
}

// decorations are Pango's marks for lines along the letters.
var decorations = map[string]string{"underline": "u", "strikethrough": "s"}

// fontOf writes a font as Pango reads it.
func fontOf(a recipe.Writing) string {
	words := []string{a.Font}
	if a.Weight > 0 {
		words = append(words, fontWeights[a.Weight/100-1])
	}
	if a.Italic {
		words = append(words, "Italic")
	}
	return strings.Join(append(words, fmt.Sprintf("%g", a.Size)), " ")
}

// fontWeights are Pango's words for 100, 200, …, 900.
var fontWeights = []string{
	"Thin", "Ultra-Light", "Light", "Regular", "Medium", "Semi-Bold", "Bold", "Ultra-Bold", "Heavy",
}

func alignmentOf(word string) vips.Align {
	switch word {
	case "center":
		return vips.AlignCenter
	case "right":
		return vips.AlignHigh
	default:
		return vips.AlignLow
	}
}

// thicken widens a coverage by about so many pixels: blurred, and then steep again.
func thicken(mask *vips.ImageRef, width float64) error {
	if err := mask.GaussianBlur(width / 2); err != nil {
		return err
	}
	if err := mask.Linear1(8, 0); err != nil {
		return err
	}
	if err := toBytes(mask); err != nil {
		return err
	}
	return inMemory(mask)
}

// stencil paints a colour on the box wherever the mask covers it.
func stencil(box, mask *vips.ImageRef, colour recipe.Colour, x, y int, blur float64) error {
	paint, err := mask.Copy()
	if err != nil {
		return err
	}
	defer paint.Close()
	if blur > 0 {
		if err := paint.GaussianBlur(blur); err != nil {
			return err
		}
	}
	if err := paint.Linear1(float64(colour.A)/math.MaxUint8, 0); err != nil {
		return err
	}
	fill, err := canvas(sizeOf(mask), recipe.Colour{R: colour.R, G: colour.G, B: colour.B, A: math.MaxUint8})
	if err != nil {
		return err
	}
	defer fill.Close()
	if err := fill.ExtractBand(0, 3); err != nil {
		return err
	}
	if err := toBytes(paint); err != nil {
		return err
	}
	if err := fill.BandJoin(paint); err != nil {
		return err
	}
	return composite(box, fill, recipe.BlendNormal, x, y)
}

// canvas is a picture of one colour, with alpha.
func canvas(size recipe.Size, colour recipe.Colour) (*vips.ImageRef, error) {
	img, err := vips.Black(size.Width, size.Height)
	if err != nil {
		return nil, fmt.Errorf("make canvas: %w", err)
	}
	err = img.ToColorSpace(vips.InterpretationSRGB)
	if err == nil {
		err = img.BandJoinConst([]float64{0})
	}
	if err == nil {
		err = img.Linear([]float64{0, 0, 0, 0}, []float64{
			float64(colour.R), float64(colour.G), float64(colour.B), float64(colour.A),
		})
	}
	if err == nil {
		err = toBytes(img)
	}
	if err != nil {
		img.Close()
		return nil, fmt.Errorf("make canvas: %w", err)
	}
	return img, nil
}

func abs(n int) int { return max(n, -n) }
