package cloudinary

import (
	"slices"

	"github.com/ringback/ringback/services/internal/asset"
)

// Auto is the resource type of an upload that leaves it to the content.
const Auto = "auto"

// Upload is a call to upload or explicit.
type Upload struct {
	// ResourceType is [Auto], [asset.Image] or [asset.Raw].
	ResourceType string
	// Type is [asset.Upload], [asset.Private] or [asset.Authenticated]; for explicit any type of an asset.
	Type string
	// PublicID is the client's choice, "" when [Upload.NewPublicID] is to find one.
	PublicID, PublicIDPrefix string
	// Folder becomes part of the public id. AssetFolder does not, unless AssetFolderPrefix says so.
	Folder, AssetFolder string
	AssetFolderPrefix   bool
	DisplayName         string

	// FileURL is an http or https URL to fetch. Data is what was sent instead; nil when FileURL is set. Explicit has
	// neither.
	FileURL string
	Data    []byte
	// Filename is the client's name of the file, or the one it gave to use instead. DataType is the media type that the
	// client claims, "" when it claims none.
	Filename, DataType string

	// UseFilename makes the public id from the file's name, with a random suffix if UniqueFilename.
	UseFilename, UniqueFilename bool
	// FilenameAsDisplayName makes the display name from it.
	FilenameAsDisplayName bool
	// DiscardOriginalFilename leaves the file's name out of replies.
	DiscardOriginalFilename bool
	// Overwrite takes the place of an asset with the same public id. It is true unless the call says otherwise, or is
	// unsigned.
	Overwrite  bool
	Invalidate bool
	Backup     bool

	AllowedFormats    []string
	Tags              []string
	Context, Metadata map[string]string
	// Faces and Custom are regions that the client knows.
	Faces, Custom []asset.Box
	// Transformation is applied, and Format made, before the asset is kept.
	Transformation, Format string
	Eager                  []Eager
	EagerAsync, Async      bool
	// The addresses are http or https URLs. EagerNotificationURL is NotificationURL when the call has none of its own.
	NotificationURL, EagerNotificationURL string
	// Callback is where a browser is sent afterwards, with the reply in the query.
	Callback string
	// Preset names the stored parameters that [Upload.WithPreset] adds. An unsigned call has to name one.
	Preset   string
	Unsigned bool
	// Sent names the parameters that came, sorted: explicit changes those and leaves the others.
	Sent []string
	Wishes

	source   Request
	path     string
	explicit bool
}

// Wishes are what the reply is to tell beyond the usual.
type Wishes struct {
	Colors            bool `json:"colors,omitempty"`
	Exif              bool `json:"exif,omitempty"`
	ImageMetadata     bool `json:"image_metadata,omitempty"`
	MediaMetadata     bool `json:"media_metadata,omitempty"`
	Phash             bool `json:"phash,omitempty"`
	ReturnFaces       bool `json:"return_faces,omitempty"`
	ReturnDeleteToken bool `json:"return_delete_token,omitempty"`
}

// ParseUpload reads a call to upload. resourceType is the one of the path: a resource_type in the call says what auto
// stands for, because Go's library sends everything to auto. A call without a signature is unsigned: it needs a preset, and
// [Upload.WithPreset] has to be called before anything is done. Whether a signature is right is for [CheckSignature]. It
// fails with an *Error.
func ParseUpload(resourceType string, r Request) (Upload, error) {
	return parseUpload(resourceType, r, false)
}

// ParseExplicit reads a call to explicit, which is about an asset that is there: it needs a public_id and no file.
func ParseExplicit(resourceType string, r Request) (Upload, error) {
	return parseUpload(resourceType, r, true)
}

func parseUpload(resourceType string, r Request, explicit bool) (Upload, error) {
	f := fields{params: r.Params}
	u := Upload{
		Unsigned: !r.Authorized && !r.Params.Has("signature"),
		Preset:   f.text("upload_preset"),
		Sent:     r.Params.Names(),
		source:   r, path: resourceType, explicit: explicit,
	}
	u.readNames(&f, resourceType)
	u.readFile(&f, r)
	u.readDescription(&f)
	u.readWork(&f)
	u.readWishes(&f)
	f.check(u.refuseUnsupported(r.Params))
	switch {
	case u.explicit && u.PublicID == "":
		f.check(MissingParameter("public_id"))
	case u.explicit && u.Unsigned:
		f.check(MissingParameter("signature"))
	case u.Unsigned && u.Preset == "":
		f.check(refuse("Upload preset must be specified when using unsigned upload"))
	}
	return u, f.err
}

