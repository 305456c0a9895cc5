package blitline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback/ringback/events"
)

// failurePrefix begins every message of a job that went wrong.
const failurePrefix = "Image processing failed. "

// size is what is told of an output.
type size struct {
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Filesize int64  `json:"filesize,omitempty"`
	Density  string `json:"density,omitempty"`
	Depth    int    `json:"depth,omitempty"`
	Quality  int    `json:"quality,omitempty"`
}

const (
	// channelDepth is how many bits a channel of every output has: the renderer writes no other.
	channelDepth = 8
	// usualDensity is what the format tells of a file that says nothing, in dots an inch.
	usualDensity = 72
)

type imageNode struct {
	Identifier string `json:"image_identifier"`
	address
	Meta  size `json:"meta"`
	Blank bool `json:"is_blank,omitempty"`
}

// pageNode is one page of a group.
type pageNode struct {
	URL        string `json:"url"`
	Identifier string `json:"image_identifier"`
}

// mergedNode and the two after it stand among the images up to version 1.19.
type mergedNode struct {
	Error  string   `json:"error"`
	Failed []string `json:"failed_image_identifiers"`
}

type errorNode struct {
	Error string `json:"error"`
}

type failedNode struct {
	Failed []string `json:"failed_image_identifiers"`
}

type results struct {
	OriginalMeta any      `json:"original_meta"`
	Images       []any    `json:"images"`
	JobID        string   `json:"job_id"`
	Errors       []string `json:"errors,omitempty"`
	Failed       []string `json:"failed_image_identifiers,omitzero"`
	// Error is "true" in failed form postbacks, and nowhere else.
	Error string `json:"error,omitempty"`
	// Compared is what phash_compare found.
	Compared *compared `json:"pre_processor_results,omitempty"`
}

// compared is how much each picture looks like the source.
type compared struct {
	Data []likeness `json:"phash_data"`
}

type likeness struct {
	Identifier string `json:"image_identifier"`
	// Ratio is the number of bits that differ: the format's own ratio is of another hash, but its bounds are those.
	Ratio string `json:"difference_ratio"`
}

type document struct {
	Results any `json:"results"`
}

// Result writes {"results": {…}}: the body of a JSON postback, and what EventBridge and pollers of new versions get.
func Result(result events.Result, details Details) []byte {
	return encode(document{build(result, details)})
}

// Postback writes the body of a postback and its content type: JSON above version 1.17 or when the job asked for it,
// else a form with the inner object in its field results.
func Postback(result events.Result, details Details) (body []byte, contentType string) {
	if details.JSON() {
		return Result(result, details), "application/json"
	}
	inner := build(result, details)
	if len(result.Errors) > 0 {
		inner.Error = "true"
	}
	form := url.Values{"results": {string(encode(inner))}}
	return []byte(form.Encode()), "application/x-www-form-urlencoded"
}

// Listen writes the reply to a poll and its content type. Up to version 1.18 results is a string of JSON, above it an
// object. With a callback, which [ValidCallback] must have passed, the reply is JSONP, whose argument is a list of one
// message.
func Listen(result events.Result, details Details, callback string) (body []byte, contentType string) {
	body = Result(result, details)
	if !details.above(118) {
		body = encode(document{string(encode(build(result, details)))})
	}
	if callback == "" || !ValidCallback(callback) {
		return body, "application/json"
	}
	// U+2028 and U+2029 end a line in old JavaScript; encode has escaped them.
	return slices.Concat([]byte(callback+"(["), body, []byte("])")), "application/javascript"
}

var callbackName = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$.]{0,127}$`)

// ValidCallback tells whether a JSONP callback is the name of a function and nothing else.
func ValidCallback(name string) bool { return callbackName.MatchString(name) }

func build(result events.Result, details Details) results {
	r := results{OriginalMeta: details.original(result), Images: []any{}, JobID: jobID(result.ID)}
	made := map[string]bool{}
	for _, out := range result.Outputs {
		image := details.image(out.ID)
		identifier := image.Identifier + details.Numbering.Suffix(out.Page)
		made[identifier] = true
		if details.Group {
			r.Images = append(r.Images, pageNode{out.URL, identifier})
			continue
		}
		r.Images = append(r.Images, imageNode{identifier, image.address(out.URL), details.sizeOf(out), out.Blank})
	}
	for _, c := range result.Compared {
		if r.Compared == nil {
			r.Compared = &compared{}
		}
		r.Compared.Data = append(r.Compared.Data, likeness{cmp.Or(details.Compared[c.Picture], c.Picture), strconv.Itoa(c.Distance)})
	}
	for _, archive := range result.Archives {
		r.Images = append(r.Images, archive.URL)
	}
	if len(result.Errors) == 0 {
		return r
	}
	messages := sentences(result.Errors)
	merged := failurePrefix + strings.Join(messages, "; ")
	switch {
	case details.above(119):
		for _, m := range messages {
			r.Errors = append(r.Errors, failurePrefix+m)
		}
		r.Failed = details.failed(result.Errors, made)
	case details.above(117):
		r.Images = append(r.Images, mergedNode{merged, details.identifiers()})
	default:
		r.Images = append(r.Images, errorNode{merged}, failedNode{details.identifiers()})
	}
	return r
}

// sizeOf tells the measures of an output, and all that is known of its file if the job asks for that.
func (d Details) sizeOf(out events.Output) size {
	s := size{Width: out.Width, Height: out.Height}
	if !d.ExtendedMetadata {
		return s
	}
	dots := cmp.Or(out.DPI, usualDensity)
	s.Filesize, s.Depth, s.Quality = out.Bytes, channelDepth, out.Quality
	s.Density = fmt.Sprintf("%dx%d", dots, dots)
	return s
}

// jobID respells a job's id for this format.
func jobID(native string) string {
	id, err := events.ParseID(native)
	if err != nil {
		return native
	}
	return id.Blitline()
}

// image finds the save of an output.
func (d Details) image(output string) Image {
	for _, image := range d.Images {
		if image.Output == output {
			return image
		}
	}
	return Image{Output: output, Identifier: output}
}

// identifiers lists every identifier once. Never nil.
func (d Details) identifiers() []string {
	all := []string{}
	for _, image := range d.Images {
		if !slices.Contains(all, image.Identifier) {
			all = append(all, image.Identifier)
		}
	}
	return all
}

// failed lists what was not made, once each: the pages that failed, or where pages play no part all that is missing. Never
// nil.
func (d Details) failed(failures []events.Failure, made map[string]bool) []string {
	missing := []string{}
	note := func(identifier string) {
		if !made[identifier] && !slices.Contains(missing, identifier) {
			missing = append(missing, identifier)
		}
	}
	for _, f := range failures {
		if f.Page > 0 {
			note(d.image(f.Output).Identifier + d.Numbering.Suffix(f.Page))
		}
	}
	if len(missing) == 0 {
		for _, identifier := range d.identifiers() {
			note(identifier)
		}
	}
	return missing
}

// sentences lists every message once, without the prefix.
func sentences(failures []events.Failure) []string {
	var all []string
	for _, f := range failures {
		message := strings.TrimPrefix(f.Message, failurePrefix)
		if !slices.Contains(all, message) {
			all = append(all, message)
		}
	}
	return all
}

// encode leaves <, > and & as they are, as the format does.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // texts, numbers and lists of them: it cannot fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
