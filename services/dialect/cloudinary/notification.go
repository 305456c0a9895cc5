package cloudinary

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/asset"
)

// Kind is what a notification is about, by the format's names.
type Kind string

// The kinds.
const (
	KindUpload         Kind = "upload"
	KindExplicit       Kind = "explicit"
	KindEager          Kind = "eager"
	KindSprite         Kind = "sprite"
	KindMulti          Kind = "multi"
	KindExplode        Kind = "explode"
	KindRename         Kind = "rename"
	KindDelete         Kind = "delete"
	KindTagsChanged    Kind = "resource_tags_changed"
	KindContextChanged Kind = "resource_context_changed"
)

// Details is what a notification is written from, beside the job's result.
type Details struct {
	Kind        Kind      `json:"kind"`
	Site        Site      `json:"site"`
	BatchID     string    `json:"batch_id,omitempty"`
	RequestID   string    `json:"request_id"`
	APIKey      string    `json:"api_key,omitempty"`
	TriggeredAt time.Time `json:"triggered_at"`
	// Asset is what is known of it when the job is handed over.
	Asset asset.Asset `json:"asset"`
	// Assets are those that were deleted, or whose tags or context changed.
	Assets []asset.Asset `json:"assets,omitempty"`
	// Eager are the pictures that are derived.
	Eager        []Eager  `json:"eager,omitempty"`
	FromPublicID string   `json:"from_public_id,omitempty"`
	Added        []string `json:"added,omitempty"`
	Removed      []string `json:"removed,omitempty"`
	// AddedContext is what was noted.
	AddedContext map[string]string `json:"added_context,omitempty"`
	// Body is the reply that was given, where the notification has the same fields.
	Body json.RawMessage `json:"body,omitempty"`
	// Context is the client's own.
	Context json.RawMessage `json:"context,omitempty"`
	// Classic leaves out what the format of 2013 had not.
	Classic bool `json:"classic,omitempty"`
}

// Encode writes details for a job's record.
func (d Details) Encode() json.RawMessage { return encode(d) }

// ParseDetails reads what [Details.Encode] wrote. It fails on anything else.
func ParseDetails(raw json.RawMessage) (Details, error) {
	var d Details
	if err := json.Unmarshal(raw, &d); err != nil {
		return d, fmt.Errorf("read details of a notification: %w", err)
	}
	return d, nil
}

// contentType is that of every notification.
const contentType = "application/json"

// Postback writes the notification of a result.
func Postback(result events.Result, d Details) (body []byte, media string) {
	var n object
	switch {
	case len(result.Outputs) == 0 && len(result.Errors) > 0:
		n.add("status", "failed")
		n.add("batch_id", d.BatchID)
		n.add("public_id", d.Asset.PublicID)
		n.add("error", map[string]string{"message": result.Errors[0].Message})
	case d.Kind == KindUpload:
		n.merge(describe(kept(result, d.Asset), d.Site, d.Classic))
		if d.Classic {
			return n.bytes(), contentType
		}
		n.add("batch_id", d.BatchID)
	case d.Kind == KindExplicit:
		n.merge(d.Body)
	case d.Kind == KindEager:
		d.eager(&n, result)
	case d.Kind == KindSprite:
		s := describeSheet(kept(result, d.Asset), d.Site, d.Classic)
		s.BatchID = d.BatchID
		n.merge(s)
	case d.Kind == KindMulti:
		s := describeSeries(kept(result, d.Asset), d.Site)
		s.BatchID = d.BatchID
		n.merge(s)
	case d.Kind == KindExplode:
		d.explode(&n, result)
	default:
		d.change(&n)
	}
	n.add("notification_type", string(d.Kind))
	if !d.Classic {
		d.tail(&n)
	}
	return n.bytes(), contentType
}

// kept is an asset as the job wrote it down.
func kept(result events.Result, a asset.Asset) asset.Asset {
	if len(result.Outputs) == 0 {
		return a
	}
	made := result.Outputs[0]
	a.PublicID, a.Width, a.Height, a.Format, a.Bytes = made.ID, made.Width, made.Height, made.Format, made.Bytes
	a.Sprites = made.Sprites
	if a.Pages = 1; result.Source != nil && result.Source.Pages > 1 {
		a.Pages = result.Source.Pages
	}
	if made.Width == 0 {
		a.ResourceType, a.Pages = asset.Raw, 0
	}
	return a
}

