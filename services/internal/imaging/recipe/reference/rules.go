package main

import (
	"fmt"
	"slices"
	"strings"
)

// param is a parameter with its shape.
type param struct {
	field
	shape
}

// text is what is said of the parameter. Words that can be its value keep their spelling.
func (p param) text(said map[string]string) string {
	text := said[p.name]
	first, _, _ := strings.Cut(text, " ")
	if lower := strings.ToLower(strings.Trim(first, ",")); slices.Contains(p.choices, lower) {
		return strings.ToLower(text[:1]) + text[1:]
	}
	return text
}

// description is all that was found out about a subject.
type description struct {
	subject
	params []param
	// needed are lists of parameters, one of which has to be there.
	needed [][]string
	// excluded are lists of parameters that cannot be there together.
	excluded [][]string
	// barred are words with which a parameter cannot be there.
	barred []barrier
	// bound are words that want words of other parameters beside them.
	bound []bond
}

type barrier struct {
	param string
	words []string
	other string
}

type bond struct {
	param, word, other string
	words              []string
}

// describe finds out what a subject takes.
func (s subject) describe() (description, error) {
	d := description{subject: s}
	for _, f := range s.fields {
		made, err := s.shape(f)
		if err != nil {
			return d, err
		}
		d.params = append(d.params, param{f, made})
	}
	d.findNeeded()
	d.findExcluded()
	d.findWords()
	return d, nil
}

// required are the parameters that nothing takes the place of.
func (d description) required() []string {
	var names []string
	for _, set := range d.needed {
		if len(set) == 1 {
			names = append(names, set[0])
		}
	}
	return names
}

// with is a good value for each of the parameters.
func (d description) with(names ...string) map[string]any {
	params := map[string]any{}
	for _, p := range d.params {
		if slices.Contains(names, p.name) && p.good != nil {
			params[p.name] = p.good
		}
	}
	return params
}

// misses is what the code wants beside the parameters, in its own words.
func (d description) misses(params map[string]any) string {
	var missing []string
	for _, f := range d.try(params) {
		if _, given := params[f.param]; f.value == nil || !given {
			missing = append(missing, f.param+": "+f.want)
		}
	}
	return strings.Join(missing, "\n")
}

// clashes tells whether the code has anything against parameters that are there.
func (d description) clashes(params map[string]any) bool {
	return slices.ContainsFunc(d.try(params), func(f finding) bool {
		_, given := params[f.param]
		return f.value != nil && given
	})
}

// findNeeded takes parameters away from all that make a difference, fewest first, until something is missing.
func (d *description) findNeeded() {
	none := d.misses(nil)
	var matter []string
	for _, p := range d.params {
		if d.misses(d.with(p.name)) != none {
			matter = append(matter, p.name)
		}
	}
	for size := range len(matter) {
		for _, left := range choose(matter, size+1) {
			kept := slices.DeleteFunc(slices.Clone(matter), func(name string) bool { return slices.Contains(left, name) })
			if !covered(d.needed, left) && d.misses(d.with(kept...)) != "" {
				d.needed = append(d.needed, left)
			}
		}
	}
}

// findExcluded tries pairs and threes. A parameter that cannot stand alone is left to the code.
func (d *description) findExcluded() {
	var names []string
	for _, p := range d.params {
		if !d.clashes(d.with(p.name)) {
			names = append(names, p.name)
		}
	}
	for _, size := range []int{2, 3} {
		for _, set := range choose(names, size) {
			if !covered(d.excluded, set) && d.clashes(d.with(set...)) {
				d.excluded = append(d.excluded, set)
			}
		}
	}
}

// findWords tries every word beside every other parameter, and every word beside it.
func (d *description) findWords() {
	for _, p := range d.params {
		others := slices.DeleteFunc(slices.Clone(d.params), func(o param) bool {
			return o.name == p.name || covered(d.excluded, []string{p.name, o.name}) || d.clashes(d.with(o.name))
		})
		for _, word := range p.choices {
			for _, other := range others {
				if d.clashes(map[string]any{p.name: word}) {
					d.bind(p.name, word, other)
				} else if params := d.with(other.name); d.clashes(set(params, p.name, word)) {
					d.bar(p.name, word, other.name)
				}
			}
		}
	}
}

