package blitline

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
)

// Dialect is the name of this wire format in [job.Record].
const Dialect = "blitline"

// Codes of refusals.
const (
	// UnknownFunction is the code for the name of a function that the format does not have.
	UnknownFunction = "unknown_function"
	// UnsupportedFunction is the code for a function that the format has and Ringback has not.
	UnsupportedFunction = "unsupported_function"
	// UnsupportedOption is the code for any other field that Ringback cannot honour.
	UnsupportedOption = "unsupported_option"
	// InvalidParams is the code for parameters of a function that make no sense.
	InvalidParams = "invalid_params"
)

// Submission is one job of a [Request].
type Submission struct {
	// ApplicationID is the secret token of an application.
	ApplicationID string
	// Error says why the job cannot be accepted, as a sentence for the client; empty when it can. The other fields are
	// then of no use, but for ApplicationID.
	Error string
	// Refusal says why an accepted job fails, if it does: unlike a faulty job, one with an unknown function is accepted
	// and reported by its result.
	Refusal *events.Failure
	Source  Source
	// Recipe has an output for each save, in the order of the document. It has none when the client only asks for the
	// source's measures.
	Recipe recipe.Recipe
	// Pictures are the further pictures that the recipe names.
	Pictures map[string]Source
	// Destinations has one for each output of the recipe, nil for those that stay here; none when all do.
	Destinations []*job.Destination
	// Targets has the postback, if there is one.
	Targets []job.Target
	Details Details
}

// Source is a picture: an address, an object in a bucket, the picture itself, or the result of an earlier job.
type Source struct {
	URL    string
	Object *job.Object
	Data   []byte
	// Reference is the identifier of an image that the job's pre_process makes.
	Reference string
}

func parseJob(raw json.RawMessage, application string) Submission {
	doc, ok := openLoose(raw)
	s := Submission{ApplicationID: doc.text("application_id")}
	if s.ApplicationID == "" {
		s.ApplicationID = application
	}
	s.Details = parseDetails(doc)
	switch functions := doc.list("functions"); {
	case !ok:
		s.Error = "A job must be a JSON object"
	case len(raw) > maxJob:
		s.Error = fmt.Sprintf("A job may have at most %d characters of JSON", maxJob)
	case s.ApplicationID == "":
		s.Error = "An application_id is required for every job"
	case doc.raw("src") == nil:
		s.Error = "A src is required for every job"
	case len(functions) == 0:
		s.Error = "At least one function is required for every job"
	default:
		s.translate(doc, functions)
	}
	return s
}

// unsupported are fields of a job that would change its pictures.
var unsupported = []string{"pre_process", "suppress_auto_orient"}

func (s *Submission) translate(doc loose, functions []json.RawMessage) {
	var t translator
	for _, name := range unsupported {
		if doc.set(name) {
			t.refuse(UnsupportedOption, "The option '%s' is not supported", name)
		}
	}
	s.Source = t.source(doc)
	s.Targets = t.targets(doc, s.Details)
	s.Recipe.Steps = t.steps(functions, 1)
	t.references(doc)
	s.Details.Images, s.Pictures = t.images, t.pictures
	if slices.ContainsFunc(t.destinations, func(d *job.Destination) bool { return d != nil }) {
		s.Destinations = t.destinations
	}
	s.Error, s.Refusal = t.fault, t.refusal
	if s.Error != "" || s.Refusal != nil || len(t.images) == 0 {
		return
	}
	if found := recipe.Problems(s.Recipe.Validate()); len(found) > 0 {
		s.Refusal = &events.Failure{Code: InvalidParams, Message: found[0].Error()}
	}
}

func (t *translator) source(doc loose) Source {
	kind := doc.text("src_type")
	if kind == "" {
		kind = doc.object("src_type").text("name")
	}
	switch kind {
	case "", "image":
	case "inline":
		return t.inline(doc.text("src"))
	default:
		t.refuse(UnsupportedOption, "The src_type '%s' is not supported", kind)
		return Source{}
	}
	if src, ok := openLoose(doc.raw("src")); ok {
		return t.storedSource(src)
	}
	address := doc.text("src")
	if strings.HasPrefix(address, "data:") {
		return t.inline(address)
	}
	if !validURL(address) {
		t.refuse("source_unreadable", "The src is not an http or https URL")
	}
	return Source{URL: address}
}

func (t *translator) inline(text string) Source {
	if i := strings.Index(text, ";base64,"); strings.HasPrefix(text, "data:") && i > 0 {
		text = text[i+len(";base64,"):]
	}
	text = strings.TrimRight(strings.Join(strings.Fields(text), ""), "=")
	data, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(data) == 0 {
		t.refuse("source_unreadable", "The inline src is not base 64")
	}
	return Source{Data: data}
}

// storedSource reads the object form of src.
func (t *translator) storedSource(src loose) Source {
	if name := src.text("name"); name != "s3" {
		t.refuse(UnsupportedOption, "The src of the kind '%s' is not supported", name)
		return Source{}
	}
	o := objectOf(src)
	if o.Bucket == "" || o.Key == "" {
		t.fail("The src in S3 needs both a bucket and a key")
		return Source{}
	}
	return Source{Object: &o}
}

func (t *translator) targets(doc loose, d Details) []job.Target {
	raw := doc.raw("postback_url")
	if raw == nil || string(raw) == `""` {
		return nil
	}
	if bytes.HasPrefix(raw, []byte("{")) {
		t.refuse(UnsupportedOption, "A postback_url that is an object is not supported")
		return nil
	}
	target := job.Target{Sink: job.SinkPostback, URL: doc.text("postback_url")}
	if !validURL(target.URL) {
		t.fail("The postback_url is not an http or https URL")
	}
	if d.JSON() {
		target.Headers = doc.strings("postback_headers")
	}
	for name, value := range target.Headers {
		if !headerName.MatchString(name) || !headerValue.MatchString(value) {
			t.fail("The postback_headers hold one that HTTP does not allow")
		}
	}
	return []job.Target{target}
}

// RFC 9110 §5.6.2 and §5.5: anything else would let a value begin another header.
var (
	headerName  = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	headerValue = regexp.MustCompile(`^[\t\x20-\x7e\x{80}-\x{10ffff}]*$`)
)

func validURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}
