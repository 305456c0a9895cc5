package transformation

import (
	"cmp"
	"slices"
	"strings"
)

// Canonical writes the transformation in one of the ways that mean the same: parameters are sorted inside a component, texts
// are escaped alike, and conditions end with if_end. Transformations with equal canonical forms have equal pictures.
func (t Transformation) Canonical() string { return write(t.nodes, canonical) }

func canonical(c component) string {
	sorted := slices.Clone(c)
	for i, p := range sorted {
		sorted[i].value = canonicalValue(p)
	}
	// Variables are set from left to right before anything reads them, and effects are applied in their order.
	slices.SortStableFunc(sorted, func(a, b parameter) int { return cmp.Compare(rank(a.key), rank(b.key)) })
	return sorted.String()
}

// rank is what a key is sorted by: variables come first, in the order that they have.
func rank(key string) string {
	if strings.HasPrefix(key, "$") {
		return "$"
	}
	return key
}

func canonicalValue(p parameter) string {
	switch p.key {
	case "l", "u":
		return canonicalLayer(p.value)
	case "fl":
		flags := splitFlags(p.value)
		slices.Sort(flags)
		return strings.Join(flags, ".")
	default:
		return p.value
	}
}

// canonicalLayer escapes a text layer's text as the provider's libraries do.
func canonicalLayer(value string) string {
	rest, isText := strings.CutPrefix(value, "text:")
	style, text, found := strings.Cut(rest, ":")
	if !isText || !found {
		return value
	}
	return "text:" + escapeText(unescape(style)) + ":" + escapeText(unescape(text))
}