func (d Details) eager(n *object, result events.Result) {
	derived := DerivedOf(result, d.Eager, d.Asset, d.Site, d.BatchID, false)
	n.add("batch_id", d.BatchID)
	if !d.Classic {
		n.add("asset_id", d.Asset.ID)
		n.add("public_id", d.Asset.PublicID)
	} else {
		for i := range derived {
			derived[i].Transformation, derived[i].Bytes, derived[i].Format = "", 0, ""
		}
	}
	n.add("eager", derived)
}

func (d Details) explode(n *object, result events.Result) {
	type page struct {
		Bytes     int64  `json:"bytes"`
		URL       string `json:"url"`
		SecureURL string `json:"secure_url"`
	}
	outputs := slices.Clone(result.Outputs)
	slices.SortStableFunc(outputs, func(a, b events.Output) int { return a.Page - b.Page })
	pages := make([]page, len(outputs))
	for i, output := range outputs {
		pages[i].Bytes = output.Bytes
		pages[i].URL, pages[i].SecureURL = d.Site.links(d.Asset, onePage(d.Eager[0].Transformation, max(output.Page, 1)), extension(output.Format))
	}
	n.add("batch_id", d.BatchID)
	n.add("asset_id", d.Asset.ID)
	n.add("public_id", d.Asset.PublicID)
	n.add("pages", len(pages))
	n.add("image_infos", pages)
}

// resource names an asset.
type resource struct {
	ResourceType string    `json:"resource_type"`
	Type         string    `json:"type"`
	AssetID      string    `json:"asset_id"`
	PublicID     string    `json:"public_id"`
	Version      int64     `json:"version,omitempty"`
	AssetFolder  *string   `json:"asset_folder,omitempty"`
	DisplayName  string    `json:"display_name,omitempty"`
	Added        *[]string `json:"added,omitempty"`
	Removed      *[]string `json:"removed,omitempty"`
}

// change writes what needed no work.
func (d Details) change(n *object) {
	named := func(a asset.Asset) resource {
		return resource{ResourceType: a.ResourceType, Type: a.Type, AssetID: a.ID, PublicID: a.PublicID}
	}
	switch d.Kind {
	case KindRename:
		r := named(d.Asset)
		n.add("resource_type", r.ResourceType)
		n.add("type", r.Type)
		n.add("asset_id", r.AssetID)
		n.add("asset_folder", d.Asset.Folder)
		n.add("display_name", orElse(d.Asset.DisplayName, r.PublicID))
		n.add("from_public_id", d.FromPublicID)
		n.add("to_public_id", r.PublicID)
	case KindContextChanged:
		all := map[string]any{}
		for _, a := range d.Assets {
			all[a.PublicID] = map[string]any{
				"asset_id": a.ID, "resource_type": a.ResourceType, "type": a.Type, "added": added(d.AddedContext), "removed": []string{}, "updated": []string{},
			}
		}
		n.add("source", "api")
		n.add("resources", all)
	default:
		all := make([]resource, len(d.Assets))
		for i, a := range d.Assets {
			all[i] = named(a)
			if d.Kind == KindDelete {
				all[i].Version, all[i].AssetFolder, all[i].DisplayName = a.Version, &a.Folder, orElse(a.DisplayName, a.PublicID)
				continue
			}
			if len(d.Added) > 0 {
				all[i].Added = &d.Added
			}
			if len(d.Removed) > 0 {
				all[i].Removed = &d.Removed
			}
		}
		if d.Kind == KindTagsChanged {
			n.add("source", "api")
		}
		n.add("resources", all)
	}
}

func added(context map[string]string) []map[string]string {
	all := []map[string]string{}
	for name, value := range context {
		all = append(all, map[string]string{"name": name, "value": value})
	}
	slices.SortFunc(all, func(a, b map[string]string) int {
		if a["name"] < b["name"] {
			return -1
		}
		return 1
	})
	return all
}

// tail writes what every notification of today ends with.
func (d Details) tail(n *object) {
	n.add("timestamp", d.TriggeredAt.UTC().Format("2006-01-02T15:04:05+00:00"))
	n.add("request_id", d.RequestID)
	if len(d.Context) > 0 {
		n.add("notification_context", d.Context)
	} else {
		n.add("notification_context", map[string]any{
			"triggered_at": d.TriggeredAt.UTC().Format("2006-01-02T15:04:05.000000Z"),
			"triggered_by": map[string]string{"source": "api", "id": d.APIKey},
		})
	}
	n.add("signature_key", d.APIKey)
}
