package cloudinary

import (
	"strconv"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/asset"
)

// Site is where an application's assets are read.
type Site struct {
	// Base is what addresses begin with, such as https://pictures.example.com, and SecureBase those that are said to be
	// secure.
	Base       string `json:"base"`
	SecureBase string `json:"secure_base"`
	// Cloud is the application's id.
	Cloud string `json:"cloud"`
}

// links are the addresses of what a transformation makes of an asset.
func (s Site) links(a asset.Asset, transformation, extension string) (url, secure string) {
	path := "/" + s.Cloud + a.Path(transformation, extension)
	return s.Base + path, s.SecureBase + path
}

// content is where the asset itself is read. What is no picture has its extension in its public id.
func (s Site) content(a asset.Asset) (url, secure string) {
	if a.ResourceType == asset.Raw {
		return s.links(a, "", "")
	}
	return s.links(a, a.Transformation, a.Format)
}

// Derived is a picture that was derived of an asset, or is going to be.
type Derived struct {
	Transformation string `json:"transformation,omitempty"`
	Width          int    `json:"width,omitempty"`
	Height         int    `json:"height,omitempty"`
	Bytes          int64  `json:"bytes,omitempty"`
	Format         string `json:"format,omitempty"`
	Status         string `json:"status,omitempty"`
	BatchID        string `json:"batch_id,omitempty"`
	Reason         string `json:"reason,omitempty"`
	URL            string `json:"url,omitempty"`
	SecureURL      string `json:"secure_url,omitempty"`
}

// DerivedOf tells what became of the pictures that were wanted of an asset, in their order. The outputs of the result have
// their places as ids. Those that are pending only say where they are going to be.
func DerivedOf(result events.Result, wanted []Eager, a asset.Asset, site Site, batch string, pending bool) []Derived {
	all := make([]Derived, len(wanted))
	for i, want := range wanted {
		d := Derived{}
		d.URL, d.SecureURL = site.links(a, want.Transformation, orElse(want.Format, a.Format))
		switch output, failure := made(result, strconv.Itoa(i)); {
		case pending:
			d.Status, d.BatchID = "processing", batch
		case output != nil:
			d.Transformation, d.Width, d.Height = want.Text, output.Width, output.Height
			d.Bytes, d.Format = output.Bytes, extension(output.Format)
			d.URL, d.SecureURL = site.links(a, want.Transformation, d.Format)
		default:
			d = Derived{Transformation: want.Text, Status: "failed", Reason: failure}
		}
		all[i] = d
	}
	return all
}

// made finds an output of a result, or why it was not made.
func made(result events.Result, id string) (*events.Output, string) {
	for i := range result.Outputs {
		if result.Outputs[i].ID == id {
			return &result.Outputs[i], ""
		}
	}
	reason := "It was not made"
	for _, failure := range result.Errors {
		if failure.Output == id || failure.Output == "" {
			reason = failure.Message
		}
	}
	return nil, reason
}

// extension is the file extension of a format.
func extension(format string) string {
	if format == "jpeg" {
		return "jpg"
	}
	return format
}

// Reply is what is told of an asset.
type Reply struct {
	Asset   asset.Asset
	Site    Site
	Derived []Derived
	APIKey  string
	// Secret signs the reply.
	Secret string
	// Existing tells that an upload changed nothing, because the asset was there.
	Existing bool
}

