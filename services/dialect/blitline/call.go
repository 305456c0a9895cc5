package blitline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// call is one use of a function on its way into steps of the recipe. Its methods read parameters as the format does, and
// note the first one that makes no sense.
type call struct {
	name string
	in   loose
	// raw are the parameters as they were sent, in their order.
	raw json.RawMessage
	t   *translator
	// steps follow one another; none passes the picture on.
	steps []recipe.Step
	// saving changes the saves of the function and of all below it; nil changes none.
	saving change
	// complaint is what the client is told instead, under the code.
	complaint, code string
}

// then takes one more step. What the operation itself finds wrong is a complaint, too.
func (c *call) then(op recipe.Operation) {
	if c.complaint != "" {
		return
	}
	step, err := recipe.NewStep(op, nil)
	if err != nil {
		c.complain("The function '%s' has parameters that cannot be written: %v", c.name, err)
		return
	}
	if string(step.Params) == "{}" {
		step.Params = nil
	}
	c.steps = append(c.steps, step)
	if problems := recipe.Problems(recipe.Recipe{Steps: recipe.Chain([]recipe.Step{step})}.Validate()); len(problems) > 0 {
		p := *problems[0]
		p.Path = p.Path[strings.LastIndex(p.Path, "params.")+len("params."):]
		c.complain("The parameters of '%s' are out of range: %s", c.name, p.Error())
	}
}

// complain says that the parameters make no sense.
func (c *call) complain(format string, args ...any) {
	if c.complaint == "" {
		c.complaint, c.code = fmt.Sprintf(format, args...), InvalidParams
	}
}

// wrong complains of a parameter: it is missing, or not what was expected.
func (c *call) wrong(param, want string) {
	raw := c.in.raw(param)
	if raw == nil {
		c.complain("The parameter '%s' of '%s' is missing: expected %s", param, c.name, want)
		return
	}
	var line bytes.Buffer
	if json.Compact(&line, raw) != nil || line.Len() > 80 {
		line.Truncate(min(line.Len(), 80))
		line.WriteString("…")
	}
	c.complain("The parameter '%s' of '%s' is %s: expected %s", param, c.name, strings.ToValidUTF8(line.String(), ""), want)
}

// given tells that a parameter is there. An empty text is none.
func (c *call) given(param string) bool {
	raw := c.in.raw(param)
	return raw != nil && string(raw) != `""`
}

// first is the first of the names that is there, or the first name.
func (c *call) first(names ...string) string {
	for _, name := range names {
		if c.given(name) {
			return name
		}
	}
	return names[0]
}

// number is the number that a parameter starts with, or other where there is none.
func (c *call) number(param string, other float64) float64 {
	if !c.given(param) {
		return other
	}
	value, _, ok := c.in.measure(param)
	if !ok {
		c.wrong(param, "a number")
		return other
	}
	return value
}

// whole is a number cut to a whole one.
func (c *call) whole(param string, other int) int {
	return int(clamp(c.number(param, float64(other)), -1e9, 1e9))
}

// within is a number of a range; beyond it the nearest value does.
func (c *call) within(param string, other, low, high float64) *float64 {
	return new(clamp(c.number(param, other), low, high))
}

// fraction is a share from 0 to 1, as a number or in percent.
func (c *call) fraction(param string, other float64) *float64 {
	value := c.number(param, other)
	if _, percent, _ := c.in.measure(param); percent {
		value /= 100
	}
	return new(clamp(value, 0, 1))
}

// length is a distance in pixels or in percent of the picture; nil where there is none.
func (c *call) length(param string) *recipe.Length {
	if !c.given(param) {
		return nil
	}
	value, percent, ok := c.in.measure(param)
	switch {
	case !ok:
		c.wrong(param, `a number of pixels, or a share such as "50%"`)
		return nil
	case percent:
		return recipe.Share(clamp(value, -1e6, 1e6) / 100)
	default:
		return recipe.Pixels(int(clamp(value, -1e9, 1e9)))
	}
}

// edge is a length above 0; nil, which leaves the edge open, for any other.
func (c *call) edge(param string) *recipe.Length {
	length := c.length(param)
	if value, percent, ok := c.in.measure(param); ok && (value <= 0 || !percent && value < 1) {
		return nil
	}
	return length
}

// wants is an edge that has to be there.
func (c *call) wants(param string) *recipe.Length {
	length := c.edge(param)
	if length == nil {
		c.wrong(param, "a number of pixels above 0")
	}
	return length
}

// box has the edges width and height, both of which have to be there.
func (c *call) box() recipe.Box {
	return recipe.Box{Width: c.wants("width"), Height: c.wants("height")}
}

// truth is a boolean, which may be a text or a number.
func (c *call) truth(param string) bool {
	switch strings.ToLower(c.in.text(param)) {
	case "true", "1", "yes":
		return true
	case "false", "0", "no":
		return false
	}
	if c.given(param) {
		c.wrong(param, "true or false")
	}
	return false
}

// text is a text or the digits of a number; other where there is none.
func (c *call) text(param, other string) string {
	text := c.in.text(param)
	switch {
	case !c.given(param):
		return other
	case text == "":
		c.wrong(param, "a text")
	}
	return text
}

// needsText is a text that has to be there.
func (c *call) needsText(param string) string {
	if strings.TrimSpace(c.in.text(param)) == "" {
		c.wrong(param, "a text")
	}
	return c.in.text(param)
}

// colour is a colour as the recipe writes it; other where there is none.
func (c *call) colour(param, other string) string {
	if !c.given(param) {
		return other
	}
	colour, ok := readColour(c.in.text(param))
	if !ok {
		c.wrong(param, "a colour: a name, #rgb, #rrggbb, rgb(r,g,b) or rgba(r,g,b,a)")
		return other
	}
	return colour
}

// gravities translate the format's names. Anything else means the center, as it does there.
var gravities = map[string]recipe.Gravity{
	"northwest": recipe.NorthWest, "north": recipe.North, "northeast": recipe.NorthEast,
	"west": recipe.West, "east": recipe.East,
	"southwest": recipe.SouthWest, "south": recipe.South, "southeast": recipe.SouthEast,
}

func (c *call) gravity(param string) recipe.Gravity {
	if place, ok := gravities[bare(c.in.text(param), "gravity")]; ok {
		return place
	}
	return recipe.Center
}

// bare is a name of ImageMagick without what says its kind: MultiplyCompositeOp is multiply.
func bare(name, kind string) string {
	return strings.TrimSuffix(strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name)), kind)
}

// measure is the number that a field starts with, and whether a percent sign follows it. ok is false where there is none.
func (l loose) measure(name string) (value float64, percent, ok bool) {
	text := l.text(name)
	digits := leadingNumber.FindString(text)
	value, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	return value, strings.HasPrefix(strings.TrimSpace(text[len(digits):]), "%"), err == nil
}

func clamp(value, low, high float64) float64 { return min(max(value, low), high) }
