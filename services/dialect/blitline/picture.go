package blitline

import (
	"encoding/json"
	"strings"

	"github.com/ringback/ringback/services/internal/job"
)

// pictureForms say how a further picture is named.
const pictureForms = `an http or https URL, an object such as {"name":"s3","bucket":…,"key":…}, or "&" and the identifier of an earlier image`

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

// register gives a further picture a name, and one that is named again the same.
func (c *call) register(param string, raw json.RawMessage) string {
	if !pictured(raw) {
		c.wrong(param, pictureForms)
		return ""
	}
	source := c.t.pictureSource(raw, "parameter '"+param+"' of '"+c.name+"'")
	for name, known := range c.t.pictures {
		if source.Data == nil && known.URL == source.URL && known.Reference == source.Reference && sameObject(known.Object, source.Object) {
			return name
		}
	}
	return c.t.picture(source)
}

// pictured tells whether JSON is one of the [pictureForms], or an address with the picture in it.
func pictured(raw json.RawMessage) bool {
	if _, isObject := openLoose(raw); isObject {
		return true
	}
	var address string
	if json.Unmarshal(raw, &address) != nil {
		return false
	}
	return strings.HasPrefix(address, "&") || strings.HasPrefix(address, "data:") || validURL(address)
}

func sameObject(a, b *job.Object) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
