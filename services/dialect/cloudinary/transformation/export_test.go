package transformation

import (
	"maps"
	"slices"
)

// Translated and Refused are the names in the code, each with the key that it stands behind.
var (
	Translated = names(
		prefixed("c_", modes), prefixed("g_", gravities), prefixed("e_", effects), prefixed("e_", blends), prefixed("f_", extensions),
		slices.Collect(func(yield func(string) bool) {
			for _, name := range flagNames() {
				if !yield("fl_" + name) {
					return
				}
			}
		}),
		keysThat(func(k kind) bool { return k.refused == "" }),
		[]string{"$", "f_auto", "l_public_id", "l_fetch:", "l_text:"},
	)
	Refused = names(
		prefixed("c_", refusedModes), prefixed("g_", refusedGravities), prefixed("e_", refusedEffects), prefixed("f_", refusedFormats),
		prefixed("fl_", refusedFlags), colons(prefixed("l_", refusedLayers)), keysThat(func(k kind) bool { return k.refused != "" }),
	)
)

func names(lists ...[]string) []string { return slices.Sorted(slices.Values(slices.Concat(lists...))) }

func prefixed[V any](prefix string, table map[string]V) []string {
	var all []string
	for name := range maps.Keys(table) {
		all = append(all, prefix+name)
	}
	return all
}

func colons(all []string) []string {
	for i := range all {
		all[i] += ":"
	}
	return all
}

func keysThat(wanted func(kind) bool) []string {
	var all []string
	for key, kind := range keys {
		if wanted(kind) {
			all = append(all, key+"_")
		}
	}
	return all
}
