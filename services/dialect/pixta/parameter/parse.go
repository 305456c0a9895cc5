package parameter

import (
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Params are the parameters of one picture by their names, each with one value that was checked.
type Params struct {
	values map[string]string
}

// Options say how strictly parameters are read.
type Options struct {
	// IgnoreUnknown passes over names that mean nothing, and over names and values that cannot be had here, in place of
	// an error.
	IgnoreUnknown bool
}

// Parse reads parameters. A name may be an alias, or end in 64 with its value in base64url. Of a name that is there twice
// the last value counts, but for auto, whose values add up. It fails with an [*Error] that lists everything that is wrong.
func Parse(given url.Values, options Options) (Params, error) {
	p := Params{values: map[string]string{}}
	problems := &Error{}
	for _, spelling := range slices.Sorted(maps.Keys(given)) {
		name, value, ok := read(spelling, given[spelling])
		if !ok {
			problems.invalid(name, value, "base64url")
			continue
		}
		d, known := definitions[name]
		switch {
		case !known && options.IgnoreUnknown, d.because != "" && options.IgnoreUnknown:
		case !known:
			problems.Unknown = append(problems.Unknown, shortened(spelling))
		case d.because != "":
			problems.unsupported(name, value, d.because)
		case value == "":
			// A parameter without a value is one that is not there, as in a form that was left blank.
		default:
			p.add(name, value, d, options, problems)
		}
	}
	return p, problems.orNil()
}

// read finds the name that a spelling stands for, and its value; false when that is no base64.
func read(spelling string, values []string) (name, value string, ok bool) {
	name, ok = spelling, true
	if len(values) > 0 {
		value = values[len(values)-1]
	}
	if plain, encoded := strings.CutSuffix(spelling, "64"); encoded {
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(value, "="))
		name = plain
		if ok = err == nil; ok {
			value = string(raw)
		}
	}
	if full, is := aliases[name]; is {
		name = full
	}
	if name == "auto" {
		value = strings.Join(values, ",")
	}
	return name, value, ok
}

// add checks one value and keeps it.
func (p Params) add(name, value string, d definition, options Options, problems *Error) {
	if d.outside && name != "expires" {
		p.values[name] = value
		return
	}
	kept, why := d.without(value)
	switch {
	case why != "" && options.IgnoreUnknown, kept == "" && why == "":
		return
	case why != "":
		problems.unsupported(name, value, why)
		return
	}
	if want := d.check(kept); want != "" {
		problems.invalid(name, value, want)
		return
	}
	p.values[name] = kept
}

// without drops words of a list that cannot be had here while others are there to fall back on; why says that none is.
func (d definition) without(value string) (kept, why string) {
	if len(d.refused) == 0 {
		return value, ""
	}
	if d.kind != words {
		return value, d.refused[value]
	}
	var left []string
	for part := range strings.SplitSeq(value, ",") {
		if reason, refused := d.refused[strings.TrimSpace(part)]; refused {
			why = reason
			continue
		}
		left = append(left, part)
	}
	if len(left) > 0 {
		why = ""
	}
	return strings.Join(left, ","), why
}

// Get is the value of a parameter by its name, empty when it is not there.
func (p Params) Get(name string) string { return p.values[name] }

// Canonical writes what bears on the pixels, always the same way: what has one spelling is made once.
func (p Params) Canonical() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(p.values)) {
		if !definitions[name].outside {
			parts = append(parts, name+"="+url.QueryEscape(p.values[name]))
		}
	}
	return strings.Join(parts, "&")
}
