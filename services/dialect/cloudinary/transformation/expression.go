package transformation

import (
	"math"
	"strings"
)

// expression is arithmetic from left to right, without precedence: iw_mul_0.5_sub_10.
type expression struct {
	first term
	rest  []operation
}

type operation struct {
	operator string
	term     term
}

// term is one operand. Exactly one of the fields but the first is set; none for a literal.
type term struct {
	literal  value
	name     string // a value that is known of the picture: iw
	variable string // $size
	context  string // ctx:!key!
	metadata string // md:!key!
}

// operators do arithmetic.
var operators = map[string]func(a, b float64) float64{
	"add": func(a, b float64) float64 { return a + b },
	"sub": func(a, b float64) float64 { return a - b },
	"mul": func(a, b float64) float64 { return a * b },
	"div": func(a, b float64) float64 { return a / b },
	"mod": math.Mod,
	"pow": math.Pow,
}

// comparisons compare.
var comparisons = map[string]bool{
	"eq": true, "ne": true, "lt": true, "gt": true, "lte": true, "gte": true, "in": true, "nin": true,
}

// predefined are the values known of a picture, and how else they are written.
var predefined = map[string]string{
	"iw": "iw", "initial_width": "iw", "ih": "ih", "initial_height": "ih", "w": "w", "width": "w", "h": "h", "height": "h",
	"ar": "ar", "aspect_ratio": "ar", "iar": "iar", "initial_aspect_ratio": "iar", "dpr": "dpr", "pc": "pc", "page_count": "pc",
	"cp": "cp", "current_page": "cp", "fc": "fc", "face_count": "fc", "tags": "tags",
}

// unknowable are values that are known of no picture here, and why.
var unknowable = map[string]string{
	"tar": "the ratio after a trim is known to the pixels alone", "trimmed_aspect_ratio": "the ratio after a trim is known to the pixels alone",
	"du": "only videos have a duration", "duration": "only videos have a duration",
	"idu": "only videos have a duration", "initial_duration": "only videos have a duration",
	"ils": "nothing here judges whether a picture is an illustration", "illustration_score": "nothing here judges whether a picture is an illustration",
	"idn": "the density of a picture is not kept", "initial_density": "the density of a picture is not kept",
	"pgnames": "pages have no names here", "page_names": "pages have no names here",
	"px": "layers of documents have no places here", "page_x": "layers of documents have no places here",
	"py": "layers of documents have no places here", "page_y": "layers of documents have no places here",
}

// words takes an expression apart at the underscores that are outside of !texts!, and puts names of several words together.
func words(text string) []string {
	var parts []string
	start, quoted := 0, false
	for i, r := range text {
		switch {
		case r == '!':
			quoted = !quoted
		case r == '_' && !quoted:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	parts = append(parts, text[start:])
	var joined []string
	for len(parts) > 0 {
		n := 1
		for length := min(3, len(parts)); length > 1; length-- {
			name := strings.Join(parts[:length], "_")
			if predefined[name] != "" || unknowable[name] != "" {
				n = length
				break
			}
		}
		joined = append(joined, strings.Join(parts[:n], "_"))
		parts = parts[n:]
	}
	return joined
}

// parseExpression reads a whole text. It returns false for anything else.
func parseExpression(text string) (expression, bool) {
	e, rest, ok := takeExpression(words(text))
	return e, ok && len(rest) == 0
}

// takeExpression reads as far as there is arithmetic, and returns the words after it.
func takeExpression(tokens []string) (expression, []string, bool) {
	var e expression
	if len(tokens) == 0 {
		return e, nil, false
	}
	first, ok := parseTerm(tokens[0])
	if !ok {
		return e, nil, false
	}
	e.first, tokens = first, tokens[1:]
	for len(tokens) > 0 && operators[tokens[0]] != nil {
		if len(tokens) < 2 {
			return e, nil, false
		}
		next, ok := parseTerm(tokens[1])
		if !ok {
			return e, nil, false
		}
		e.rest, tokens = append(e.rest, operation{tokens[0], next}), tokens[2:]
	}
	return e, tokens, true
}

func parseTerm(word string) (term, bool) {
	if isVariable(word) {
		return term{variable: word}, true
	}
	if predefined[word] != "" || unknowable[word] != "" {
		return term{name: word}, true
	}
	if text, ok := quoted(word); ok {
		return term{literal: textValue(text)}, true
	}
	if key, isContext := strings.CutPrefix(word, "ctx:"); isContext {
		text, ok := quoted(key)
		return term{context: text}, ok && text != ""
	}
	if key, isMetadata := strings.CutPrefix(word, "md:"); isMetadata {
		text, ok := quoted(key)
		return term{metadata: text}, ok && text != ""
	}
	n, ok := parseNumber(word)
	return term{literal: value{number: n, point: strings.Contains(word, ".") && !strings.Contains(word, ":")}}, ok
}

// quoted reads a !text!.
func quoted(word string) (string, bool) {
	if len(word) < 2 || word[0] != '!' || word[len(word)-1] != '!' {
		return "", false
	}
	inner := word[1 : len(word)-1]
	return unescape(inner), !strings.Contains(inner, "!")
}

// isVariable tells whether a word is a dollar sign and a name of letters and digits that begins with a letter.
func isVariable(word string) bool {
	if len(word) < 2 || word[0] != '$' {
		return false
	}
	for i, b := range []byte(word[1:]) {
		letter := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
		if !letter && (i == 0 || b < '0' || b > '9') {
			return false
		}
	}
	return true
}

// surroundings say what names and variables stand for.
type surroundings interface {
	// known is the value of a term that is no literal. It fails with an [Error] when there is none.
	known(term) (value, error)
}

// evaluate does the arithmetic. It fails with an [Error] for texts in it and for results that are no numbers.
func (e expression) evaluate(in surroundings) (value, error) {
	v, err := e.first.evaluate(in)
	if err != nil || len(e.rest) == 0 {
		return v, err
	}
	total, ok := v.asNumber()
	for _, step := range e.rest {
		next, err := step.term.evaluate(in)
		if err != nil {
			return value{}, err
		}
		n, isNumber := next.asNumber()
		ok = ok && isNumber
		total = operators[step.operator](total, n)
	}
	if !ok || math.IsNaN(total) || math.IsInf(total, 0) {
		return value{}, errorf("Invalid expression in transformation: it does not come to a number")
	}
	return numberValue(total), nil
}

func (t term) evaluate(in surroundings) (value, error) {
	if t.isLiteral() {
		return t.literal, nil
	}
	return in.known(t)
}

// isLiteral tells whether the term is a number or a text as it stands.
func (t term) isLiteral() bool { return t.name+t.variable+t.context+t.metadata == "" }
