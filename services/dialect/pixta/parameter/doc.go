// Package parameter reads the parameters of Pixta Cloud's pictures, w=400&fit=crop, and translates them into recipes. What
// Pixta does not document follows imgix, from which its own words come: names, ranges, signs and the order of a colour's
// digits. It is pure: texts in, a recipe out.
//
// The order of what is done to a picture is nowhere documented. Here it is: the page or frame, orient, trim, rect, rot and
// flip; then the size (fit); then the colours and filters, from enhance to duotone; then what is laid over it, blend, mark
// and txt; and the frame at last: mask, border and pad. README.md of package pixta has the table of what is exact.
package parameter
