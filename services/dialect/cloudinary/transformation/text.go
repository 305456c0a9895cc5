package transformation

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// text is a text layer's text with its style.
type text struct {
	content       string
	font          string
	size          float64
	weight        int
	italic        bool
	decoration    string
	align         string
	stroke        bool
	letterSpacing float64
	lineSpacing   int
}

// weights are the words for how heavy letters are.
var weights = map[string]int{
	"normal": 400, "bold": 700, "thin": 100, "light": 300, "medium": 500, "semibold": 600, "heavy": 900, "black": 900,
}

// alignments are the words for how lines stand to each other.
var alignments = map[string]string{
	"left": "left", "start": "left", "center": "center", "right": "right", "end": "right", "justify": "justify",
}

// smoothing are the settings of how edges of letters are drawn; here they always are smooth.
var smoothing = map[string][]string{
	"antialias": {"none", "gray", "subpixel", "fast", "good", "best"},
	"hinting":   {"none", "slight", "medium", "full"},
}

// largestFont is the largest size of letters in pixels.
const largestFont = 2000

// parseText reads a style and a text, such as Arial_40_bold:Hello.
func (c *call) parseText(source string) (text, error) {
	style, content, _ := strings.Cut(source, ":")
	t := text{}
	var err error
	if t.content, err = c.interpolated(unescape(content)); err != nil {
		return t, err
	}
	if strings.TrimSpace(t.content) == "" {
		return t, invalid("overlay", "text:"+source)
	}
	style, err = c.interpolated(unescape(style))
	if err != nil {
		return t, err
	}
	words := strings.Split(style, "_")
	at := slices.IndexFunc(words, func(word string) bool {
		n, ok := parseDecimal(word)
		return ok && n > 0 && n <= largestFont
	})
	if at < 1 {
		return t, unsupported("overlay", "text:"+source, "styles are written as a font and its size; stored styles are not known here")
	}
	t.font = strings.Join(words[:at], " ")
	for _, ending := range []string{".ttf", ".otf", ".woff2"} {
		t.font = strings.TrimSuffix(t.font, ending)
	}
	t.size, _ = parseDecimal(words[at])
	return t, t.style(words[at+1:])
}

// style reads the words behind the size.
func (t *text) style(words []string) error {
	next := func() string {
		if len(words) == 0 {
			return ""
		}
		word := words[0]
		words = words[1:]
		return word
	}
	for len(words) > 0 {
		word := next()
		switch {
		case weights[word] != 0:
			t.weight = weights[word]
		case alignments[word] != "":
			t.align = alignments[word]
		case word == "italic":
			t.italic = true
		case word == "stroke":
			t.stroke = true
		case word == "underline" || word == "strikethrough":
			t.decoration = word
		case smoothing[word] != nil:
			if setting := next(); !slices.Contains(smoothing[word], setting) {
				return invalid("text style", word+"_"+setting)
			}
		case (word == "letter" || word == "line") && next() == "spacing":
			n, ok := parseDecimal(next())
			switch {
			case !ok || math.Abs(n) > 500:
				return invalid("text style", word+"_spacing")
			case word == "line":
				t.lineSpacing = int(math.Round(n))
			default:
				t.letterSpacing = n
			}
		default:
			return invalid("text style", word)
		}
	}
	return nil
}

// interpolated puts the values of variables in the place of $(name).
func (c *call) interpolated(content string) (string, error) {
	var whole strings.Builder
	for {
		before, after, found := strings.Cut(content, "$(")
		name, rest, closed := strings.Cut(after, ")")
		whole.WriteString(before)
		if !found {
			return whole.String(), nil
		}
		if !closed || !isVariable("$"+name) {
			whole.WriteString("$(")
			content = after
			continue
		}
		v, err := c.variable("$" + name)
		if err != nil {
			return "", err
		}
		whole.WriteString(v.String())
		content = rest
	}
}

// written are the parameters that a text can have without being drawn first.
var written = []string{"co", "b", "bo", "o", "a", "w", "h", "c", "g", "x", "y", "fl", "f", "q"}

// writable tells whether a text can be written straight onto the picture: nothing is done to it but what the operation
// of the recipe knows.
func (l layering) writable(own component, last *call) bool {
	if l.key != "l" || l.flagged("tiled", last) || l.flagged("cutter", last) {
		return false
	}
	if l.ending != nil {
		own = append(slices.Clone(own), last.params.without("g", "x", "y", "fl")...)
	}
	for _, p := range own {
		if !slices.Contains(written, p.key) {
			return false
		}
	}
	wraps := own.get("c") == "fit" && own.has("w")
	if !wraps && (own.has("w") || own.has("h") || own.has("c")) {
		return false
	}
	if look, known := parseGravity(last.params.get("g")); last.params.has("g") && (!known || look.point || look.faces || look.custom) {
		return false
	}
	_, turned := parseDecimal(own.get("a"))
	return (turned || !own.has("a")) && (own.get("bo") == "" || strings.Contains(l.params.get(l.key), "_stroke"))
}

