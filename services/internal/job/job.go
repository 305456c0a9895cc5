// Package job holds what a client asked for: the job itself, which services share, and its record, which only sinks
// may read. Both are made once, by a dialect, and never changed.
package job

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// Class is the priority of a job. Within a class the lanes take turns.
type Class string

// The classes, from the most to the least urgent.
const (
	High     Class = "high"
	Standard Class = "std"
	Bulk     Class = "bulk"
)

// Classes lists every class, the most urgent first.
var Classes = []Class{High, Standard, Bulk}

// Job is an immutable request: one source and one recipe.
type Job struct {
	ID          events.ID `json:"-"`
	Application string    `json:"application"`
	Class       Class     `json:"class"`
	AcceptedAt  time.Time `json:"accepted_at"`
	Source      Source    `json:"source"`
	// Pictures are the further pictures that the recipe names.
	Pictures map[string]Source `json:"pictures,omitempty"`
	// Before is what has to be made first, if anything.
	Before *Before       `json:"before,omitempty"`
	Recipe recipe.Recipe `json:"recipe"`
	// Original is the public address that the source itself is stored at before anything is made of it, by the destination
	// in the record; empty when it is not kept.
	Original string `json:"original,omitempty"`
	// Compare names those of the pictures that the source is compared with.
	Compare []string `json:"compare,omitempty"`
	// Archive packs files in place of making pictures; the job then has neither a source nor a recipe.
	Archive *Archive `json:"archive,omitempty"`
	// Locations are the public addresses of the outputs, by their index in the recipe, as the client was told; of an archive
	// there is one, that of its first file.
	Locations []Location `json:"locations,omitempty"`
	// Refusal is set when the dialect accepts a job that cannot be done, as Blitline does with unknown functions. Such
	// a job ends as failed with this reason and is neither fetched nor rendered.
	Refusal *events.Failure `json:"refusal,omitempty"`
	// Patience is how long to wait before a source that could not be had is tried again, up to [PatientTries] times after
	// the job was accepted; without it the job fails at once.
	Patience time.Duration `json:"patience,omitempty"`
	// Keep is what the job's picture is kept as, if it is to live on; it is written down before the result is announced.
	Keep *Keep `json:"keep,omitempty"`
	// Next is handed over once the asset is there, if it ever is.
	Next *Next `json:"next,omitempty"`
	// Unmade are outputs that cannot be made, as was known before, while others can.
	Unmade []events.Failure `json:"unmade,omitempty"`
	// Media is the item that this job makes or changes, if any.
	Media *events.MediaRef `json:"media,omitempty"`
	// Metadata is the client's own and is echoed in the result.
	Metadata json.RawMessage `json:"metadata,omitempty"`
}

// Keep says what becomes of a job's picture that lives on: of its one output, or of the source as it came where the recipe
// makes none.
type Keep struct {
	// Asset is what is known of it already; its Key is where the content goes.
	Asset asset.Asset `json:"asset"`
	// Any keeps a file that is no picture, too, as one of resource type raw.
	Any bool `json:"any,omitempty"`
	// Formats are the file extensions that are taken; all when it is empty.
	Formats []string `json:"formats,omitempty"`
	// Base is what the addresses of the asset, and of pictures derived of it, begin with.
	Base string `json:"base"`
}

// Next is a job that derives pictures of the asset that another one keeps.
type Next struct {
	ID string `json:"id"`
	// Record is the sealed record of that job.
	Record []byte       `json:"record"`
	Derive []Derivation `json:"derive"`
}

// Derivation is a picture to be made of an asset.
type Derivation struct {
	// Transformation is in the words of its dialect.
	Transformation string `json:"transformation"`
	// Extension is that of the format; empty for the asset's own.
	Extension string `json:"extension,omitempty"`
}

// Before makes pictures that the job itself is made of. They are not stored.
type Before struct {
	// Source is the name of its source among the job's pictures, as are all that its recipe names.
	Source string        `json:"source"`
	Recipe recipe.Recipe `json:"recipe"`
}

// PatientTries is how often a job with patience waits for its source.
const PatientTries = 5

