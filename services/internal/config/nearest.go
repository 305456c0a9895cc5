package config

import "strings"

// nearest returns the candidate that takes the fewest single-character edits to make from name, or "" when even that
// one differs in more than a third of its characters, which is no longer a slip of the finger.
func nearest(name string, candidates []string) string {
	name = strings.TrimPrefix(name, prefix)
	best, least := "", 0
	for _, c := range candidates {
		d := distance(name, strings.TrimPrefix(c, prefix))
		if best == "" || d < least {
			best, least = c, d
		}
	}
	if least > max(2, len(name)/3) {
		return ""
	}
	return best
}

// distance is the Levenshtein distance, kept in one row.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