// uploaded is an asset as replies and notifications have it, in the order of the format's own.
type uploaded struct {
	AssetID          string            `json:"asset_id,omitempty"`
	PublicID         string            `json:"public_id"`
	Version          int64             `json:"version"`
	VersionID        string            `json:"version_id,omitempty"`
	Signature        string            `json:"signature,omitempty"`
	Width            int               `json:"width,omitempty"`
	Height           int               `json:"height,omitempty"`
	Format           string            `json:"format,omitempty"`
	ResourceType     string            `json:"resource_type"`
	CreatedAt        string            `json:"created_at"`
	Tags             *[]string         `json:"tags,omitempty"`
	Pages            int               `json:"pages,omitempty"`
	Bytes            int64             `json:"bytes"`
	Type             string            `json:"type"`
	Etag             string            `json:"etag,omitempty"`
	Placeholder      *bool             `json:"placeholder,omitempty"`
	URL              string            `json:"url"`
	SecureURL        string            `json:"secure_url"`
	AccessMode       string            `json:"access_mode,omitempty"`
	AssetFolder      *string           `json:"asset_folder,omitempty"`
	DisplayName      string            `json:"display_name,omitempty"`
	Context          *customContext    `json:"context,omitempty"`
	Metadata         map[string]string `json:"metadata,omitempty"`
	Existing         bool              `json:"existing,omitempty"`
	Overwritten      bool              `json:"overwritten,omitempty"`
	OriginalFilename string            `json:"original_filename,omitempty"`
	Eager            []Derived         `json:"eager,omitempty"`
	APIKey           string            `json:"api_key,omitempty"`
}

type customContext struct {
	Custom map[string]string `json:"custom"`
}

