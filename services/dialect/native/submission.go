package native

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/media"
)

const (
	// maxMetadata bounds the client's own data, which travels in every event of the job, in bytes.
	maxMetadata = 16 << 10
	// maxMediaID bounds the name of a media item, in bytes; it becomes a subject token of up to three times that.
	maxMediaID = 128
)

// Dialect is the name of this wire format in [job.Record].
const Dialect = "native"

// Submission is a request that can be accepted.
type Submission struct {
	// Source is empty when the picture is in the upload, or when the recipe has no steps and needs none.
	Source Source
	// Pictures are the further pictures that the recipe names.
	Pictures map[string]Source
	Recipe   recipe.Recipe
	// Destinations are where outputs go, by their index in the recipe; none for those that stay here.
	Destinations [][]Place
	// Targets are where the client wants to be told, in the order of the request.
	Targets []job.Target
	// Metadata is the client's own JSON object as it was sent; nil when there was none.
	Metadata json.RawMessage
	// Media is the item that the job belongs to; never nil when a target is a callback.
	Media *events.MediaRef
	Class job.Class
}

// Place is an object at one of the application's sources or destinations.
type Place struct {
	// Name is the source's, or its id, or the destination's.
	Name string
	Key  string
}

// Source is the picture of a [Submission]: an address, an object of a source, the picture itself, or an upload.
type Source struct {
	// Place is an object of one of the application's sources; its name is empty for the others.
	Place Place
	// URL is an http or https address.
	URL string
	// Data is the picture of a data URI (RFC 2397); nil when there is an address.
	Data []byte
	// ContentType is what the data URI claims the picture to be.
	ContentType string
	// Upload is the id of an upload, as it was sent.
	Upload string
}

// Parse reads the JSON of a native job. hasUpload tells that the picture came as another part of the same request, so
// that the document must not name one. Every failure is a [*Problem] of type [InvalidRequest] that lists each field that
// is unknown, missing or of a wrong type or value.
func Parse(body []byte, hasUpload bool) (Submission, error) {
	var syntax *json.SyntaxError
	if err := json.Unmarshal(body, new(json.RawMessage)); errors.As(err, &syntax) {
		return Submission{}, NewProblem(InvalidRequest, fmt.Sprintf("not JSON at byte %d: %s", syntax.Offset, syntax))
	}
	p := &parser{}
	s := Submission{Class: job.Standard}
	root, ok := p.open("", body)
	if ok {
		s.Recipe = p.recipe(root)
		if slices.ContainsFunc(p.destinations, func(places []Place) bool { return places != nil }) {
			s.Destinations = p.destinations
		}
		s.Source = p.source(root, !hasUpload && len(s.Recipe.Steps) > 0, hasUpload)
		s.Pictures = p.pictures(root, s.Recipe)
		s.Targets = p.targets(root)
		s.Metadata = p.metadata(root)
		s.Media = p.media(root)
		s.Class = p.class(root)
		root.close()
		p.requireMedia(s)
	}
	if len(p.errs) > 0 {
		return Submission{}, &Problem{Type: InvalidRequest, Errors: p.errs}
	}
	return s, nil
}

// pictures reads the further pictures, and insists on those that the recipe names.
func (p *parser) pictures(root *object, r recipe.Recipe) map[string]Source {
	o, ok := root.object("pictures")
	pictures := map[string]Source{}
	if ok {
		for _, name := range slices.Sorted(maps.Keys(o.fields)) {
			if one, ok := o.object(name); ok {
				pictures[name] = p.address(o, name, one)
			}
		}
	}
	for _, name := range r.Pictures() {
		if _, given := pictures[name]; !given && (o == nil || ok) {
			p.fail("pictures."+name, nil, wantSource+", because the recipe names this picture")
		}
	}
	if len(pictures) == 0 {
		return nil
	}
	return pictures
}

// wantSource is what a picture has to be.
const wantSource = "an object with one of url, data, upload, and source with key"

func (p *parser) source(root *object, required, hasUpload bool) Source {
	const want = wantSource
	o, ok := root.object("source")
	if o == nil {
		if required {
			root.fail("source", want)
		}
		return Source{}
	}
	if !ok {
		return Source{}
	}
	if hasUpload {
		root.fail("source", "no source beside the uploaded picture")
	}
	return p.address(root, "source", o)
}

// address reads a picture: where it is, or the picture itself.
func (p *parser) address(parent *object, field string, o *object) Source {
	defer o.close()
	address, hasURL := o.text("url", wantURL)
	data, hasData := o.text("data", wantData)
	upload, hasUpload := o.text("upload", wantUpload)
	place, hasPlace := p.place(o, "source", wantPlace)
	switch {
	case count(hasURL, hasData, hasUpload, hasPlace) != 1:
		if hasURL || hasData || hasUpload || hasPlace || len(o.fields) == 0 {
			parent.fail(field, wantSource)
		}
		return Source{}
	case hasUpload:
		if _, err := ParseUploadID(upload); err != nil {
			o.fail("upload", wantUpload)
		}
		return Source{Upload: upload}
	case hasPlace:
		return Source{Place: place}
	case hasURL:
		if !validURL(address) {
			o.fail("url", wantURL)
		}
		return Source{URL: address}
	}
	picture, contentType, err := parseDataURI(data)
	if err != nil {
		o.fail("data", wantData)
	}
	return Source{Data: picture, ContentType: contentType}
}

// wantUpload is what names an upload.
const wantUpload = "the id of an upload, as POST /v1/uploads gave it"

// count is how many of the conditions hold.
func count(conditions ...bool) (n int) {
	for _, holds := range conditions {
		if holds {
			n++
		}
	}
	return n
}

func (p *parser) metadata(root *object) json.RawMessage {
	const want = "a JSON object of at most 16 KiB"
	raw, ok := root.take("metadata")
	if !ok {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil || fields == nil || len(raw) > maxMetadata {
		root.fail("metadata", want)
		return nil
	}
	return raw
}

func (p *parser) media(root *object) *events.MediaRef {
	o, ok := root.object("media")
	if !ok {
		return nil
	}
	defer o.close()
	const want = "the item's id, a string of 1 to 128 bytes without control characters"
	id, ok := o.text("id", want)
	if !ok && o.fields["id"] != nil {
		return nil
	}
	if id == "" || media.Flaw(id, maxMediaID) != "" {
		o.fail("id", want)
	}
	return &events.MediaRef{ID: id}
}

func (p *parser) class(root *object) job.Class {
	const want = `"high", "standard" or "bulk"`
	text, ok := root.text("priority", want)
	if !ok {
		return job.Standard
	}
	switch text {
	case "high":
		return job.High
	case "standard":
		return job.Standard
	case "bulk":
		return job.Bulk
	}
	root.fail("priority", want)
	return job.Standard
}

func (p *parser) requireMedia(s Submission) {
	for _, target := range s.Targets {
		if target.Sink == job.SinkCallback && s.Media == nil {
			p.fail("media.id", nil, "the id of the item that the callback is about")
			return
		}
	}
}
