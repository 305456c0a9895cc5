package filemobile

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Reply is what a call is answered with: one of its fields is set. It is written as JSON or as XML.
type Reply struct {
	// Scalar is a number that tells of success, or is what was asked for.
	Scalar *int
	Item   *Entry
	Page   *Page
	Begun  *Begun
	Failed *Error
}

// Entry is an item with what only its reply has.
type Entry struct {
	Item
	// Metadata is the client's own. Nested names have dots.
	Metadata map[string]string
	// Voice is what the user that the call names said of the item; nil when nobody was named, or said nothing.
	Voice *int
}

// Page is some of a list.
type Page struct {
	Total  int
	Items  []Entry
	Fields []string
}

// Begun is an upload in parts that may begin.
type Begun struct {
	ID string
	// URLs are where the parts go, by PUT, the first of them first.
	URLs []string
}

// Done is the reply of a call that only had to be done.
func Done() Reply { return Number(1) }

// Number is the reply of a call that is answered with a number.
func Number(n int) Reply { return Reply{Scalar: &n} }

// Status is how the reply says whether it was done.
func (r Reply) Status() bool { return r.Failed == nil }

// numeric are the elements that JSON has as numbers.
var numeric = map[string]bool{
	"id": true, "status": true, "filetype": true, "hits": true, "uid": true, "filesize": true, "ofilesize": true, "privacy": true,
	"moderationstatus": true, "width": true, "height": true, "length": true, "conversiontime": true, "offensive": true, "autoblog": true,
	"rating": true, "votecount": true, "commentcount": true, "approvedcomments": true, "notdeniedcomments": true, "parentid": true,
	"rotation": true, "channel": true, "geo_latitude": true, "geo_longitude": true, "moderationdeniedid": true,
}

// safeDigits is how long a number may be that every client can hold.
const safeDigits = 15

// JSON writes the reply as an object of status and result; a failed one has error in place of result.
func (r Reply) JSON() ([]byte, error) {
	var result any
	switch {
	case r.Failed != nil:
		return json.Marshal(object{
			{"status", false},
			{"error", object{{"message", r.Failed.Message}, {"type", r.Failed.Type}, {"code", 0}}},
		})
	case r.Item != nil:
		result = r.Item.object(nil)
	case r.Page != nil:
		items := []any{}
		for _, entry := range r.Page.Items {
			items = append(items, entry.object(r.Page.Fields))
		}
		result = object{{"totalCount", r.Page.Total}, {"data", items}}
	case r.Begun != nil:
		urls := []any{}
		for i, url := range r.Begun.URLs {
			urls = append(urls, object{{"url", url}, {"part", i + 1}})
		}
		result = object{{"id", jsonNumber("id", r.Begun.ID)}, {"partUrls", urls}, {"status", true}}
	default:
		result = *r.Scalar
	}
	return json.Marshal(object{{"status", true}, {"result", result}})
}

// member is one field of an object that keeps its order.
type member struct {
	name  string
	value any
}

type object []member

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// object is an entry in JSON; fields narrow it to those elements and its id.
func (e Entry) object(fields []string) object {
	var o object
	for _, f := range e.fields() {
		if len(fields) == 0 || f.name == "id" || slices.Contains(fields, f.name) {
			o = append(o, member{f.name, jsonNumber(f.name, f.value)})
		}
	}
	if len(fields) == 0 || slices.Contains(fields, "metadata") {
		o = append(o, member{"metadata", nest(e.Metadata)})
	}
	if e.Voice != nil {
		o = append(o, member{"uservote", *e.Voice})
	}
	return o
}

// jsonNumber is the text of an element as JSON has it.
func jsonNumber(name, text string) any {
	if !numeric[name] || !json.Valid([]byte(text)) || len(text) > safeDigits+1 || name == "id" && strings.Trim(text, "0123456789") != "" {
		return text
	}
	return json.Number(text)
}

// nest makes an object of names with dots.
func nest(fields map[string]string) map[string]any {
	nested := map[string]any{}
	for name, value := range fields {
		at := nested
		steps := strings.Split(name, ".")
		for _, step := range steps[:len(steps)-1] {
			inner, ok := at[step].(map[string]any)
			if !ok {
				inner = map[string]any{}
				at[step] = inner
			}
			at = inner
		}
		if _, taken := at[steps[len(steps)-1]].(map[string]any); !taken {
			at[steps[len(steps)-1]] = value
		}
	}
	return nested
}

// XML writes the reply as a document: a result, or an error.
func (r Reply) XML() []byte {
	var b bytes.Buffer
	switch {
	case r.Failed != nil:
		b.WriteString(xml.Header)
		open(&b, "error")
		element(&b, "message", r.Failed.Message)
		element(&b, "type", r.Failed.Type)
		element(&b, "code", "0")
		b.WriteString("</error>\n")
	case r.Item != nil:
		return MarshalResult(r.Item.Item)
	case r.Page != nil:
		b.WriteString(xml.Header)
		open(&b, "result")
		element(&b, "totalCount", strconv.Itoa(r.Page.Total))
		open(&b, "data")
		for _, entry := range r.Page.Items {
			open(&b, "item")
			for _, f := range entry.fields() {
				if len(r.Page.Fields) == 0 || f.name == "id" || slices.Contains(r.Page.Fields, f.name) {
					element(&b, f.name, f.value)
				}
			}
			b.WriteString("</item>\n")
		}
		b.WriteString("</data>\n</result>\n")
	case r.Begun != nil:
		b.WriteString(xml.Header)
		open(&b, "result")
		element(&b, "id", r.Begun.ID)
		open(&b, "partUrls")
		for i, url := range r.Begun.URLs {
			open(&b, "item")
			element(&b, "url", url)
			element(&b, "part", strconv.Itoa(i+1))
			b.WriteString("</item>\n")
		}
		b.WriteString("</partUrls>\n")
		element(&b, "status", "1")
		b.WriteString("</result>\n")
	default:
		b.WriteString(xml.Header)
		element(&b, "result", strconv.Itoa(*r.Scalar))
	}
	return b.Bytes()
}

func open(b *bytes.Buffer, name string) { b.WriteString("<" + name + ">\n") }

func element(b *bytes.Buffer, name, text string) {
	b.WriteString("<" + name + ">")
	_ = xml.EscapeText(b, []byte(text)) // a buffer takes everything
	b.WriteString("</" + name + ">\n")
}

var callbackName = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$.\[\]]{0,199}$`)

// Padded wraps JSON into a call of a function, for pages of other sites. It fails with an [*Error] for what is no name.
func Padded(function string, body []byte) ([]byte, error) {
	if !callbackName.MatchString(function) {
		return nil, invalid("callBack has to be the name of a function")
	}
	// The comment keeps others from making the beginning of the answer mean something else.
	return slices.Concat([]byte("/**/"), []byte(function), []byte("("), body, []byte(");")), nil
}
