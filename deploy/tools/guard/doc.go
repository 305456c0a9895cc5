// Package guard holds the rules of the repository that no compiler knows: which modules there are, what they may
// require, where files may lie. They are tests, so that `go test work` proves them with everything else.
package guard
