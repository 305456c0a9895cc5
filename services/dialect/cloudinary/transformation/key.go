package transformation

import (
	"slices"
	"strings"
)

// kind is what is known of a key without a picture.
type kind struct {
	// name is the provider's word in messages.
	name string
	// refused says why the parameter is never translated; empty when it is.
	refused string
	// readsVariables tells that the check of its values understands variables.
	readsVariables bool
}

const onlyVideo = "it is for videos, and only pictures are made here"

// repeatable are keys that may be there several times in a component.
var repeatable = map[string]bool{"e": true, "fl": true}

// keys are all parameters.
var keys = map[string]kind{
	"a":   {name: "angle"},
	"ar":  {name: "aspect ratio", readsVariables: true},
	"b":   {name: "background"},
	"bo":  {name: "border"},
	"c":   {name: "crop mode"},
	"co":  {name: "color"},
	"cs":  {name: "color space"},
	"d":   {name: "default image"},
	"dl":  {name: "delay"},
	"dn":  {name: "density"},
	"dpr": {name: "dpr", readsVariables: true},
	"e":   {name: "effect"},
	"f":   {name: "format"},
	"fl":  {name: "flag"},
	"g":   {name: "gravity"},
	"h":   {name: "height", readsVariables: true},
	"if":  {name: "condition", readsVariables: true},
	"l":   {name: "overlay"},
	"o":   {name: "opacity", readsVariables: true},
	"pg":  {name: "page"},
	"q":   {name: "quality"},
	"r":   {name: "radius", readsVariables: true},
	"t":   {name: "named transformation"},
	"u":   {name: "underlay"},
	"w":   {name: "width", readsVariables: true},
	"x":   {name: "x", readsVariables: true},
	"y":   {name: "y", readsVariables: true},
	"z":   {name: "zoom", readsVariables: true},
	"ac":  {name: "audio codec", refused: onlyVideo},
	"af":  {name: "audio frequency", refused: onlyVideo},
	"br":  {name: "bit rate", refused: onlyVideo},
	"du":  {name: "duration", refused: onlyVideo},
	"eo":  {name: "end offset", refused: onlyVideo},
	"fn":  {name: "custom function", refused: "functions of the client's own are not run here"},
	"fps": {name: "frame rate", refused: onlyVideo},
	"ki":  {name: "keyframe interval", refused: onlyVideo},
	"so":  {name: "start offset", refused: onlyVideo},
	"sp":  {name: "streaming profile", refused: onlyVideo},
	"vc":  {name: "video codec", refused: onlyVideo},
	"vs":  {name: "video sampling", refused: onlyVideo},
}

// checks are what fails with an [Error] for a value that a parameter cannot have. A value that is known but cannot be done
// passes: the translation says why.
var checks = map[string]func(value string) error{
	"a":   checkAngle,
	"ar":  checkRatio,
	"b":   checkBackground,
	"bo":  checkBorder,
	"c":   checkMode,
	"co":  checkColour("color"),
	"cs":  checkSpace,
	"d":   anything,
	"dl":  checkWhole("delay", 1, 60_000),
	"dn":  checkWhole("density", 1, 1200),
	"dpr": checkDPR,
	"e":   checkEffect,
	"f":   checkFormat,
	"fl":  checkFlags,
	"g":   checkGravity,
	"h":   checkEdge("height"),
	"if":  checkCondition,
	"l":   checkLayer("overlay"),
	"o":   checkNumber("opacity", 0, 100),
	"pg":  checkPage,
	"q":   checkQuality,
	"r":   checkRadius,
	"t":   checkNamed,
	"u":   checkLayer("underlay"),
	"w":   checkEdge("width"),
	"x":   checkOffset("x"),
	"y":   checkOffset("y"),
	"z":   checkNumber("zoom", 0.01, 100),
}

// expressed are the keys whose values are expressions; in other values a variable is replaced by its text.
var expressed = []string{"ar", "dpr", "h", "o", "w", "x", "y", "z", "if"}

func anything(string) error { return nil }

// checkEdge checks a width or a height: auto, or arithmetic; a plain number is above 0.
func checkEdge(name string) func(string) error {
	return func(text string) error {
		if text == "auto" || strings.HasPrefix(text, "auto:") {
			return nil
		}
		e, ok := parseExpression(text)
		if !ok || e.isText() || e.plain() && e.first.literal.number <= 0 {
			return invalid(name, text)
		}
		return nil
	}
}

// checkOffset checks arithmetic that may come to a negative number.
func checkOffset(name string) func(string) error {
	return func(text string) error {
		if e, ok := parseExpression(text); !ok || e.isText() {
			return invalid(name, text)
		}
		return nil
	}
}

// checkNumber checks arithmetic; a plain number is within the range.
func checkNumber(name string, low, high float64) func(string) error {
	return func(text string) error {
		e, ok := parseExpression(text)
		if n := e.first.literal.number; !ok || e.isText() || e.plain() && (n < low || n > high) {
			return invalid(name, text)
		}
		return nil
	}
}

func checkRatio(text string) error { return checkNumber("aspect ratio", 0.001, 1000)(text) }

func checkDPR(text string) error {
	if text == "auto" {
		return nil
	}
	return checkNumber("dpr", 0.1, 10)(text)
}

func checkWhole(name string, low, high int) func(string) error {
	return func(text string) error {
		if _, ok := wholeNumber(text, low, high); !ok {
			return invalid(name, text)
		}
		return nil
	}
}

func checkNamed(text string) error {
	if slices.Contains(strings.Split(text, "."), "") {
		return invalid("named transformation", text)
	}
	return nil
}

// plain tells whether the expression is a number and nothing else.
func (e expression) plain() bool { return len(e.rest) == 0 && e.first.isLiteral() }

// isText tells whether the expression is a text and nothing else.
func (e expression) isText() bool { return e.plain() && e.first.literal.isText }