// write puts the text onto the picture.
func (l layering) write(t text, own call, last *call) error {
	if l.ending != nil {
		own.params = append(slices.Clone(own.params), last.params.without("g", "x", "y", "fl")...)
	}
	own.below = l.on
	op, err := t.operation(&own)
	if err != nil {
		return err
	}
	at, err := last.anchor(&canvas{lost: "writing"})
	if err != nil {
		return err
	}
	op.Gravity, op.X, op.Y = at.Gravity, at.X, at.Y
	if degrees, ok := parseDecimal(own.params.get("a")); ok {
		op.Degrees = math.Mod(degrees, 360)
	}
	if colour, flat, err := own.background(); err != nil {
		return err
	} else if flat {
		op.Background = colour
	}
	opacity, err := own.number("o", 100, 0, 100)
	if err != nil {
		return err
	}
	if opacity < 100 {
		op.Opacity = new(opacity / 100)
	}
	if err := last.output(); err != nil {
		return err
	}
	return l.on.then(op)
}

// operation is the text by itself: its letters, their colour and outline, and where lines wrap.
func (t text) operation(c *call) (*recipe.TextOp, error) {
	op := &recipe.TextOp{
		Text: t.content, Font: t.font, Size: &t.size, Weight: t.weight, Italic: t.italic, Align: t.align, Decoration: t.decoration,
		LineSpacing: t.lineSpacing, LetterSpacing: t.letterSpacing, Color: c.colour("black"),
	}
	if line, ok := parseBorder(c.params.get("bo")); ok && t.stroke {
		op.Outline, op.OutlineColor = float64(line.width), line.colour
	}
	wrap, err := c.wrap()
	if wrap > 0 {
		op.Width = recipe.Pixels(wrap)
	}
	return op, err
}

// wrap is the width in pixels at which lines wrap; 0 for never.
func (c *call) wrap() (int, error) {
	if c.params.get("c") != "fit" || !c.params.has("w") {
		return 0, nil
	}
	w, err := c.extent("w")
	if err != nil {
		return 0, err
	}
	if c.params.flagged("relative") {
		if w, _, err = c.relative(w, extent{}); err != nil {
			return 0, err
		}
	}
	if w.share && c.below.lost != "" {
		return 0, c.unknown("w_ as a share")
	}
	width := math.Round(w.of(c.below.size.Width))
	if width < 1 || width > recipe.MaxEdge {
		return 0, invalid("width", c.params.get("w"))
	}
	return int(width), nil
}

// mostDrawn bounds the room that a text is drawn in, in pixels.
const mostDrawn = 40_000_000

// drawn is a picture of the text alone, for everything that can be done to a picture: clear room that is large enough for
// any letters, the text in its middle, and the room cut off again. What the text takes of the component is taken out of it.
func (t text) drawn(c *call) (*canvas, error) {
	own := *c
	own.below = c.on
	op, err := t.operation(&own)
	if err != nil {
		return nil, err
	}
	op.Gravity = recipe.Center
	c.params = c.params.without("co")
	if t.stroke {
		c.params = c.params.without("bo")
	}
	wrap, err := own.wrap()
	if err != nil {
		return nil, err
	}
	room := t.room(wrap, op.Outline)
	if wrap > 0 {
		c.params = c.params.without("c", "w", "h")
	}
	if room.Width > recipe.MaxEdge || room.Height > recipe.MaxEdge || room.Pixels() > mostDrawn {
		return nil, unsupported("overlay", t.content, "the text is too large to be more than written")
	}
	top := newCanvas(Asset{Width: 1, Height: 1})
	for _, op := range []recipe.Operation{
		&recipe.ExtendOp{Right: recipe.Pixels(room.Width - 1), Bottom: recipe.Pixels(room.Height - 1)},
		op, &recipe.TrimOp{Tolerance: new(0.0)},
	} {
		if err := top.then(op); err != nil {
			return nil, err
		}
	}
	top.original = Asset{}
	top.lose("drawing a text")
	return top, nil
}

// room is as much as the letters can take: one and a half ems for each, and two for each line.
func (t text) room(wrap int, outline float64) recipe.Size {
	lines, longest, all := 0, 0, 0
	for line := range strings.SplitSeq(t.content, "\n") {
		n := utf8.RuneCountInString(line)
		lines, longest, all = lines+1, max(longest, n), all+n
	}
	em := 1.5*t.size + max(t.letterSpacing, 0)
	if wrap > 0 {
		lines += int(em * float64(all) / float64(wrap)) // a word that is wider than the line sticks out of it
	}
	line := 2*t.size + max(float64(t.lineSpacing), 0)
	return recipe.Size{
		Width: int(em*float64(longest+2) + 2*outline), Height: int(line*float64(lines+1) + 2*outline),
	}
}
