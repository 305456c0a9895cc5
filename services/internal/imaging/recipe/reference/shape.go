package main

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// shape is what a parameter may be.
type shape struct {
	schema object
	// words say the same to people.
	words string
	// good is a value that is taken, and choices are all of them where there are few.
	good    any
	choices []string
}

// forms are how texts are written that are neither words nor colours.
var forms = map[string]string{"font": recipe.FontForm, "pages": recipe.PagesForm}

// ask is what the code has against a value.
type ask func(value any) string

// shape finds out what a parameter may be.
func (s subject) shape(f field) (shape, error) {
	made, err := s.shapeOf(f.name, f.kind, func(value any) string { return s.against(f.name, value) })
	if err == nil && f.kind == reflect.TypeFor[recipe.Region]() {
		made, err = s.part(f)
	}
	if err != nil {
		return made, fmt.Errorf("%s.%s: %w", s.name, f.name, err)
	}
	if shown, ok := s.example[f.name]; ok && len(made.choices) == 0 {
		made.good = shown
	}
	return made, nil
}

func (s subject) shapeOf(name string, kind reflect.Type, against ask) (shape, error) {
	switch kind {
	case reflect.TypeFor[recipe.Length]():
		return length(against)
	case reflect.TypeFor[recipe.Ratio]():
		return ratio(against)
	case reflect.TypeFor[recipe.Radii]():
		return radii(against)
	case reflect.TypeFor[recipe.Region]():
		return shape{}, nil
	}
	switch kind.Kind() {
	case reflect.Bool:
		return shape{object{{"type", "boolean"}}, "true or false", true, nil}, nil
	case reflect.Int, reflect.Int64:
		return whole(against)
	case reflect.Float64:
		return number(against)
	case reflect.String:
		return text(forms[name], against)
	case reflect.Map:
		return tags(against)
	case reflect.Slice:
		return s.list(name, kind.Elem(), against)
	default:
		return shape{}, fmt.Errorf("nothing is known of the type %s", kind)
	}
}

// far is out of every range.
const far = 1_000_000_000_000

var (
	fromTo = regexp.MustCompile(`(-?[0-9.]+)(?: \([^)]*\))? to (-?[0-9.]+)`)
	orMore = regexp.MustCompile(`([0-9]+) or more`)
	shares = regexp.MustCompile(`"(-?[0-9.]+)%" to "(-?[0-9.]+)%"`)
	atMost = regexp.MustCompile(`(?:at most|to) ([0-9]+) (characters|bytes)`)
	plain  = regexp.MustCompile(`^[a-z0-9_]+$`)
	commas = regexp.MustCompile(`, or |, | or `)
)

// span is the range that the code names when it refuses a number, once it is true: the ends are taken, and what lies a
// step beyond is refused in the same words. A 0 that means nothing is no judge.
func span(form *regexp.Regexp, step float64, write func(float64) any, against ask) (low, high float64, err error) {
	want := against(write(far))
	ends := form.FindStringSubmatch(want)
	if ends == nil {
		return 0, 0, fmt.Errorf("no range in %q", want)
	}
	low, high = parse(ends[1]), parse(ends[2])
	for value, taken := range map[float64]bool{low: true, high: true, low - step: false, high + step: false} {
		if (against(write(value)) != want) != taken && value != 0 {
			return 0, 0, fmt.Errorf("%q is not true of %v", want, write(value))
		}
	}
	return low, high, nil
}

func parse(digits string) float64 {
	value, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		panic(err) // the expressions find numbers alone
	}
	return value
}

func number(against ask) (shape, error) {
	low, high, err := span(fromTo, 1e-6, func(v float64) any { return v }, against)
	return shape{
		object{{"type", "number"}, {"minimum", low}, {"maximum", high}}, fmt.Sprintf("number, %v to %v", low, high), low, nil,
	}, err
}

// integer writes a number without a point.
func integer(v float64) any { return int64(v) }

func whole(against ask) (shape, error) {
	if against(far) == "" {
		return atLeast(against)
	}
	low, high, err := span(fromTo, 1, integer, against)
	if err != nil {
		return shape{}, err
	}
	schema := object{{"type", "integer"}, {"minimum", integer(low)}, {"maximum", integer(high)}}
	words := fmt.Sprintf("whole number, %v to %v", integer(low), integer(high))
	for step := 1; float64(step) <= high-low; step++ {
		if against(integer(low+float64(step))) != "" {
			continue
		}
		if step > 1 {
			schema, words = schema.with("multipleOf", step), fmt.Sprintf("%s, in steps of %d", words, step)
		}
		break
	}
	return shape{schema, words, integer(low), nil}, nil
}

// atLeast is a whole number without an upper end.
func atLeast(against ask) (shape, error) {
	want := against(-far)
	end := orMore.FindStringSubmatch(want)
	if end == nil {
		return shape{}, fmt.Errorf("no range in %q", want)
	}
	low := parse(end[1])
	if against(integer(low)) != "" || against(integer(low-1)) != want {
		return shape{}, fmt.Errorf("%q is not true", want)
	}
	return shape{
		object{{"type", "integer"}, {"minimum", integer(low)}}, fmt.Sprintf("whole number, %v or more", low), integer(low), nil,
	}, nil
}

func length(against ask) (shape, error) {
	low, high, err := span(fromTo, 1, integer, against)
	if err != nil {
		return shape{}, err
	}
	least, most, err := span(shares, 0.001, func(v float64) any { return fmt.Sprintf("%g%%", v) }, func(v any) string {
		if v == "1e+12%" {
			return against(far)
		}
		return against(v)
	})
	form := recipe.ShareForm
	if low >= 0 {
		form = strings.Replace(form, "-?", "", 1)
	}
	return shape{
		object{{"anyOf", []any{
			object{{"type", "integer"}, {"minimum", integer(low)}, {"maximum", integer(high)}},
			object{{"type", "string"}, {"pattern", form}, {"description", fmt.Sprintf("A share, %v%% to %v%%.", least, most)}},
		}}},
		fmt.Sprintf("[length](#lengths), %v to %v, or \"%v%%\" to \"%v%%\"", integer(low), integer(high), least, most), integer(low), nil,
	}, err
}

