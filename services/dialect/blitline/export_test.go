package blitline

import (
	"maps"
	"slices"
)

// Translated and Refused are the names of all functions that the code knows.
var (
	Translated = slices.Sorted(maps.Keys(rules))
	Refused    = slices.Sorted(maps.Keys(refused))
)
