package recipe

// Edge is what comes to lie around a picture that is put into a larger one.
type Edge string

// The edges. EdgeColour is the default.
const (
	// EdgeColour is a background of one colour.
	EdgeColour Edge = ""
	// EdgeMirror is the picture itself, reflected at its edges.
	EdgeMirror Edge = "mirror"
	// EdgeCopy is the picture's outermost pixels, drawn out.
	EdgeCopy Edge = "copy"
	// EdgeBlur is the picture itself, covering all and blurred.
	EdgeBlur Edge = "blur"
)

// readBackdrop reads a background: the name of one of the edges, or a colour, by default transparent. It fails with an
// [Error].
func readBackdrop(text string) (Edge, Colour, error) {
	switch edge := Edge(text); edge {
	case EdgeMirror, EdgeCopy, EdgeBlur:
		return edge, Colour{}, nil
	}
	colour, err := colourOr(text, Colour{})
	return EdgeColour, colour, err
}

// backdrop checks an optional background: one of the edges, or a colour.
func (c *checker) backdrop(param, text string) {
	if edge, _, err := readBackdrop(text); edge == EdgeColour && err != nil {
		c.wrong(param, text, "blur, mirror, copy, or %s", colourForms)
	}
}

// extendTo puts a picture into a larger one, none when the sizes are equal.
func extendTo(actions []Action, in Size, to Extend) []Action {
	if in == to.Size {
		return actions
	}
	return append(actions, to)
}
