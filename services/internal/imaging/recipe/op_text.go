package recipe

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is how long a text may be, in characters.
const maxText = 2000

// TextOp writes on the picture. The text is taken as it is: markup in it is shown, not obeyed.
type TextOp struct {
	// Text is 1 to 2000 characters; a line break starts a new line.
	Text string `json:"text,omitempty"`
	// Font is the name of an installed family; Sans by default. A font that is not installed is replaced by one that is.
	Font string `json:"font,omitempty"`
	// Size is the height of the font in pixels, 1 to 2000; 32 by default.
	Size *float64 `json:"size,omitempty"`
	// Weight is 100 (thin) to 900 (heavy), in hundreds; 400 by default, 700 is bold.
	Weight int `json:"weight,omitempty"`
	// Italic slants the letters.
	Italic bool `json:"italic,omitempty"`
	// Decoration is a line along the letters: underline or strikethrough; none by default.
	Decoration string `json:"decoration,omitempty"`
	// Color is that of the letters; white by default.
	Color string `json:"color,omitempty"`
	// Width wraps lines at so many pixels, 1 to 16383, or at a share of the picture's width, "0.01%" to "1000%"; absent
	// never wraps.
	Width *Length `json:"width,omitempty"`
	// Height lets the letters become as large as fits into it, and into the width if there is one: it takes the place of
	// size. It is in pixels, 1 to 16383, or a share of the picture's height, "0.01%" to "1000%".
	Height *Length `json:"height,omitempty"`
	// Align is how lines stand to each other: left by default, center, right or justify.
	Align string `json:"align,omitempty"`
	// LineSpacing is added between lines, in pixels, -100 to 1000.
	LineSpacing int `json:"line_spacing,omitempty"`
	// LetterSpacing is added between letters, in pixels, -50 to 500.
	LetterSpacing float64 `json:"letter_spacing,omitempty"`
	// Outline is the width of a line round the letters in pixels, 0 to 50; OutlineColor its colour, black by default.
	Outline      float64 `json:"outline,omitempty"`
	OutlineColor string  `json:"outline_color,omitempty"`
	// ShadowColor draws a shadow, moved by ShadowX and ShadowY pixels (2 by default, -500 to 500) and blurred by
	// ShadowBlur pixels (0 to 50).
	ShadowColor string   `json:"shadow_color,omitempty"`
	ShadowX     *int     `json:"shadow_x,omitempty"`
	ShadowY     *int     `json:"shadow_y,omitempty"`
	ShadowBlur  *float64 `json:"shadow_blur,omitempty"`
	// Background is the colour of a box behind the text; none by default.
	Background string `json:"background,omitempty"`
	// Padding is the room between text and the edge of its box in pixels, 0 to 1000.
	Padding int `json:"padding,omitempty"`
	// Gravity is the place of the text: one of the nine fixed ones, center by default.
	Gravity Gravity `json:"gravity,omitempty"`
	// X and Y move the text inward from its place, in pixels; from the center, to the right and down.
	X int `json:"x,omitempty"`
	Y int `json:"y,omitempty"`
	// Opacity is 0 (nothing to be seen) to 1, the default.
	Opacity *float64 `json:"opacity,omitempty"`
	// Degrees turns the text clockwise, -360 to 360.
	Degrees float64 `json:"degrees,omitempty"`
}

// Name is text.
func (*TextOp) Name() string { return "text" }

