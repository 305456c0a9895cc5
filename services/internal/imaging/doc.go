// Package imaging turns one picture into others: the pool of child processes that do the work, what they are told and
// what they answer. It is pure Go; the pixels are touched in package vips alone, which only the renderer links.
//
// What can be asked for is package recipe's, and for people in services/docs/OPERATIONS.md. [recipe.Recipe.Validate]
// refuses what no renderer could do. [recipe.MakePlan] decides how to decode the source: how far it may be shrunk while it
// is read, and in which order its pixels are wanted. A [recipe.Operation] becomes a few [recipe.Action] values for the
// picture's size; those are all that package vips has to know.
package imaging
