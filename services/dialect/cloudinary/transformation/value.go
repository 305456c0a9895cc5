package transformation

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// value is what an expression comes to: a number, or a text that may be a list.
type value struct {
	number float64
	// point tells that the number was written with a point, as a share of a length is; the result of arithmetic never was.
	point  bool
	isText bool
	text   string
	list   []string // of a text, what it holds, such as tags
}

func numberValue(n float64) value { return value{number: n} }

func textValue(text string) value {
	return value{isText: true, text: text, list: strings.Split(text, ":")}
}

func listValue(list []string) value {
	return value{isText: true, text: strings.Join(list, ":"), list: list}
}

// String is the value as a parameter has it.
func (v value) String() string {
	if v.isText {
		return v.text
	}
	text := strconv.FormatFloat(v.number, 'f', -1, 64)
	if v.point && !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// asNumber reads a number also from a text, because what a client stores with a picture is text.
func (v value) asNumber() (float64, bool) {
	if !v.isText {
		return v.number, true
	}
	return parseNumber(v.text)
}

// compare tells whether the comparison holds. It returns false for ok where the two cannot be compared.
func (v value) compare(operator string, other value) (holds, ok bool) {
	switch operator {
	case "in":
		return !slices.ContainsFunc(v.list, func(one string) bool { return !slices.Contains(other.list, one) }), v.isText && other.isText
	case "nin":
		return !slices.ContainsFunc(v.list, func(one string) bool { return slices.Contains(other.list, one) }), v.isText && other.isText
	}
	a, isNumber := v.asNumber()
	b, bothNumbers := other.asNumber()
	bothNumbers = bothNumbers && isNumber
	switch operator {
	case "eq":
		return bothNumbers && a == b || !bothNumbers && v.String() == other.String(), true
	case "ne":
		return bothNumbers && a != b || !bothNumbers && v.String() != other.String(), true
	case "lt":
		return a < b, bothNumbers
	case "gt":
		return a > b, bothNumbers
	case "lte":
		return a <= b, bothNumbers
	default: // gte
		return a >= b, bothNumbers
	}
}

// parseNumber reads a decimal number, or a ratio such as 16:9. It takes neither exponents nor infinities.
func parseNumber(text string) (float64, bool) {
	if over, under, isRatio := strings.Cut(text, ":"); isRatio {
		a, okay := parseNumber(over)
		b, both := parseDecimal(under)
		return a / b, okay && both && b != 0 && !strings.Contains(over, ":")
	}
	return parseDecimal(text)
}

// longestNumber bounds the digits of a number.
const longestNumber = 20

func parseDecimal(text string) (float64, bool) {
	if text == "" || len(text) > longestNumber || strings.Trim(text, "-.0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && !math.IsInf(n, 0)
}

// wholeNumber reads a whole number within a range.
func wholeNumber(text string, low, high int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && len(text) <= longestNumber && n >= low && n <= high
}
