package cloudinary

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/asset"
)

// Kind is what a notification is about: its notification_type.
type Kind string

// The kinds. Those from [KindRename] on need no result of a job: [Details] has their Body.
const (
	KindUpload  Kind = "upload"
	KindEager   Kind = "eager"
	KindSprite  Kind = "sprite"
	KindMulti   Kind = "multi"
	KindExplode Kind = "explode"

	KindRename          Kind = "rename"
	KindDelete          Kind = "delete"
	KindTagsChanged     Kind = "resource_tags_changed"
	KindContextChanged  Kind = "resource_context_changed"
	KindMetadataChanged Kind = "resource_metadata_changed"
	KindError           Kind = "error"
)

// Details is what the dialect keeps of a call to tell of its result: the details of a job's record in JSON.
type Details struct {
	Kind Kind `json:"kind"`
	Site Site `json:"site"`
	// BatchID is what the reply called the work by, RequestID 32 hexadecimal digits for the call.
	BatchID   string `json:"batch_id,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	// APIKey is the key of the call; SignatureKey the one whose secret signs notifications, "" for the same.
	APIKey       string `json:"api_key,omitempty"`
	SignatureKey string `json:"signature_key,omitempty"`
	// TriggeredAt is when the call came.
	TriggeredAt time.Time `json:"triggered_at"`
	// Asset is what is known of the asset that the call makes, or makes pictures of. [Details.Final] adds what the result
	// has.
	Asset asset.Asset `json:"asset"`
	// Output is the id of the output that is the asset itself: of an upload with a transformation, a sprite, a multi. ""
	// for an upload that is kept as it came, and for a sprite or a multi that is the only output.
	Output string `json:"output,omitempty"`
	// Derived are the eager pictures in the order of the call.
	Derived []Derived `json:"derived,omitempty"`
	// Transformation, with [AllPages] in it, and Format are those of an explode.
	Transformation string `json:"transformation,omitempty"`
	Format         string `json:"format,omitempty"`
	// Body is an object with the members of a notification that needs no result; the functions named …Body write it.
	Body json.RawMessage `json:"body,omitempty"`
	// Classic leaves out of notifications what those of 2013 did not have.
	Classic bool `json:"classic,omitempty"`
	Wishes
}

// Encode writes the details for a job's record.
func (d Details) Encode() json.RawMessage { return encode(d) }

// ParseDetails reads what [Details.Encode] wrote. The site has no secret then.
func ParseDetails(raw json.RawMessage) (Details, error) {
	var d Details
	if err := json.Unmarshal(raw, &d); err != nil {
		return Details{}, fmt.Errorf("read details of a cloudinary job: %w", err)
	}
	return d, nil
}

// Final is the asset with what the result says of it.
func (d Details) Final(result events.Result) asset.Asset {
	a := d.Asset
	if a.ResourceType == "" || a.ResourceType == Auto {
		a.ResourceType = asset.Image
	}
	// The MD5 of an output is not in the result: whoever kept the output knows it.
	if source := result.Source; source != nil && d.Kind == KindUpload && d.Output == "" {
		a.Width, a.Height, a.Pages, a.Bytes = source.Width, source.Height, max(source.Pages, 1), source.Bytes
		a.Format = extension(source.Format)
		if source.Details != nil && source.Details.MD5 != "" {
			a.ETag = source.Details.MD5
		}
	}
	if d.Kind == KindUpload && result.Source == nil && len(result.Outputs) > 0 { // a file that is no picture
		a.ResourceType, a.Bytes = asset.Raw, result.Outputs[0].Bytes
		return a
	}
	if out, made := d.own(result); made {
		a.Width, a.Height, a.Pages, a.Bytes = out.Width, out.Height, max(out.Frames, 1), out.Bytes
		a.Format = extension(out.Format)
		if len(out.Sprites) > 0 {
			a.Sprites = out.Sprites
		}
	}
	return a
}

// own finds the output that is the asset itself.
func (d Details) own(result events.Result) (events.Output, bool) {
	if d.Output != "" {
		return output(result, d.Output)
	}
	if (d.Kind == KindSprite || d.Kind == KindMulti) && len(result.Outputs) > 0 {
		return result.Outputs[0], true
	}
	return events.Output{}, false
}

func output(result events.Result, id string) (events.Output, bool) {
	for _, out := range result.Outputs {
		if out.ID == id {
			return out, true
		}
	}
	return events.Output{}, false
}

// Pictures are the eager pictures with what the result says of them. Those that an upload leaves to be made in the
// background stay as they are.
func (d Details) Pictures(result events.Result) []Derived {
	var all []Derived
	for _, picture := range d.Derived {
		if d.Kind != KindUpload || picture.BatchID == "" {
			picture = picture.final(result, d.Site, d.Asset)
		}
		all = append(all, picture)
	}
	return all
}

// final adds what the result says, and with it the links: the format may not have been known before.
func (d Derived) final(result events.Result, site Site, a asset.Asset) Derived {
	d.BatchID = ""
	if out, made := output(result, d.Output); made {
		if d.Want != nil {
			d.URL, d.SecureURL = site.Image(a, d.Want.Transformation, extension(out.Format))
		}
		d.Width, d.Height, d.Bytes, d.Format = out.Width, out.Height, out.Bytes, extension(out.Format)
		return d
	}
	d.Error = "The picture was not made"
	for _, f := range result.Errors {
		if f.Output == "" {
			d.Error = f.Message // of the whole job, unless there is one of this picture
		}
		if f.Output == d.Output {
			d.Error = f.Message
			break
		}
	}
	return d
}

// Failure says why there is nothing to tell but that, for people; "" when there is. Single eager pictures that were not
// made are told of each by itself.
func (d Details) Failure(result events.Result) string {
	switch d.Kind {
	case KindUpload:
		for _, f := range result.Errors {
			if !d.derives(f.Output) {
				return f.Message
			}
		}
		if result.State == events.StateFailed && len(result.Errors) == 0 {
			return unexplained
		}
		return ""
	case KindSprite, KindMulti:
		if _, made := d.own(result); made {
			return ""
		}
		return firstMessage(result)
	case KindEager, KindExplode:
		if len(result.Outputs) > 0 {
			return ""
		}
		return firstMessage(result)
	default:
		return ""
	}
}

// unexplained stands for a failure of which nothing is said.
const unexplained = "Processing failed"

func firstMessage(result events.Result) string {
	for _, f := range result.Errors {
		return f.Message
	}
	return unexplained
}

// derives tells whether an output is one of the eager pictures.
func (d Details) derives(id string) bool {
	for _, picture := range d.Derived {
		if picture.Output == id && id != "" {
			return true
		}
	}
	return false
}