// instant is how the format writes times of assets.
func instant(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

// describe writes an asset; classic leaves out what the format of 2013 had not.
func describe(a asset.Asset, site Site, classic bool) uploaded {
	u := uploaded{
		PublicID: a.PublicID, Version: a.Version, Width: a.Width, Height: a.Height, Format: a.Format, ResourceType: a.ResourceType,
		CreatedAt: instant(a.CreatedAt), Bytes: a.Bytes, Type: a.Type,
	}
	u.URL, u.SecureURL = site.content(a)
	if classic {
		return u
	}
	tags, placeholder := a.Tags, false
	if tags == nil {
		tags = []string{}
	}
	u.AssetID, u.VersionID, u.Tags, u.Pages, u.Etag, u.Placeholder = a.ID, a.VersionID, &tags, a.Pages, a.ETag, &placeholder
	u.AccessMode, u.AssetFolder, u.DisplayName = "public", &a.Folder, orElse(a.DisplayName, a.PublicID)
	if a.Type == asset.Authenticated {
		u.AccessMode = "authenticated"
	}
	if len(a.Context) > 0 {
		u.Context = &customContext{a.Context}
	}
	u.Metadata, u.Overwritten, u.OriginalFilename = a.Metadata, a.Overwritten, a.Name
	return u
}

// UploadReply answers a call that made or changed an asset.
func UploadReply(r Reply) []byte {
	u := describe(r.Asset, r.Site, false)
	u.Signature = ResponseSignature(r.Asset.PublicID, r.Asset.Version, r.Secret)
	u.Eager, u.APIKey, u.Existing = r.Derived, r.APIKey, r.Existing
	return encode(u)
}

// PendingReply answers an upload that is going to be seen to.
func PendingReply(resourceType, kind, publicID, batch string) []byte {
	return encode(struct {
		Status       string `json:"status"`
		ResourceType string `json:"resource_type"`
		Type         string `json:"type"`
		PublicID     string `json:"public_id"`
		BatchID      string `json:"batch_id"`
	}{"pending", resourceType, kind, publicID, batch})
}

// ProcessingReply answers a call whose work goes on.
func ProcessingReply(batch string) []byte {
	return encode(struct {
		Status  string `json:"status"`
		BatchID string `json:"batch_id"`
	}{"processing", batch})
}

// ChunkReply answers a piece of an upload that is not the last.
func ChunkReply(chunk Chunk, resourceType, publicID string) []byte {
	return encode(struct {
		Done         bool   `json:"done"`
		Bytes        int64  `json:"bytes"`
		Kind         string `json:"kind"`
		ResourceType string `json:"resource_type,omitempty"`
		PublicID     string `json:"public_id,omitempty"`
	}{false, chunk.End + 1, "upload", resourceType, publicID})
}

// place is where a picture stands on a sheet.
type place struct {
	Width  int `json:"width"`
	Height int `json:"height"`
	X      int `json:"x"`
	Y      int `json:"y"`
}

func places(a asset.Asset) map[string]place {
	all := make(map[string]place, len(a.Sprites))
	for _, s := range a.Sprites {
		all[s.Name] = place{s.Width, s.Height, s.X, s.Y}
	}
	return all
}

// sheet is a sprite as replies and notifications have it, in the order of the format's own.
type sheet struct {
	BatchID        string           `json:"batch_id,omitempty"`
	CSSURL         string           `json:"css_url"`
	ImageURL       string           `json:"image_url"`
	SecureCSSURL   string           `json:"secure_css_url"`
	SecureImageURL string           `json:"secure_image_url,omitempty"`
	JSONURL        string           `json:"json_url"`
	SecureJSONURL  string           `json:"secure_json_url,omitempty"`
	Version        int64            `json:"version"`
	PublicID       string           `json:"public_id,omitempty"`
	ImageInfos     map[string]place `json:"image_infos"`
}

func describeSheet(a asset.Asset, site Site, classic bool) sheet {
	s := sheet{Version: a.Version, ImageInfos: places(a)}
	s.CSSURL, s.SecureCSSURL = site.links(a, a.Transformation, "css")
	s.JSONURL, s.SecureJSONURL = site.links(a, a.Transformation, "json")
	s.ImageURL, s.SecureImageURL = site.content(a)
	s.PublicID = a.PublicID
	if classic {
		s.PublicID, s.SecureImageURL, s.SecureJSONURL = "", "", ""
	}
	return s
}

// SpriteReply answers a call of sprite whose sheet is made.
func SpriteReply(a asset.Asset, site Site) []byte { return encode(describeSheet(a, site, false)) }

// series is what multi made.
type series struct {
	BatchID   string `json:"batch_id,omitempty"`
	URL       string `json:"url"`
	SecureURL string `json:"secure_url"`
	AssetID   string `json:"asset_id,omitempty"`
	PublicID  string `json:"public_id"`
	Version   int64  `json:"version"`
}

func describeSeries(a asset.Asset, site Site) series {
	s := series{AssetID: a.ID, PublicID: a.PublicID, Version: a.Version}
	s.URL, s.SecureURL = site.content(a)
	return s
}

// MultiReply answers a call of multi whose animation or document is made.
func MultiReply(a asset.Asset, site Site) []byte { return encode(describeSeries(a, site)) }

// DestroyReply answers a call of destroy.
func DestroyReply(found bool) []byte {
	if found {
		return encode(map[string]string{"result": "ok"})
	}
	return encode(map[string]string{"result": "not found"})
}

// EditReply answers a call of tags or context with the public ids of what was changed.
func EditReply(ids []string) []byte {
	if ids == nil {
		ids = []string{}
	}
	return encode(map[string][]string{"public_ids": ids})
}

// ResourceReply tells of one asset.
func ResourceReply(a asset.Asset, site Site) []byte { return encode(describe(a, site, false)) }

// ResourcesReply lists assets; next is where to go on, empty at the end.
func ResourcesReply(assets []asset.Asset, site Site, next string) []byte {
	all := make([]uploaded, len(assets))
	for i, a := range assets {
		all[i] = describe(a, site, false)
	}
	return encode(struct {
		Resources  []uploaded `json:"resources"`
		NextCursor string     `json:"next_cursor,omitempty"`
	}{all, next})
}

// DeleteResourcesReply tells which of the public ids were deleted.
func DeleteResourcesReply(ids []string, gone []asset.Asset) []byte {
	deleted := map[string]string{}
	for _, id := range ids {
		deleted[id] = "not_found"
	}
	for _, a := range gone {
		deleted[a.PublicID] = "deleted"
	}
	return encode(map[string]any{"deleted": deleted, "partial": false})
}

// PingReply answers whoever asks whether somebody is there.
func PingReply() []byte { return encode(map[string]string{"status": "ok"}) }

// SpriteJSON tells where the pictures of a sheet are.
func SpriteJSON(a asset.Asset) []byte { return encode(places(a)) }
