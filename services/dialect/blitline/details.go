package blitline

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/job"
)

// Details is what the dialect keeps of a job to write its result: the details of a [job.Record] in JSON.
type Details struct {
	// Version is the job's v; 0 when it had none.
	Version float64 `json:"v,omitempty"`
	// Images are the saves in the order of the recipe's outputs.
	Images []Image `json:"images,omitempty"`
	// ContentTypeJSON asks for a postback as JSON whatever the version.
	ContentTypeJSON bool `json:"content_type_json,omitempty"`
	// RetryPostback asks for the format's own schedule of attempts.
	RetryPostback bool `json:"retry_postback,omitempty"`
	// PostbackErrorOnly asks for a postback only if something failed.
	PostbackErrorOnly bool `json:"postback_error_only,omitempty"`
	// AsStored tells that the source was not turned upright.
	AsStored bool `json:"as_stored,omitempty"`
	// Numbering is how the pages of a document are told apart in identifiers and names.
	Numbering job.Numbering `json:"numbering,omitempty"`
	// Compared are the identifiers of the pictures that the source is compared with, by their names in the job.
	Compared map[string]string `json:"compared,omitempty"`
	// Group tells that the pages are a group: the result lists their addresses alone.
	Group bool `json:"group,omitempty"`

	Wishes
}

// Image is one save.
type Image struct {
	// Output is the id of the output in the recipe. Unlike the identifier it is the only one of its name.
	Output string `json:"output"`
	// Identifier is the client's image_identifier.
	Identifier string `json:"image_identifier"`
	// Field is the member of the result that holds the address; "s3_url" when empty.
	Field string `json:"field,omitempty"`
	// Key is set when the result is to name the key, as s3_key.
	Key string `json:"key,omitempty"`
}

// ParseDetails reads what [Details.Encode] wrote. It fails for anything that is not a JSON object of its shape.
func ParseDetails(raw json.RawMessage) (Details, error) {
	var d Details
	if err := json.Unmarshal(raw, &d); err != nil {
		return Details{}, fmt.Errorf("decode details of a blitline job: %w", err)
	}
	return d, nil
}

// Encode writes the details for a [job.Record].
func (d Details) Encode() json.RawMessage { return encode(d) }

func parseDetails(doc loose) Details {
	v, _ := doc.number("v")
	return Details{
		Version:           v,
		ContentTypeJSON:   doc.truth("content_type_json"),
		RetryPostback:     doc.truth("retry_postback"),
		PostbackErrorOnly: doc.truth("postback_error_only") || doc.truth("notify_error_only"),
		AsStored:          doc.truth("suppress_auto_orient"),
		Wishes:            parseWishes(doc),
	}
}

// above tells whether the version is above a threshold in hundredths: 1.20 is 120. Floating point would put 1.18
// above 1.18 on some days.
func (d Details) above(hundredths int) bool { return int(math.Round(d.Version*100)) > hundredths }

// JSON tells whether the postback is JSON: above version 1.17 or when the job asks for it. Otherwise it is a form.
func (d Details) JSON() bool { return d.ContentTypeJSON || d.above(117) }

// brief are the pauses before further attempts that the format documents for retry_postback.
var brief = []time.Duration{time.Second, 15 * time.Second, 10 * time.Minute}

// Pauses are those before the second and each later attempt of a postback, where the job asks for the format's own; nil
// leaves it to the installation.
func (d Details) Pauses() []time.Duration {
	if d.RetryPostback && d.above(119) {
		return brief
	}
	return nil
}

// Posts tells whether the result is to be posted at all.
func (d Details) Posts(result events.Result) bool {
	return !d.PostbackErrorOnly || result.State != events.StateCompleted
}
