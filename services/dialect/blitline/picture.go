package blitline

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/job"
)

// pictureForms say how a further picture is named.
const pictureForms = `an http or https URL, an object such as {"name":"s3","bucket":…,"key":…}, or "&" and the identifier of an earlier image`

// pictureSource reads where a further picture comes from. It returns false for what is none of the [pictureForms].
func (t *translator) pictureSource(raw json.RawMessage) (Source, bool) {
	if src, isObject := openLoose(raw); isObject {
		o := objectOf(src)
		return Source{Object: &o}, src.text("name") == "s3" && o.Bucket != "" && o.Key != ""
	}
	var address string
	if json.Unmarshal(raw, &address) != nil {
		return Source{}, false
	}
	address = strings.TrimSpace(address)
	if id, isReference := strings.CutPrefix(address, "&"); isReference {
		return Source{Reference: id}, id != ""
	}
	return Source{URL: address}, validURL(address)
}

// references refuses further pictures that no earlier job makes. The message, with its odd quotation mark, is the
// format's own.
func (t *translator) references(doc loose) {
	if doc.set("pre_process") {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(t.pictures)) {
		if id := t.pictures[name].Reference; id != "" {
			t.refuse("source_unreadable", "Image reference '%s'' not found. Preprocessing probably failed.", id)
		}
	}
}

// objectOf reads an object in S3. The bucket may be an object, too, which says where it is.
func objectOf(src loose) job.Object {
	o := job.Object{Bucket: src.text("bucket"), Key: strings.TrimPrefix(src.text("key"), "/"), Region: src.text("location")}
	if nested := src.object("bucket"); len(nested) > 0 {
		o.Bucket, o.Region = nested.text("name"), nested.text("location")
	}
	return o
}

// picture registers the further picture of a parameter and returns its name in the recipe.
func (c *call) picture(param string) string { return c.register(param, c.in.raw(param)) }

// pictures registers the further pictures of a list, which may be one text with commas between them.
func (c *call) pictures(param string) []string {
	items := c.in.list(param)
	if len(items) == 0 {
		for address := range strings.SplitSeq(c.in.text(param), ",") {
			if address = strings.TrimSpace(address); address != "" {
				quoted, _ := json.Marshal(address) // a text: it cannot fail
				items = append(items, quoted)
			}
		}
	}
	if len(items) == 0 {
		c.wrong(param, "a list of pictures, each "+pictureForms)
	}
	names := make([]string, 0, len(items))
	for _, item := range items {
		names = append(names, c.register(param, item))
	}
	return names
}

func (c *call) register(param string, raw json.RawMessage) string {
	source, ok := c.t.pictureSource(raw)
	if !ok {
		c.wrong(param, pictureForms)
		return ""
	}
	for name, known := range c.t.pictures {
		if known.URL == source.URL && known.Reference == source.Reference && sameObject(known.Object, source.Object) {
			return name
		}
	}
	if c.t.pictures == nil {
		c.t.pictures = map[string]Source{}
	}
	name := fmt.Sprintf("picture%d", len(c.t.pictures)+1)
	c.t.pictures[name] = source
	return name
}

func sameObject(a, b *job.Object) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
