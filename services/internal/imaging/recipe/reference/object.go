package main

import (
	"bytes"
	"encoding/json"
)

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// with adds a member, unless its value is empty.
func (o object) with(name string, value any) object {
	switch v := value.(type) {
	case []any:
		if len(v) == 0 {
			return o
		}
	case []string:
		if len(v) == 0 {
			return o
		}
	case string:
		if v == "" {
			return o
		}
	}
	return append(o, member{name, value})
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(encode(m.name))
		out.WriteByte(':')
		out.Write(encode(m.value))
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// encode writes JSON as people read it: without escapes for HTML.
func encode(value any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // whatever is written here can be
	}
	return bytes.TrimSpace(out.Bytes())
}
