package events

import (
	"encoding/json"
	"time"
)

// Types of events. A type ends in its version; within a version fields are only added.
const (
	// TypeJobAccepted tells that the broker has a job on disk. Live only, without data: the id is the ce-subject.
	TypeJobAccepted = "dev.ringback.job.accepted.v1"
	// TypeJobProgress tells how far a job is, with [Progress]. Live only.
	TypeJobProgress = "dev.ringback.job.progress.v1"
	// TypeJobCompleted tells that every output was made, with [Result].
	TypeJobCompleted = "dev.ringback.job.completed.v1"
	// TypeJobPartial tells that some outputs were made and some were not, with [Result].
	TypeJobPartial = "dev.ringback.job.partial.v1"
	// TypeJobFailed tells that no output was made, and why, with [Result].
	TypeJobFailed = "dev.ringback.job.failed.v1"
	// TypeMediaChanged carries the newest state of a media item, with [Media].
	TypeMediaChanged = "dev.ringback.media.changed.v1"
	// TypeDeliveryDelivered tells that a target took a delivery, with [Delivery].
	TypeDeliveryDelivered = "dev.ringback.delivery.delivered.v1"
	// TypeDeliveryScheduled tells that an attempt failed and when the next one is due, with [Delivery].
	TypeDeliveryScheduled = "dev.ringback.delivery.scheduled.v1"
	// TypeDeliveryExhausted tells that the last attempt of a schedule failed, with [Delivery].
	TypeDeliveryExhausted = "dev.ringback.delivery.exhausted.v1"
	// TypeDeliveryHeld tells that a delivery waits for its endpoint, and why, with [Delivery].
	TypeDeliveryHeld = "dev.ringback.delivery.held.v1"
	// TypeEndpointFailing tells that an endpoint stopped taking deliveries and is only probed, with [Endpoint].
	TypeEndpointFailing = "dev.ringback.endpoint.failing.v1"
	// TypeEndpointRecovered tells that a failing endpoint takes deliveries again, with [Endpoint].
	TypeEndpointRecovered = "dev.ringback.endpoint.recovered.v1"
	// TypeEndpointDisabled tells that an endpoint answered 410, and that its deliveries are held, with [Endpoint].
	TypeEndpointDisabled = "dev.ringback.endpoint.disabled.v1"
	// TypeEndpointTest is a test of an endpoint, sent to it alone and never on the bus.
	TypeEndpointTest = "dev.ringback.endpoint.test.v1"
)

// State is how a job ended, or that it has not ended yet.
type State string

// The states of a job. All but [StateQueued] are terminal.
const (
	StateQueued    State = "queued"
	StateCompleted State = "completed"
	StatePartial   State = "partial"
	StateFailed    State = "failed"
)

// Type is the event type that announces the state; empty for [StateQueued].
func (s State) Type() string {
	switch s {
	case StateCompleted:
		return TypeJobCompleted
	case StatePartial:
		return TypeJobPartial
	case StateFailed:
		return TypeJobFailed
	default:
		return ""
	}
}

// Result is the one terminal state of a job. Every job that was accepted gets exactly one.
type Result struct {
	// ID is the job's id in its native spelling.
	ID    string `json:"id"`
	State State  `json:"state"`
	// Metadata is what the client sent with the job, unchanged.
	Metadata json.RawMessage `json:"metadata,omitempty"`
	// Media names the media item that the job belongs to, if any.
	Media *MediaRef `json:"media,omitempty"`
	// Source describes the picture that came in; absent when it could not be read.
	Source *Source `json:"source,omitempty"`
	// Outputs are the pictures that were made, in the order of the recipe. Never null.
	Outputs []Output `json:"outputs"`
	// Original is the address that the source was stored at as it came; absent unless the job asked for that.
	Original string `json:"original,omitempty"`
	// Compared says how much other pictures look like the source; absent unless the job asked for that.
	Compared []Comparison `json:"compared,omitempty"`
	// Archives are the ZIP files that were made, in their order, by a job that packs files; absent otherwise.
	Archives []Archive `json:"archives,omitempty"`
	// Errors has one entry for each output that was not made and each destination that did not take one, or one without
	// output for the whole job.
	Errors []Failure `json:"errors,omitempty"`
	// Notes say, in sentences for people, where something else was done than the job asked for by name.
	Notes  []string `json:"notes,omitempty"`
	Timing Timing   `json:"timing"`
}

