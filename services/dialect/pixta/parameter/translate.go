package parameter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// OutputID is the id of the one output of a translation.
const OutputID = "image"

// Picture is a further picture that a recipe names: one of the fields is set.
type Picture struct {
	// URL is an http or https address.
	URL string
	// Path is the key of an object in the source that the picture itself is from.
	Path string
	// Inline is a small picture itself, a PNG in base64.
	Inline string
}

// Translation is what is to be done for one picture.
type Translation struct {
	// Recipe makes one output with the id [OutputID].
	Recipe recipe.Recipe
	// Pictures are those that the recipe names.
	Pictures map[string]Picture
}

// Translate makes a recipe of parameters. accept is the header of whoever is going to look at the picture, for
// auto=format; empty without one. It fails with an [*Error].
func (p Params) Translate(accept string) (Translation, error) {
	c := &call{params: p, made: Translation{Pictures: map[string]Picture{}}}
	if _, given := p.values["orient"]; given {
		c.made.Recipe.AsStored = true // the file's own orientation is overruled
	}
	for _, part := range []func(){
		c.page, c.orient, c.trim, c.rect, c.rotate, c.size, c.ground, c.colours, c.filters, c.blend, c.mark, c.write, c.mask, c.frame, c.file,
	} {
		part()
	}
	if c.err != nil {
		return Translation{}, c.err
	}
	c.made.Recipe.Steps = c.chain(c.save(accept))
	if err := c.made.Recipe.Validate(); err != nil {
		return Translation{}, judged(err)
	}
	return c.made, nil
}

// call is one translation in progress.
type call struct {
	params Params
	steps  []recipe.Step
	made   Translation
	err    error
}

// then appends an operation.
func (c *call) then(op recipe.Operation) {
	step, err := recipe.NewStep(op, nil)
	if err != nil && c.err == nil {
		c.err = err
	}
	c.steps = append(c.steps, step)
}

// chain nests the steps, each below the one before, and saves the last.
func (c *call) chain(save *recipe.Save) []recipe.Step {
	last := recipe.Step{}
	if n := len(c.steps); n > 0 {
		last, c.steps = c.steps[n-1], c.steps[:n-1]
	}
	last.Save = save
	for _, step := range slices.Backward(c.steps) {
		step.Steps = []recipe.Step{last}
		last = step
	}
	return []recipe.Step{last}
}

func (c *call) has(name string) bool { return c.params.values[name] != "" }

func (c *call) get(name string) string { return c.params.values[name] }

// is tells whether a parameter has one of the values.
func (c *call) is(name string, values ...string) bool {
	for _, value := range values {
		if c.get(name) == value {
			return true
		}
	}
	return false
}

// number is a parameter within its range, or the other number when it is not there.
func (c *call) number(name string, other float64) float64 {
	n, ok := parseNumber(c.get(name))
	if !ok {
		return other
	}
	d := definitions[name]
	return min(max(n, d.low), d.high)
}

// whole is number for what counts.
func (c *call) whole(name string, other int) int { return int(c.number(name, float64(other))) }

func (c *call) on(name string) bool {
	on, _ := parseFlag(c.get(name))
	return on
}

// colour is a colour, or the other one when it is not there.
func (c *call) colour(name, other string) string {
	if found, ok := parseColour(c.get(name)); ok {
		return found
	}
	return other
}

// list is a list of words.
func (c *call) list(name string) []string {
	if !c.has(name) {
		return nil
	}
	parts := strings.Split(c.get(name), ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// judged puts what the recipe says of its operations into an [Error].
func judged(err error) error {
	e := &Error{}
	for _, p := range recipe.Problems(err) {
		e.invalid(p.Path, fmt.Sprint(p.Value), p.Want)
	}
	if e.orNil() == nil {
		return fmt.Errorf("translate parameters: %w", err)
	}
	return e
}
