package cloudinary

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Bounds on the parameters of one call. The largest lists of the API have 1,000 entries.
const (
	maxValues = 3000
	maxName   = 255
)

// Params are the parameters of a call by name. Names are case-sensitive. The zero value has none; a Params must not be
// changed while it is read.
//
// A name that comes several times is a list, whichever way it is written: name, name[], name[0], a list in JSON. Plain
// and [] values stand in the order they came, and before those with an index, which stand in the order of the index.
// The text of a list is its values with commas between them, which is what is signed.
type Params struct {
	values map[string][]value
	count  int
}

type value struct {
	// index is that of name[index], -1 for values that have none.
	index int
	text  string
}

// NewParams makes parameters of texts, for presets and tests.
func NewParams(texts map[string]string) Params {
	var p Params
	for name, text := range texts {
		p.set(name, text)
	}
	return p
}

// Get returns the text of a parameter, "" when it is not there. The text of a list has commas between the values.
func (p Params) Get(name string) string { return strings.Join(p.All(name), ",") }

// Has tells whether a parameter was sent with something in it.
func (p Params) Has(name string) bool { return p.Get(name) != "" }

// All returns the values of a parameter in the order of the type's comment.
func (p Params) All(name string) []string {
	var all []string
	for _, v := range p.values[name] {
		all = append(all, v.text)
	}
	return all
}

// Names lists the parameters, sorted.
func (p Params) Names() []string { return slices.Sorted(maps.Keys(p.values)) }

// Bool reads 1, 0, true, false in any case, and gives without when there is nothing. Anything else is an *Error.
func (p Params) Bool(name string, without bool) (bool, error) {
	switch text := p.Get(name); strings.ToLower(text) {
	case "":
		return without, nil
	case "1", "true":
		return true, nil
	case "0", "false":
		return false, nil
	default:
		return without, invalid(name, text, "true or false")
	}
}

// Int reads a whole number from least to most, and gives without when there is nothing. Anything else is an *Error.
func (p Params) Int(name string, without, least, most int64) (int64, error) {
	text := p.Get(name)
	if text == "" {
		return without, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		return without, invalid(name, text, "a whole number from "+strconv.FormatInt(least, 10)+" to "+strconv.FormatInt(most, 10))
	}
	return n, nil
}

// add takes one value as it came. It fails with an *Error when the name or the number of values is out of bounds.
func (p *Params) add(name, text string) error {
	base, index, err := splitName(name)
	if err != nil {
		return err
	}
	if p.count++; p.count > maxValues {
		return refuse("Too many parameters - at most %d are allowed", maxValues)
	}
	if p.values == nil {
		p.values = map[string][]value{}
	}
	p.values[base] = append(p.values[base], value{index, text})
	return nil
}

// sort puts lists with indexes in order, once everything is added.
func (p *Params) sort() {
	for _, values := range p.values {
		slices.SortStableFunc(values, func(a, b value) int { return cmp.Compare(a.index, b.index) })
	}
}

// set gives a parameter one value in place of those it has.
func (p *Params) set(name, text string) {
	if p.values == nil {
		p.values = map[string][]value{}
	}
	p.values[name] = []value{{-1, text}}
}

// clone copies the parameters, so that the copy can be changed.
func (p Params) clone() Params {
	return Params{values: maps.Clone(p.values), count: p.count}
}

// splitName splits tags[3] into tags and 3; without a number the index is -1. Brackets with anything else in them are
// part of the name.
func splitName(name string) (base string, index int, err error) {
	if name == "" || len(name) > maxName {
		return "", -1, refuse("Invalid parameter name - expected 1 to %d bytes", maxName)
	}
	base, rest, found := strings.Cut(name, "[")
	digits, closed := strings.CutSuffix(rest, "]")
	if !found || !closed || base == "" {
		return name, -1, nil
	}
	if digits == "" {
		return base, -1, nil
	}
	if strings.Trim(digits, "0123456789") != "" {
		return name, -1, nil
	}
	if index, err = strconv.Atoi(digits); err != nil {
		return "", -1, invalid("index of parameter", name, "a smaller number")
	}
	return base, index, nil
}
