// Package recipe says what to make of a picture: a tree of steps, each with one operation, and what to save.
//
// An operation is checked when a client sends it ([Recipe.Validate]) and compiled, once the size of its picture is
// known, into a few [Action]s that an engine applies to pixels. So everything that can be said of a recipe without
// pixels is said here, in plain Go: its limits, its geometry, its curves, and how little of a source has to be decoded
// for it ([MakePlan]). To add an operation, write a file op_<name>.go, name it in [Operations], and give it a golden
// picture and a judge's opinion in package vips.
package recipe
