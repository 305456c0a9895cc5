package blitline

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"time"

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
	// ApplicationID is the secret token of an application; empty for a job that is signed instead.
	ApplicationID string
	// Signed is set for a job that carries a signature in place of the token, because anybody can read it.
	Signed *Signed
	// Error says why the job cannot be accepted, as a sentence for the client; empty when it can. The other fields are
	// then of no use, but for ApplicationID.
	Error string
	// Refusal says why an accepted job fails, if it does: unlike a faulty job, one with an unknown function is accepted
	// and reported by its result.
	Refusal *events.Failure
	Source  Source
	// Before is what has to be made first, if anything.
	Before *job.Before
	// Pictures are the further pictures that the recipes name.
	Pictures map[string]Source
	// Recipe has an output for each save, in the order of the document. It has none when the client only asks for the
	// source's measures.
	Recipe recipe.Recipe
	// Original is where the source itself goes, if anywhere.
	Original *job.Destination
	// Compare names the pictures that the source is compared with.
	Compare []string
	// Archive packs files in place of making pictures.
	Archive *job.Archive
	// Destinations has one for each output of the recipe, nil for those that stay here; none when all do.
	Destinations []*job.Destination
	// Targets has the postback, if there is one.
	Targets []job.Target
	Details Details
	// Patience is how long to wait before a source that cannot be had is tried again.
	Patience time.Duration
}

// withoutFunctions are the kinds of sources that need none.
var withoutFunctions = []string{"gif", "zip", "pre_process_only"}

func parseJob(raw json.RawMessage, application string) Submission {
	doc, ok := openLoose(raw)
	s := Submission{ApplicationID: doc.text("application_id")}
	if s.ApplicationID == "" {
		s.ApplicationID = application
	}
	s.Signed = parseSigned(doc)
	s.Details = parseDetails(doc)
	switch functions := doc.list("functions"); {
	case !ok:
		s.Error = "A job must be a JSON object"
	case len(raw) > maxJob:
		s.Error = fmt.Sprintf("A job may have at most %d characters of JSON", maxJob)
	case s.ApplicationID == "" && s.Signed == nil:
		s.Error = "An application_id is required for every job"
	case doc.raw("src") == nil:
		s.Error = "A src is required for every job"
	case len(functions) == 0 && !doc.set("pre_process") && !slices.Contains(withoutFunctions, kindOf(doc)):
		s.Error = "At least one function is required for every job"
	default:
		s.translate(doc, functions)
	}
	return s
}

func (s *Submission) translate(doc loose, functions []json.RawMessage) {
	t := translator{details: s.Details}
	s.Patience = patience(doc)
	s.Targets = t.targets(doc, s.Details)
	s.Recipe.AsStored = s.Details.AsStored
	s.Recipe.Inspect = t.inspect(s.Details.Wishes)
	if kindOf(doc) == "zip" {
		s.Archive = t.archive(doc)
		s.Recipe, functions = recipe.Recipe{}, nil
	} else {
		s.Before = t.prepare(doc, &s.Recipe)
		s.Source = t.source(doc, &s.Recipe)
	}
	s.Recipe.Steps = append(s.Recipe.Steps, t.steps(functions, 1)...)
	if t.first != "" {
		s.Recipe.Steps = []recipe.Step{{Op: t.first, Steps: s.Recipe.Steps}}
	}
	s.Pictures, s.Details.Numbering, s.Details.Group = t.pictures, t.numbering, t.group
	s.Details.Images = t.images
	s.Original, s.Compare, s.Details.Compared = t.original, t.comparing, t.compared
	if len(s.Recipe.Steps) == 0 && (t.original != nil || len(t.comparing) > 0) {
		s.Recipe.Steps = []recipe.Step{{}} // the source is looked at, though nothing is made of it
	}
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

// patience reads wait_retry_delay, in seconds. What is out of range is five.
func patience(doc loose) time.Duration {
	seconds, given := doc.number("wait_retry_delay")
	switch {
	case !given || seconds == 0:
		return 0
	case seconds < 0 || seconds > 100:
		seconds = 5
	}
	return time.Duration(seconds * float64(time.Second))
}

func (t *translator) targets(doc loose, d Details) []job.Target {
	raw := doc.raw("postback_url")
	if raw == nil || string(raw) == `""` {
		return nil
	}
	if stored, ok := openLoose(raw); ok {
		return t.storedTarget(stored)
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

// storedTarget reads a postback that is written into a storage.
func (t *translator) storedTarget(stored loose) []job.Target {
	places := t.places(stored.object("save"))
	if len(places) == 0 {
		t.fail("A postback_url that is an object needs a save with a destination")
		return nil
	}
	var targets []job.Target
	for _, p := range places {
		if p.destination.Kind == job.DestinationFTP {
			t.refuse(UnsupportedOption, "A postback into an ftp_destination is not supported")
		}
		targets = append(targets, job.Target{Sink: job.SinkPostback, Destination: p.destination})
	}
	return targets
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
