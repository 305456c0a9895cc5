package blitline

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// loose reads a JSON object as the clients of the format write it: null is absent, numbers and booleans may be strings.
type loose map[string]json.RawMessage

// openLoose reads raw as an object. Absent, null and anything that is no object give an empty one and false.
func openLoose(raw json.RawMessage) (loose, bool) {
	var l loose
	if err := json.Unmarshal(raw, &l); err != nil || l == nil {
		return loose{}, false
	}
	return l, true
}

// raw is the field's JSON, nil when it is absent or null.
func (l loose) raw(name string) json.RawMessage {
	raw := bytes.TrimSpace(l[name])
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	return raw
}

// text is a string, or the digits of a number, or "".
func (l loose) text(name string) string {
	raw := l.raw(name)
	if raw == nil {
		return ""
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	if raw[0] == '{' || raw[0] == '[' {
		return ""
	}
	return string(raw)
}

var leadingNumber = regexp.MustCompile(`^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?`)

// number is the number that the field starts with, 0 when there is none. given tells that the field is there.
func (l loose) number(name string) (value float64, given bool) {
	text := l.text(name)
	if text == "" {
		return 0, false
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(leadingNumber.FindString(text)), 64)
	if err != nil || math.IsInf(value, 0) {
		return 0, true
	}
	return value, true
}

// numberOr is the number, or other when the field is absent.
func (l loose) numberOr(name string, other float64) float64 {
	if value, given := l.number(name); given {
		return value
	}
	return other
}

// truth is true for true, 1, "true" and "1".
func (l loose) truth(name string) bool {
	switch strings.ToLower(l.text(name)) {
	case "true", "1":
		return true
	}
	return false
}

// set tells that the field asks for something: it is there and neither false nor empty nor 0.
func (l loose) set(name string) bool {
	switch strings.ToLower(string(l.raw(name))) {
	case "", "false", `"false"`, `""`, "0", `"0"`, "{}", "[]":
		return false
	}
	return true
}

func (l loose) object(name string) loose {
	o, _ := openLoose(l.raw(name))
	return o
}

func (l loose) list(name string) []json.RawMessage {
	var items []json.RawMessage
	_ = json.Unmarshal(l.raw(name), &items) // anything but a list counts as absent
	return items
}

// strings is an object of texts; nil when it is empty.
func (l loose) strings(name string) map[string]string {
	o := l.object(name)
	if len(o) == 0 {
		return nil
	}
	all := make(map[string]string, len(o))
	for key := range o {
		all[key] = o.text(key)
	}
	return all
}