// Actions writes the text.
func (o *TextOp) Actions(in Size) ([]Action, error) {
	opacity := orElse(o.Opacity, 1)
	if opacity == 0 || !strings.ContainsFunc(o.Text, visible) {
		return nil, nil
	}
	w := Writing{
		Text: o.Text, Font: o.Font, Size: orElse(o.Size, 32), Weight: o.Weight, Italic: o.Italic, Align: o.Align,
		Decoration:  o.Decoration,
		LineSpacing: o.LineSpacing, LetterSpacing: o.LetterSpacing, Padding: o.Padding, Degrees: o.Degrees,
		Color: checkedColour(o.Color, Colour{255, 255, 255, 255}), Outline: o.Outline,
		OutlineColor: checkedColour(o.OutlineColor, Colour{A: 255}), Shadow: checkedColour(o.ShadowColor, Colour{}),
		ShadowX: 2, ShadowY: 2, ShadowBlur: orElse(o.ShadowBlur, 0), Background: checkedColour(o.Background, Colour{}),
		Anchor: Anchor{o.Gravity.orCenter(), o.X, o.Y}, Opacity: opacity,
	}
	if o.Font == "" {
		w.Font = "Sans"
	}
	if o.Width != nil {
		w.Width = edge(o.Width.of(in.Width))
	}
	if o.Height != nil {
		w.Height = edge(o.Height.of(in.Height))
	}
	if o.ShadowX != nil {
		w.ShadowX = *o.ShadowX
	}
	if o.ShadowY != nil {
		w.ShadowY = *o.ShadowY
	}
	return []Action{w}, nil
}

// visible tells whether a character leaves a mark.
func visible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }

func (o *TextOp) check(c *checker) {
	if n := utf8.RuneCountInString(o.Text); n < 1 || n > maxText || !utf8.ValidString(o.Text) {
		c.wrong("text", o.Text, "a text of 1 to %d characters", maxText)
	}
	if o.Font != "" && !isFontName(o.Font) {
		c.wrong("font", o.Font, "the name of a font: letters, digits, spaces and hyphens, at most 64")
	}
	c.within("size", o.Size, 1, 2000)
	if o.Weight != 0 && (o.Weight < 100 || o.Weight > 900 || o.Weight%100 != 0) {
		c.wrong("weight", o.Weight, "100 to 900, in hundreds")
	}
	c.length("width", o.Width, 1, MaxEdge)
	c.length("height", o.Height, 1, MaxEdge)
	if o.Height != nil && o.Size != nil {
		c.wrong("height", *o.Height, "either a size, or a height that the text fits into")
	}
	if !oneOf(o.Decoration, "underline", "strikethrough") {
		c.wrong("decoration", o.Decoration, "one of underline, strikethrough")
	}
	if o.Align != "" && !slices.Contains(alignments, o.Align) {
		c.wrong("align", o.Align, "one of %s", join(alignments))
	}
	c.between("line_spacing", float64(o.LineSpacing), -100, 1000)
	c.between("letter_spacing", o.LetterSpacing, -50, 500)
	c.between("padding", float64(o.Padding), 0, 1000)
	c.between("outline", o.Outline, 0, 50)
	c.between("degrees", o.Degrees, -360, 360)
	c.within("shadow_blur", o.ShadowBlur, 0, 50)
	c.near("shadow_x", o.ShadowX)
	c.near("shadow_y", o.ShadowY)
	c.within("opacity", o.Opacity, 0, 1)
	c.anchor(o.Gravity, o.X, o.Y)
	for param, text := range map[string]string{
		"color": o.Color, "outline_color": o.OutlineColor, "shadow_color": o.ShadowColor, "background": o.Background,
	} {
		c.colour(param, text)
	}
}

// FontForm is what isFontName takes, as an expression, but for names of more than 64 bytes.
const FontForm = `^[\p{L}\p{Nd}_-][\p{L}\p{Nd} _-]{0,63}$`

// isFontName tells whether a text can be nothing but the name of a font; anything else could be more than a name to the
// text engine. An expression would take longer to compile than a renderer has to start.
func isFontName(text string) bool {
	other := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" _-", r)
	}
	return len(text) <= 64 && !strings.ContainsFunc(text, other) && !strings.HasPrefix(text, " ")
}

// alignments are how lines may stand to each other.
var alignments = []string{"left", "center", "right", "justify"}

// near checks the optional offset of a shadow.
func (c *checker) near(param string, offset *int) {
	if offset != nil {
		c.between(param, float64(*offset), -500, 500)
	}
}