func (u *Upload) readNames(f *fields, resourceType string) {
	u.ResourceType = resourceType
	if sent := f.text("resource_type"); resourceType == Auto && sent != "" {
		u.ResourceType = sent
	}
	f.oneOf("resource_type", u.ResourceType, Auto, asset.Image, asset.Raw)
	types := []string{asset.Upload, asset.Private, asset.Authenticated}
	if u.explicit {
		types = append(types, asset.Sprite, asset.Multi)
	}
	u.Type = f.choice("type", types...)
	u.PublicID = f.publicID("public_id")
	u.PublicIDPrefix, u.Folder = f.folder("public_id_prefix"), f.folder("folder")
	u.AssetFolder = f.folder("asset_folder")
	u.AssetFolderPrefix = f.truth("use_asset_folder_as_public_id_prefix", false)
	u.DisplayName = f.short("display_name")
	u.UseFilename = f.truth("use_filename", false)
	u.UniqueFilename = f.truth("unique_filename", true)
	u.FilenameAsDisplayName = f.truth("use_filename_as_display_name", false)
	u.DiscardOriginalFilename = f.truth("discard_original_filename", false)
	u.Overwrite = f.truth("overwrite", !u.Unsigned)
	u.Invalidate = f.truth("invalidate", false)
	u.Backup = f.truth("backup", false)
}

func (u *Upload) readDescription(f *fields) {
	u.Tags = f.list("tags", maxTags)
	u.Context, u.Metadata = f.pairs("context"), f.pairs("metadata")
	u.Faces, u.Custom = f.boxes("face_coordinates"), f.boxes("custom_coordinates")
}

func (u *Upload) readWork(f *fields) {
	u.Transformation = f.transformation("transformation")
	u.Format = f.format("format")
	u.AllowedFormats = f.list("allowed_formats", maxFormats)
	u.Eager = f.eager("eager")
	u.EagerAsync, u.Async = f.truth("eager_async", false), f.truth("async", false)
	u.NotificationURL, u.EagerNotificationURL = f.address("notification_url"), f.address("eager_notification_url")
	if u.EagerNotificationURL == "" {
		u.EagerNotificationURL = u.NotificationURL
	}
	u.Callback = f.address("callback")
}

func (u *Upload) readWishes(f *fields) {
	u.Wishes = Wishes{
		Colors: f.truth("colors", false), Exif: f.truth("exif", false),
		ImageMetadata: f.truth("image_metadata", false), MediaMetadata: f.truth("media_metadata", false),
		Phash: f.truth("phash", false), ReturnFaces: f.truth("faces", false),
		ReturnDeleteToken: f.truth("return_delete_token", false),
	}
}

// refused are the parameters that change a picture, who may see it, or what happens to it, in ways that Ringback has not.
// README.md says why, and what is ignored instead.
var refused = []string{
	"access_control", "background_removal", "eval", "moderation", "on_success", "proxy", "raw_convert", "responsive_breakpoints",
}

// refuseUnsupported fails for a parameter of [refused] that asks for something.
func (u *Upload) refuseUnsupported(p Params) error {
	for _, name := range refused {
		if text := p.Get(name); text != "" && text != "false" && text != "0" && text != "[]" {
			return refuse("The parameter %s is not supported", name)
		}
	}
	if mode := p.Get("access_mode"); mode != "" && mode != "public" {
		return invalid("access_mode", mode, "public")
	}
	return nil
}

// allowedUnsigned are the parameters that anybody may send, and those that say which call it is.
var allowedUnsigned = []string{
	"api_key", "asset_folder", "callback", "cloud_name", "context", "custom_coordinates", "face_coordinates", "file",
	"filename_override", "folder", "metadata", "public_id", "public_id_prefix", "resource_type", "source", "tags", "timestamp",
	"unsigned", "upload_preset",
}

// ownToCall are the parameters that a preset has no say in.
var ownToCall = []string{"api_key", "file", "signature", "timestamp", "upload_preset"}

// WithPreset adds the parameters of the upload's preset. Of those that both have, the call's win when it is signed, and
// the preset's when it is not. An unsigned call may only say what cannot cost or hide anything. It fails with an *Error.
func (u Upload) WithPreset(preset map[string]string) (Upload, error) {
	merged := u.source
	merged.Params = u.source.Params.clone()
	for _, name := range u.Sent {
		if u.Unsigned && !slices.Contains(allowedUnsigned, name) && u.source.Params.Has(name) {
			return u, refuse("%s parameter is not allowed when using unsigned upload", brief(name))
		}
	}
	for name, text := range preset {
		if slices.Contains(ownToCall, name) {
			continue
		}
		if u.Unsigned || !merged.Params.Has(name) {
			merged.Params.set(name, text)
		}
	}
	with, err := parseUpload(u.path, merged, u.explicit)
	with.Sent = u.Sent
	return with, err
}
