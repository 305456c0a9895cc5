package cloudinary

import (
	"maps"
	"math"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/asset"
)

// Derived is a picture made, or to be made, from an asset.
type Derived struct {
	// Output is the id of the output in the job that makes it, for notifications.
	Output string `json:"output,omitempty"`
	// Want is what was asked for, where its links are known with the result alone.
	Want *Eager `json:"want,omitempty"`
	// Transformation is as the client wrote it, with its /format.
	Transformation string `json:"transformation"`
	// Width and Height are in pixels. What is not made yet has neither, and no Bytes.
	Width  int   `json:"width,omitempty"`
	Height int   `json:"height,omitempty"`
	Bytes  int64 `json:"bytes,omitempty"`
	// Format is an extension.
	Format    string `json:"format,omitempty"`
	URL       string `json:"url"`
	SecureURL string `json:"secure_url"`
	// Error says why it was not made, for people.
	Error string `json:"error,omitempty"`
	// BatchID is set while it is being made in the background: [Uploaded] tells no more of it then.
	BatchID string `json:"batch_id,omitempty"`
}

// document writes the picture as an entry of a list of eager ones.
func (d Derived) document(classic bool) *document {
	doc := &document{}
	switch {
	case d.Error != "":
		if !classic {
			doc.addText("transformation", d.Transformation)
		}
		return doc.add("status", "failed").add("reason", d.Error)
	case d.BatchID != "":
		doc.add("status", "processing").add("batch_id", d.BatchID)
	case classic:
		doc.add("width", d.Width).add("height", d.Height)
	default:
		doc.add("transformation", d.Transformation).addNumber("width", int64(d.Width)).addNumber("height", int64(d.Height)).
			add("bytes", d.Bytes).addText("format", d.Format)
	}
	return doc.add("url", d.URL).add("secure_url", d.SecureURL)
}

func eagerDocuments(derived []Derived, classic bool) []*document {
	all := []*document{}
	for _, d := range derived {
		all = append(all, d.document(classic))
	}
	return all
}

// Uploaded is what the reply to an upload or to explicit tells.
type Uploaded struct {
	Asset   asset.Asset
	Site    Site
	Derived []Derived
	APIKey  string
	// Secret signs the reply, with a SHA-256 if SHA256; "" leaves the signature out.
	Secret string
	SHA256 bool
	// Existing tells that an asset was there and was not overwritten.
	Existing bool
	// DeleteToken lets whoever has it delete the asset.
	DeleteToken string
	// Wishes are what Found is looked through for; nil when nothing was found out.
	Wishes Wishes
	Found  *events.Details
}

// UploadReply writes the reply to an upload or to explicit.
func UploadReply(u Uploaded) []byte {
	doc := &document{}
	u.addTo(doc)
	return doc.addText("api_key", u.APIKey).bytes()
}

// addTo adds what is told of the asset to a reply or a notification.
func (u Uploaded) addTo(doc *document) {
	a := u.Asset
	link, secure := u.Site.own(a)
	doc.add("asset_id", a.ID).add("public_id", a.PublicID).add("version", a.Version).add("version_id", a.VersionID)
	if u.Secret != "" {
		doc.add("signature", responseSignature(a.PublicID, a.Version, u.Secret, u.SHA256))
	}
	addShape(doc, a)
	doc.add("resource_type", a.ResourceType)
	addTime(doc, "created_at", a.CreatedAt)
	doc.add("tags", listOf(a.Tags))
	if a.ResourceType == asset.Image {
		doc.add("pages", max(a.Pages, 1))
	}
	doc.add("bytes", a.Bytes).add("type", a.Type).add("etag", a.ETag).add("placeholder", false).
		add("url", link).add("secure_url", secure).
		add("asset_folder", a.Folder).add("display_name", displayName(a))
	addDescription(doc, a)
	if a.Overwritten {
		doc.add("overwritten", true)
	}
	if u.Existing {
		doc.add("existing", true)
	}
	u.addFound(doc)
	doc.addText("original_filename", a.Name)
	if len(u.Derived) > 0 {
		doc.add("eager", eagerDocuments(u.Derived, false))
	}
	doc.addText("delete_token", u.DeleteToken)
}

