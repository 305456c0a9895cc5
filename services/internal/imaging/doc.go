// Package imaging turns one picture into others: the recipe, its operations and the pool of child processes that do
// the work. It is pure Go; the pixels are touched in package vips alone, which only the renderer links.
//
// # Operations
//
// A step names one operation and its params. Lengths are in pixels of the upright picture, whatever its EXIF
// orientation says.
//
//	op         params (* required)                                       result
//	resize     width, height (at least one), or scale                    exactly that size
//	fit        width, height (at least one), enlarge=false               inside the box, whole picture, ratio kept
//	fill       width*, height*, gravity=center, enlarge=true             covers the box, the rest cut off
//	crop       x, y, width*, height*, or gravity, width*, height*        that part of the picture
//	rotate     degrees*, background=transparent                          turned clockwise
//	blur       sigma=1.5                                                 Gaussian blur
//	sharpen    sigma=1                                                   sharper edges
//	grayscale  none                                                      shades of gray
//	sepia      strength=1                                                brown tones
//
// Gravity is one of north_west, north, north_east, west, center, east, south_west, south, south_east, and the two that
// look at the picture: attention and entropy.
//
// # From a recipe to pixels
//
// [Recipe.Validate] refuses what no renderer could do. [MakePlan] decides how to decode the source: how far it may be
// shrunk while it is read, and in which order its pixels are wanted. An [Operation] becomes a few [Action] values for the
// picture's size; those are all that package vips has to know.
package imaging
