package cloudinary

import (
	"bytes"
	"encoding/json"
	"strings"
)

// document is a JSON object whose members stay in the order they were added. A map would be sorted, and one struct for
// each of the many shapes would hide what they share.
type document struct{ members bytes.Buffer }

// add adds a member. The value is made of texts, numbers, and lists and structs of them.
func (d *document) add(name string, value any) *document {
	d.separate()
	d.members.Write(encode(name))
	d.members.WriteByte(':')
	d.members.Write(encode(value))
	return d
}

// addText adds a text unless it is empty.
func (d *document) addText(name, value string) *document {
	if value == "" {
		return d
	}
	return d.add(name, value)
}

// addNumber adds a number unless it is 0.
func (d *document) addNumber(name string, value int64) *document {
	if value == 0 {
		return d
	}
	return d.add(name, value)
}

// addAll adds the members of an object. What is no object adds nothing.
func (d *document) addAll(object []byte) *document {
	var compact bytes.Buffer
	if json.Compact(&compact, object) != nil || compact.Len() <= len("{}") || compact.Bytes()[0] != '{' {
		return d
	}
	d.separate()
	members := compact.Bytes()
	d.members.Write(members[1 : len(members)-1])
	return d
}

func (d *document) separate() {
	if d.members.Len() > 0 {
		d.members.WriteByte(',')
	}
}

// bytes returns the object.
func (d *document) bytes() []byte {
	return append(append([]byte{'{'}, d.members.Bytes()...), '}')
}

// MarshalJSON writes the object where it is part of another.
func (d *document) MarshalJSON() ([]byte, error) { return d.bytes(), nil }

// encode writes JSON as JavaScript's JSON.stringify would: compact, without a newline at its end, and with only those
// characters escaped that have to be. A receiver that parses a notification and writes it again to check the signature
// then gets the same bytes.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // texts, numbers, and lists and structs of them: it cannot fail
	return plain(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// plain writes the three characters themselves that the encoder escapes and JavaScript does not.
func plain(encoded []byte) []byte {
	if !bytes.Contains(encoded, []byte(`\u2028`)) && !bytes.Contains(encoded, []byte(`\u2029`)) && !bytes.Contains(encoded, []byte(`\ufffd`)) {
		return encoded
	}
	var b strings.Builder
	for text := string(encoded); text != ""; {
		at := strings.IndexByte(text, '\\')
		if at < 0 || at+1 == len(text) {
			b.WriteString(text)
			break
		}
		b.WriteString(text[:at])
		length, written := 2, text[at:at+2] // any other escape, the escaped backslash among them, stays
		for escape, character := range map[string]string{`\u2028`: "\u2028", `\u2029`: "\u2029", `\ufffd`: "\ufffd"} {
			if strings.HasPrefix(text[at:], escape) {
				length, written = len(escape), character
			}
		}
		b.WriteString(written)
		text = text[at+length:]
	}
	return []byte(b.String())
}