// addFound adds what the client wished to be told, as far as it is known.
func (u Uploaded) addFound(doc *document) {
	if u.Wishes.ReturnFaces {
		doc.add("faces", coordinates(u.Asset.Faces))
	}
	if u.Found == nil {
		return
	}
	found := *u.Found
	if u.Wishes.Colors && len(found.Colors) > 0 {
		doc.add("colors", colors(found))
	}
	if u.Wishes.Phash {
		doc.addText("phash", found.PHash)
	}
	all := map[string]string{}
	for _, group := range []map[string]string{found.XMP, found.IPTC, found.EXIF} {
		maps.Copy(all, group)
	}
	for _, wish := range []struct {
		name   string
		wished bool
		fields map[string]string
	}{
		{"exif", u.Wishes.Exif, found.EXIF},
		{"image_metadata", u.Wishes.ImageMetadata, all},
		{"media_metadata", u.Wishes.MediaMetadata, all},
	} {
		if wish.wished && wish.fields != nil {
			doc.add(wish.name, wish.fields)
		}
	}
}

// colors pairs each colour with its share in percent, to one decimal.
func colors(found events.Details) [][]any {
	var pairs [][]any
	for i, color := range found.Colors {
		pair := []any{color, 0.0}
		if i < len(found.ColorShares) {
			pair[1] = math.Round(found.ColorShares[i]*1000) / 10
		}
		pairs = append(pairs, pair)
	}
	return pairs
}

func coordinates(boxes []asset.Box) [][4]int {
	all := [][4]int{}
	for _, b := range boxes {
		all = append(all, [4]int{b.X, b.Y, b.Width, b.Height})
	}
	return all
}

// addShape adds what only pictures have: raw files have their extension in the public id.
func addShape(doc *document, a asset.Asset) {
	if a.ResourceType == asset.Raw {
		return
	}
	doc.addNumber("width", int64(a.Width)).addNumber("height", int64(a.Height)).addText("format", a.Format)
}

// addTime adds a time in UTC to the second. The zero time is left out: the libraries fail on one that they cannot read.
func addTime(doc *document, name string, at time.Time) {
	if !at.IsZero() {
		doc.add(name, at.UTC().Format(time.RFC3339))
	}
}

type customContext struct {
	Custom map[string]string `json:"custom"`
}

func addDescription(doc *document, a asset.Asset) {
	if len(a.Context) > 0 {
		doc.add("context", customContext{a.Context})
	}
	if len(a.Metadata) > 0 {
		doc.add("metadata", a.Metadata)
	}
}

// listOf is never null.
func listOf(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}

// PendingReply writes the reply to an upload in the background.
func PendingReply(ref asset.Ref, batchID string) []byte {
	doc := (&document{}).add("status", "pending")
	if ref.ResourceType != Auto {
		doc.addText("resource_type", ref.ResourceType)
	}
	return doc.add("type", ref.Type).addText("public_id", ref.PublicID).add("batch_id", batchID).bytes()
}

// ProcessingReply writes the reply to whatever else is done in the background.
func ProcessingReply(batchID string) []byte {
	return (&document{}).add("status", "processing").add("batch_id", batchID).bytes()
}

// ChunkReply writes the reply to a chunk that is not the last: bytes is how much of the file is there.
func ChunkReply(ref asset.Ref, bytes int64) []byte {
	doc := (&document{}).add("done", false).add("bytes", bytes).add("kind", ref.Type)
	if ref.ResourceType != Auto {
		doc.addText("resource_type", ref.ResourceType)
	}
	return doc.addText("public_id", ref.PublicID).bytes()
}

// MultiReply writes the reply to a call to multi.
func MultiReply(a asset.Asset, site Site) []byte {
	doc := &document{}
	addMulti(doc, a, site)
	return doc.bytes()
}

func addMulti(doc *document, a asset.Asset, site Site) {
	link, secure := site.Image(a, a.Transformation, a.Format)
	doc.add("url", link).add("secure_url", secure).
		addText("asset_id", a.ID).add("public_id", a.PublicID).add("version", a.Version)
}

// DestroyReply writes the reply to a call to destroy.
func DestroyReply(found bool) []byte {
	result := "not found"
	if found {
		result = "ok"
	}
	return (&document{}).add("result", result).bytes()
}

// TagsReply writes the reply to a call that changes tags, context or metadata: the assets that it changed.
func TagsReply(publicIDs []string) []byte {
	return (&document{}).add("public_ids", listOf(publicIDs)).bytes()
}

// PingReply writes the reply to a ping.
func PingReply() []byte { return (&document{}).add("status", "ok").bytes() }