// bar notes that a word and a parameter exclude each other.
func (d *description) bar(name, word, other string) {
	for i, b := range d.barred {
		if b.param == name && b.other == other {
			d.barred[i].words = append(b.words, word)
			return
		}
	}
	d.barred = append(d.barred, barrier{name, []string{word}, other})
}

// bind notes the words of another parameter with which a word is taken.
func (d *description) bind(name, word string, other param) {
	var with []string
	for _, choice := range other.choices {
		if !d.clashes(map[string]any{name: word, other.name: choice}) {
			with = append(with, choice)
		}
	}
	if len(with) > 0 {
		d.bound = append(d.bound, bond{name, word, other.name, with})
	}
}

func set(params map[string]any, name string, value any) map[string]any {
	params[name] = value
	return params
}

// choose lists all choices of so many names, in their order.
func choose(names []string, size int) [][]string {
	if size == 0 {
		return [][]string{nil}
	}
	var all [][]string
	for i := range names {
		for _, rest := range choose(names[i+1:], size-1) {
			all = append(all, append([]string{names[i]}, rest...))
		}
	}
	return all
}

// covered tells whether a set holds one that is listed already.
func covered(list [][]string, names []string) bool {
	return slices.ContainsFunc(list, func(known []string) bool {
		return !slices.ContainsFunc(known, func(name string) bool { return !slices.Contains(names, name) })
	})
}

// notes say the rules to people.
func (d description) notes() []string {
	var needs []string
	for _, names := range d.needed {
		if len(names) > 1 {
			needs = append(needs, or(names))
		}
	}
	var notes []string
	if len(needs) > 0 {
		notes = append(notes, "It needs "+strings.Join(needs, ", and ")+".")
	}
	var pairs, threes grouped
	for _, names := range d.excluded {
		if len(names) == 2 {
			pairs = pairs.add(names[0], names[1])
		} else {
			threes = threes.add(and(names), "")
		}
	}
	for _, p := range pairs.turned() {
		notes = append(notes, fmt.Sprintf("With %s there is no %s.", or(p.names), or(p.others)))
	}
	for _, t := range threes {
		notes = append(notes, fmt.Sprintf("Not all of %s go together.", t.names[0]))
	}
	var words grouped
	for _, b := range d.barred {
		words = words.add(b.other, "the "+b.param+" "+or(b.words))
	}
	for _, w := range words.turned() {
		notes = append(notes, fmt.Sprintf("With %s there is no %s.", strings.Join(w.others, " and "), or(w.names)))
	}
	for _, b := range d.bound {
		notes = append(notes, fmt.Sprintf("The %s `%s` needs the %s %s.", b.param, b.word, b.other, or(b.words)))
	}
	return notes
}

// grouped are names with what belongs to them.
type grouped []struct{ names, others []string }

func (g grouped) add(name, other string) grouped {
	for i := range g {
		if g[i].names[0] == name {
			g[i].others = append(g[i].others, other)
			return g
		}
	}
	return append(g, struct{ names, others []string }{[]string{name}, []string{other}})
}

// turned puts names together to which the same belongs.
func (g grouped) turned() grouped {
	var all grouped
next:
	for _, one := range g {
		for i := range all {
			if slices.Equal(all[i].others, one.others) {
				all[i].names = append(all[i].names, one.names...)
				continue next
			}
		}
		all = append(all, one)
	}
	return all
}

func or(names []string) string  { return listed(names, "or") }
func and(names []string) string { return listed(names, "and") }

func listed(names []string, word string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = "`" + name + "`"
	}
	last := len(quoted) - 1
	if last == 0 {
		return quoted[0]
	}
	return strings.Join(quoted[:last], ", ") + " " + word + " " + quoted[last]
}