// MediaRef names a media item.
type MediaRef struct {
	ID string `json:"id"`
}

// Source describes the picture that came in. Width and Height are those of the upright picture, of one frame of it.
type Source struct {
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Format string `json:"format"`
	Bytes  int64  `json:"bytes"`
	// Pages is the number of pages or frames; absent when there is one.
	Pages int `json:"pages,omitempty"`
	// DPI is how many dots an inch the file says that it has, rounded; absent when it says nothing, or is a drawing.
	DPI int `json:"dpi,omitempty"`
	// Details are what the job asked to find out; absent when it asked for nothing.
	Details *Details `json:"details,omitempty"`
}

// Details is what was found out about a source. What it does not have, or was not asked for, is absent.
type Details struct {
	// EXIF, IPTC and XMP are the fields by their names, as text.
	EXIF map[string]string `json:"exif,omitempty"`
	IPTC map[string]string `json:"iptc,omitempty"`
	XMP  map[string]string `json:"xmp,omitempty"`
	// ICC is the name of the embedded colour profile.
	ICC string `json:"icc,omitempty"`
	// Latitude and Longitude are in degrees, north and east positive.
	Latitude  *float64 `json:"latitude,omitempty"`
	Longitude *float64 `json:"longitude,omitempty"`
	// Colors are up to eight dominant colours as #rrggbb, the most frequent first.
	Colors []string `json:"colors,omitempty"`
	// ColorShares says how much of the picture each of them covers, 0 to 1.
	ColorShares []float64 `json:"color_shares,omitempty"`
	// MD5, SHA256 and CRC32 (IEEE) are of the file, in hex.
	MD5    string `json:"md5,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	CRC32  string `json:"crc32,omitempty"`
	// PHash is a perceptual hash of 64 bits in hex: pictures that look alike differ in few bits.
	PHash string `json:"phash,omitempty"`
}

// Output is one saved picture.
type Output struct {
	ID string `json:"id"`
	// Page is the page of the source that it was made from; absent unless the job named pages.
	Page   int    `json:"page,omitempty"`
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Format string `json:"format"`
	Bytes  int64  `json:"bytes"`
	// Frames is the number of frames or pages in the file; absent when there is one.
	Frames int `json:"frames,omitempty"`
	// Placeholder is a ThumbHash in base64, of some 25 bytes: what to show while the picture loads.
	Placeholder string `json:"placeholder,omitempty"`
	// Quality is what the encoder was told, 1 to 100: the one that was found, where the job left it open. Absent where the
	// format has none.
	Quality int `json:"quality,omitempty"`
	// DPI is how many dots an inch the file says that it has, rounded; absent when it says nothing.
	DPI int `json:"dpi,omitempty"`
	// Blank tells that all pixels are of one colour; absent when they are not, or when the job did not ask.
	Blank bool `json:"blank,omitempty"`
	// Sprites says where the pictures of a sprite sheet are; absent on anything else.
	Sprites []Sprite `json:"sprites,omitempty"`
	// Stored says for each destination of the output what became of it there, in the order of the request; absent where the
	// output has its place in the installation's own store. URL is then the address of the first that took it.
	Stored []Stored `json:"stored,omitempty"`
}

// Stored is what became of an output at one of its destinations.
type Stored struct {
	// Name is the destination's, as the application calls it; absent for one that the job described itself.
	Name string `json:"name,omitempty"`
	// Bucket and Key are where it is, or was to be: of a server for FTP, the directory and the file; absent for an address
	// that the client signed.
	Bucket string `json:"bucket,omitempty"`
	Key    string `json:"key,omitempty"`
	URL    string `json:"url,omitempty"`
	// Error is why it is not there; absent when it is.
	Error *Failure `json:"error,omitempty"`
}

// Comparison says how much one picture looks like the source.
type Comparison struct {
	Picture string `json:"picture"`
	// Distance is how many bits of the perceptual hashes differ, 0 to 64: below 5 it is most likely the same picture.
	Distance int `json:"distance"`
}

// Archive is one ZIP file.
type Archive struct {
	URL   string `json:"url"`
	Bytes int64  `json:"bytes"`
	// Files is how many files are in it.
	Files int `json:"files"`
}

// Sprite is where one picture lies on a sprite sheet, in pixels from the upper left corner.
type Sprite struct {
	Name   string `json:"name"`
	X      int    `json:"x"`
	Y      int    `json:"y"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// Failure says why an output, or the whole job, was not made. Code is for programs and stays the same; Message is for
// people.
type Failure struct {
	// Output is the output's id; empty when the whole job failed before any output.
	Output string `json:"output,omitempty"`
	// Page is the page that the output was to be made from; absent unless the job named pages.
	Page int `json:"page,omitempty"`
	// Destination is the name of the destination that did not take it; absent when the output was not made at all, or goes
	// to places without names.
	Destination string `json:"destination,omitempty"`
	Code        string `json:"code"`
	Message     string `json:"message"`
}

// Timing says where a job's time went, in milliseconds.
type Timing struct {
	QueuedMS int64 `json:"queued_ms"`
	FetchMS  int64 `json:"fetch_ms"`
	RenderMS int64 `json:"render_ms"`
	StoreMS  int64 `json:"store_ms"`
}

// Progress tells how far a job is. Percent never falls within one attempt.
type Progress struct {
	ID      string `json:"id"`
	Stage   string `json:"stage"`
	Percent int    `json:"percent"`
}

// Delivery is the state of one event on its way to one target, after one attempt or while it is held.
type Delivery struct {
	// ID is the delivery's id: the same on every attempt, so that a receiver can drop repeats.
	ID  string `json:"id"`
	Job string `json:"job,omitempty"`
	// Media is the item that an XML callback is about.
	Media string `json:"media,omitempty"`
	// Sink is the service that delivers: "postback", "callback" or "eventbridge".
	Sink string `json:"sink,omitempty"`
	// Endpoint is the id of the place that the target is at; deliveries to one endpoint share its limits.
	Endpoint string `json:"endpoint,omitempty"`
	// Target is the address without what may be secret in it.
	Target string `json:"target"`
	// Attempt counts the attempts, this one included; 0 for a delivery that was held before its first.
	Attempt int `json:"attempt"`
	// Status is the HTTP status of the newest attempt, 0 when there was no answer.
	Status int `json:"status"`
	// Error classifies a failed attempt: "timeout", "refused", "dns", "tls", "blocked", "status", …
	Error string `json:"error,omitempty"`
	// Reason says why a delivery is held: "paused", "broken", "disabled", "busy" (it asked for
	// a pause) or "crowded".
	Reason string `json:"reason,omitempty"`
	// NextAt is when the next attempt is due.
	NextAt *time.Time `json:"next_at,omitempty"`
	TookMS int64      `json:"took_ms"`
	// Timing says where the time of the attempt went.
	Timing *AttemptTiming `json:"timing,omitempty"`
	// Addr is the address that was connected to.
	Addr string `json:"addr,omitempty"`
	// Answer is the beginning of the answer's body, at most 16 KiB; what is not text is replaced.
	Answer string `json:"answer,omitempty"`
	// Replay names the replay that the attempt belongs to, if any.
	Replay string `json:"replay,omitempty"`
}

// AttemptTiming says where the time of one attempt went, in milliseconds. DNS, Connect and TLS are 0 on a connection that
// was open already; FirstByte is from the start to the first byte of the answer.
type AttemptTiming struct {
	DNS       float64 `json:"dns_ms"`
	Connect   float64 `json:"connect_ms"`
	TLS       float64 `json:"tls_ms"`
	FirstByte float64 `json:"first_byte_ms"`
	Total     float64 `json:"total_ms"`
}

// Endpoint is the place that deliveries of one application go to: one scheme, host and port.
type Endpoint struct {
	ID          string `json:"id"`
	Application string `json:"application"`
	// URL is the scheme, host and port.
	URL string `json:"url"`
	// Reason says what happened, for people.
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
}