// Source says where the picture comes from: exactly one of the fields is set, beside Derive and Place.
type Source struct {
	// URL is an http or https address, fetched by the processor through the outbound guard.
	URL string `json:"url,omitempty"`
	// Blob is the key of a picture that arrived with the request.
	Blob string `json:"blob,omitempty"`
	// Output is the id of an output of what is made [Before].
	Output string `json:"output,omitempty"`
	// Kept is the key of an asset's content or of an upload, which stays when the job has ended.
	Kept string `json:"kept,omitempty"`
	// Inline is a small picture itself, in base64.
	Inline string `json:"inline,omitempty"`
	// Derive is what is made of the picture first, once its size is known.
	Derive *Derivation `json:"derive,omitempty"`
	// Page is a page of the web, drawn by the processor's browser.
	Page *Page `json:"page,omitempty"`
	// Object is in a bucket, read with the application's account for it, or from its public address where there is none.
	Object *Object `json:"object,omitempty"`
	// Place is the name of the application's source that the URL or the object is in, if it is in one.
	Place string `json:"place,omitempty"`
}

// Object is something in a bucket that speaks S3.
type Object struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	// Region is the bucket's; the account's when it is empty.
	Region string `json:"region,omitempty"`
	// Account is the storage account to read with; the one for the bucket when it is empty.
	Account string `json:"account,omitempty"`
}

// Blobs lists the keys of everything that arrived with the request.
func (j Job) Blobs() []string {
	var keys []string
	for _, source := range append(slices.Collect(maps.Values(j.Pictures)), j.Source) {
		if source.Blob != "" {
			keys = append(keys, source.Blob)
		}
	}
	return keys
}

// Location is where one output is going to be.
type Location struct {
	// Key names the object in the blob store. It depends on nothing but the job and the output; empty when the output goes
	// to the [Destination] of the record instead.
	Key string `json:"key,omitempty"`
	// URL is the public address of the object.
	URL string `json:"url"`
	// Numbering is how pages are told apart.
	Numbering Numbering `json:"numbering,omitempty"`
}

// Page is where the output of one page is: the name gets the page's number. Page 0 is the location itself.
func (l Location) Page(page int) Location {
	l.Key, l.URL = l.Numbering.number(l.Key, page), l.Numbering.number(l.URL, page)
	return l
}

// Record is the private half of a job. It is sealed wherever it is stored.
type Record struct {
	// Dialect names the wire format that the job came in by, and that its result is read in.
	Dialect string `json:"dialect"`
	// Targets are where the job wants to be told, in the order of the request.
	Targets []Target `json:"targets,omitempty"`
	// Destinations are where outputs go, by their index in the recipe, each to all of its own; none for those that stay
	// here, and shorter than the outputs when the last of them do.
	Destinations [][]Destination `json:"destinations,omitempty"`
	// Original is where the source itself goes, if it is kept.
	Original *Destination `json:"original,omitempty"`
	// Details is what the dialect needs to write its bodies, in a shape of its own.
	Details json.RawMessage `json:"details,omitempty"`
}

// Sink names the service that serves a target.
type Sink string

// The sinks.
const (
	SinkPostback    Sink = "postback"
	SinkCallback    Sink = "callback"
	SinkEventBridge Sink = "eventbridge"
)

// Form is how a postback is written where the dialect leaves a choice.
type Form string

// The forms. The plain one is the dialect's own.
const (
	FormPlain Form = ""
	// FormStructured is a CloudEvent over HTTP in structured mode: the event is the body.
	FormStructured Form = "structured"
	// FormBinary is a CloudEvent over HTTP in binary mode: the attributes are headers, the body is the data.
	FormBinary Form = "binary"
)

// Target is one place where a job wants to be told.
type Target struct {
	Sink Sink `json:"sink"`
	// URL is where to post to, http or https; empty for EventBridge, whose bus is a setting of the application.
	URL string `json:"url,omitempty"`
	// Form is how a postback is written.
	Form Form `json:"form,omitempty"`
	// Headers are added to the request, as the client asked.
	Headers map[string]string `json:"headers,omitempty"`
	// Destination, if set, takes the body by PUT in place of a post to the URL.
	Destination *Destination `json:"destination,omitempty"`
}

// Accepted is what a dialect makes of one request: the job and its record.
type Accepted struct {
	Job    Job
	Record Record
}

// envelope is the message in RINGBACK_JOBS: the job in clear, the record sealed.
type envelope struct {
	Job    Job    `json:"job"`
	Record []byte `json:"record"`
}

// Encode writes the body of a job's message. sealed is the sealed [Record].
func Encode(j Job, sealed []byte) ([]byte, error) {
	body, err := json.Marshal(envelope{Job: j, Record: sealed})
	if err != nil {
		return nil, fmt.Errorf("encode job: %w", err)
	}
	return body, nil
}

// Decode reads the body of a job's message; the id travels in the message's headers.
func Decode(id events.ID, body []byte) (Job, []byte, error) {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return Job{}, nil, fmt.Errorf("decode job: %w", err)
	}
	e.Job.ID = id
	return e.Job, e.Record, nil
}
