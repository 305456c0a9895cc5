package cloudinary

import (
	"bytes"
	"strconv"
	"strings"
)

// object is a JSON object whose fields keep the order in which they were added.
type object struct{ fields bytes.Buffer }

func (o *object) add(name string, value any) {
	if o.fields.Len() > 0 {
		o.fields.WriteByte(',')
	}
	o.fields.Write(encode(name))
	o.fields.WriteByte(':')
	o.fields.Write(encode(value))
}

// merge adds the fields of a struct, or of another object.
func (o *object) merge(fields any) {
	raw := encode(fields)
	inner := raw[1 : len(raw)-1]
	if len(inner) == 0 {
		return
	}
	if o.fields.Len() > 0 {
		o.fields.WriteByte(',')
	}
	o.fields.Write(inner)
}

func (o *object) bytes() []byte {
	return append(append([]byte{'{'}, o.fields.Bytes()...), '}')
}

// onePage puts the number of a page in the place of all pages.
func onePage(transformation string, page int) string {
	return strings.Replace(transformation, "pg_all", "pg_"+strconv.Itoa(page), 1)
}