func ratio(against ask) (shape, error) {
	low, high, err := span(fromTo, 1e-6, func(v float64) any { return v }, against)
	return shape{
		object{{"anyOf", []any{
			object{{"type", "number"}, {"minimum", low}, {"maximum", high}},
			object{{"type", "string"}, {"pattern", recipe.RatioForm}},
		}}},
		fmt.Sprintf("[ratio](#ratios), %v to %v", low, high), 1, nil,
	}, err
}

func radii(against ask) (shape, error) {
	low, high, err := span(fromTo, 1, integer, against)
	one := object{{"type", "integer"}, {"minimum", integer(low)}, {"maximum", integer(high)}}
	return shape{
		object{{"anyOf", []any{
			one, object{{"type", "array"}, {"items", one}, {"minItems", 4}, {"maxItems", 4}}, object{{"const", "max"}},
		}}},
		fmt.Sprintf("whole number, %v to %v, four of them, or `max`", integer(low), integer(high)), integer(low), nil,
	}, err
}

// text is a colour, one of a few words, or free.
func text(form string, against ask) (shape, error) {
	want := against("?")
	switch {
	case form != "" && want != "":
		return shape{object{{"type", "string"}, {"pattern", form}}, "text", nil, nil}, nil
	case strings.Contains(want, "mirror") && strings.Contains(want, "a colour"):
		return shape{refer("backdrop"), "[colour](#colours), `blur`, `mirror` or `copy`", "red", nil}, nil
	case strings.Contains(want, "a colour"):
		return shape{refer("color"), "[colour](#colours)", "red", nil}, nil
	case want == "":
		return free(against)
	}
	var words []string
	for _, word := range commas.Split(strings.TrimPrefix(want, "one of "), -1) {
		if plain.MatchString(word) && against(word) != want {
			words = append(words, word)
		}
	}
	if len(words) < 2 {
		return shape{}, fmt.Errorf("no words in %q", want)
	}
	return shape{object{{"enum", words}}, "`" + strings.Join(words, "`, `") + "`", words[0], words}, nil
}

// free is a text of any kind, but not of any length.
func free(against ask) (shape, error) {
	want := against(strings.Repeat("a", 1<<16))
	end := atMost.FindStringSubmatch(want)
	if end == nil {
		return shape{}, fmt.Errorf("no length in %q", want)
	}
	most := int(parse(end[1]))
	if against(strings.Repeat("a", most)) != "" || against(strings.Repeat("a", most+1)) != want {
		return shape{}, fmt.Errorf("%q is not true", want)
	}
	schema, words := object{{"type", "string"}}, fmt.Sprintf("text of at most %d %s", most, end[2])
	if against("") != "" {
		schema, words = schema.with("minLength", 1), fmt.Sprintf("text of 1 to %d %s", most, end[2])
	}
	return shape{schema.with("maxLength", most), words, "a", nil}, nil
}

// tags are texts by the names of tags, of which one stands for all.
func tags(against ask) (shape, error) {
	const name = "Artist"
	value, err := free(func(text any) string { return against(map[string]any{name: text}) })
	return shape{
		object{{"type", "object"}, {"additionalProperties", value.schema}, {"maxProperties", recipe.MaxTags}},
		fmt.Sprintf("object of at most %d tags; each a %s", recipe.MaxTags, value.words),
		map[string]any{name: value.good},
		nil,
	}, err
}

// mostItems is how far lists are tried.
const mostItems = 300

func (s subject) list(name string, kind reflect.Type, against ask) (shape, error) {
	item := shape{schema: refer("layer"), words: "[step](#the-recipe)", good: object{{"op", "grayscale"}}}
	if kind != reflect.TypeFor[recipe.Step]() {
		shown, _ := s.example[name].([]any)
		var err error
		item, err = s.shapeOf("", kind, func(value any) string { return against(slices.Repeat([]any{value}, max(1, len(shown)))) })
		if err != nil {
			return item, err
		}
	}
	schema, words := object{{"type", "array"}, {"items", item.schema}}, "list; each "+item.words
	var taken []int
	for n := range mostItems {
		if against(slices.Repeat([]any{item.good}, n)) == "" {
			taken = append(taken, n)
		}
	}
	first, last := taken[0], taken[len(taken)-1]
	if last-first+1 == len(taken) && first > 0 {
		schema = schema.with("minItems", first)
	}
	if last-first+1 == len(taken) && last < mostItems-1 {
		schema, words = schema.with("maxItems", last), fmt.Sprintf("%s; at most %d", words, last)
	}
	return shape{schema, words, slices.Repeat([]any{item.good}, max(1, first)), nil}, nil
}

// part is an object within the parameters.
func (s subject) part(f field) (shape, error) {
	inner, err := s.within(f).describe()
	if err != nil {
		return shape{}, err
	}
	var words []string
	good := map[string]any{}
	for _, p := range inner.params {
		words = append(words, fmt.Sprintf("`%s` (%s)", p.name, p.words))
		if slices.Contains(inner.required(), p.name) {
			good[p.name] = p.good
		}
	}
	return shape{inner.schema(nil), "object: " + strings.Join(words, ", "), good, nil}, nil
}

// refer refers to a definition.
func refer(name string) object { return object{{"$ref", "#/$defs/" + name}} }
