package cloudinary

import (
	"strings"

	"github.com/ringback/ringback/services/internal/asset"
)

// Bounds on what one call may name.
const (
	maxPublicIDs = 1000
	maxURLs      = 500
)

// Rename is a call to rename an asset. Every parser of a call fails with an *Error.
type Rename struct {
	From, To asset.Ref
	// Overwrite lets it take the place of another asset.
	Overwrite, Invalidate bool
	// NotificationURL is an http or https URL, "" for no notification of its own, here and in the other calls.
	NotificationURL string
}

// ParseRename reads a call to rename.
func ParseRename(resourceType string, r Request) (Rename, error) {
	f := fields{params: r.Params}
	from := f.ref(resourceType, "from_public_id")
	to := asset.Ref{ResourceType: from.ResourceType, Type: from.Type, PublicID: f.required("to_public_id")}
	f.publicID("to_public_id")
	if kind := f.choice("to_type", "", asset.Upload, asset.Private, asset.Authenticated); kind != "" {
		to.Type = kind
	}
	call := Rename{
		From: from, To: to,
		Overwrite: f.truth("overwrite", false), Invalidate: f.truth("invalidate", false),
		NotificationURL: f.address("notification_url"),
	}
	return call, f.err
}

// Destroy is a call to delete one asset.
type Destroy struct {
	asset.Ref
	Invalidate      bool
	NotificationURL string
}

// ParseDestroy reads a call to destroy.
func ParseDestroy(resourceType string, r Request) (Destroy, error) {
	f := fields{params: r.Params}
	call := Destroy{
		Ref: f.ref(resourceType, "public_id"), Invalidate: f.truth("invalidate", false),
		NotificationURL: f.address("notification_url"),
	}
	return call, f.err
}

// Command is what a call does to the tags or the context of assets.
type Command string

// The commands. Context knows [Add] and [RemoveAll] alone.
const (
	Add Command = "add"
	// Remove takes the tags away, Replace puts them in the place of all others.
	Remove  Command = "remove"
	Replace Command = "replace"
	// SetExclusive adds the tags, and takes them away from every other asset of the type.
	SetExclusive Command = "set_exclusive"
	RemoveAll    Command = "remove_all"
)

// Tags is a call to change the tags of assets.
type Tags struct {
	Command            Command
	Tags               []string
	ResourceType, Type string
	PublicIDs          []string
	NotificationURL    string
}

// ParseTags reads a call to tags.
func ParseTags(resourceType string, r Request) (Tags, error) {
	f := fields{params: r.Params}
	call := Tags{
		Command: Command(f.choice("command", "", string(Add), string(Remove), string(Replace), string(SetExclusive), string(RemoveAll))),
		Tags:    f.list("tag", maxTags), PublicIDs: f.publicIDs("public_ids", maxPublicIDs),
		NotificationURL: f.address("notification_url"),
	}
	call.ResourceType, call.Type = f.types(resourceType)
	f.needCommand(call.Command)
	// To replace all tags by none is to remove them; the libraries then send an empty text.
	if len(call.Tags) == 0 && call.Command != RemoveAll && call.Command != Replace {
		f.check(MissingParameter("tag"))
	}
	f.needPublicIDs(call.PublicIDs)
	return call, f.err
}

// Context is a call to change the context of assets.
type Context struct {
	// Command is [Add] or [RemoveAll].
	Command            Command
	Context            map[string]string
	ResourceType, Type string
	PublicIDs          []string
	NotificationURL    string
}

// ParseContext reads a call to context.
func ParseContext(resourceType string, r Request) (Context, error) {
	f := fields{params: r.Params}
	call := Context{
		Command: Command(f.choice("command", "", string(Add), string(RemoveAll))),
		Context: f.pairs("context"), PublicIDs: f.publicIDs("public_ids", maxPublicIDs),
		NotificationURL: f.address("notification_url"),
	}
	call.ResourceType, call.Type = f.types(resourceType)
	f.needCommand(call.Command)
	if len(call.Context) == 0 && call.Command != RemoveAll {
		f.check(MissingParameter("context"))
	}
	f.needPublicIDs(call.PublicIDs)
	return call, f.err
}

// Metadata is a call to set fields of metadata on assets: an empty value clears a field, and others stay.
type Metadata struct {
	Metadata           map[string]string
	ResourceType, Type string
	PublicIDs          []string
	NotificationURL    string
}

// ParseMetadata reads a call to metadata.
func ParseMetadata(resourceType string, r Request) (Metadata, error) {
	f := fields{params: r.Params}
	call := Metadata{
		Metadata: f.pairs("metadata"), PublicIDs: f.publicIDs("public_ids", maxPublicIDs),
		NotificationURL: f.address("notification_url"),
	}
	call.ResourceType, call.Type = f.types(resourceType)
	if len(call.Metadata) == 0 {
		f.check(MissingParameter("metadata"))
	}
	f.needPublicIDs(call.PublicIDs)
	return call, f.err
}

// Gathering is a call that makes one picture of several: of those with a tag, or of those at the URLs.
type Gathering struct {
	// Tag is also the public id of what is made. It is "" when there are URLs.
	Tag            string
	URLs           []string
	Transformation string
	// Format is an extension, "" when the call has no format outside the transformation.
	Format string
	Async  bool
	// Download asks for the picture itself in place of a reply.
	Download        bool
	NotificationURL string
}

// ParseSprite reads a call to sprite.
func ParseSprite(resourceType string, r Request) (Gathering, error) {
	return parseGathering(resourceType, r)
}

// ParseMulti reads a call to multi.
func ParseMulti(resourceType string, r Request) (Gathering, error) {
	return parseGathering(resourceType, r)
}

func parseGathering(resourceType string, r Request) (Gathering, error) {
	f := fields{params: r.Params}
	f.oneOf("resource_type", resourceType, asset.Image)
	call := Gathering{
		Tag: f.publicID("tag"), URLs: f.params.All("urls"),
		Transformation: f.transformation("transformation"), Format: f.format("format"),
		Async: f.truth("async", false), Download: f.choice("mode", "", "download") != "",
		NotificationURL: f.address("notification_url"),
	}
	if len(call.URLs) > maxURLs {
		f.check(refuse("Too many urls - at most %d are allowed", maxURLs))
	}
	for _, url := range call.URLs {
		if !validURL(url) {
			f.check(refuse("Unsupported source URL: %s", brief(url)))
		}
	}
	switch {
	case call.Tag == "" && len(call.URLs) == 0:
		f.check(MissingParameter("tag"))
	case call.Tag != "" && len(call.URLs) > 0:
		f.check(refuse("Only one of the parameters tag and urls is allowed"))
	}
	return call, f.err
}

// AllPages is the parameter of a transformation that stands for each page of a document.
const AllPages = "pg_all"

// Explode is a call to make a picture of each page of an asset. It is always worked on in the background.
type Explode struct {
	asset.Ref
	// Transformation has [AllPages] exactly once.
	Transformation string
	// Format is an extension, png when the call has none.
	Format          string
	NotificationURL string
}

// ParseExplode reads a call to explode.
func ParseExplode(resourceType string, r Request) (Explode, error) {
	f := fields{params: r.Params}
	f.oneOf("resource_type", resourceType, asset.Image)
	call := Explode{
		Transformation: f.transformation("transformation"), Format: f.format("format"),
		NotificationURL: f.address("notification_url"),
	}
	kind := f.choice("type", asset.Upload, asset.Private, asset.Authenticated, asset.Multi, asset.Sprite)
	call.Ref = asset.Ref{ResourceType: asset.Image, Type: kind, PublicID: f.required("public_id")}
	if call.Format == "" {
		call.Format = "png"
	}
	if len(pagesOf(call.Transformation)) != 1 {
		f.check(refuse("Transformation must contain exactly one %s transformation parameter", AllPages))
	}
	return call, f.err
}

// pagesOf finds where AllPages stands as a parameter of its own.
func pagesOf(transformation string) []int {
	var places []int
	start := 0
	for part := range strings.FieldsFuncSeq(transformation, func(r rune) bool { return r == ',' || r == '/' }) {
		at := start + strings.Index(transformation[start:], part)
		if part == AllPages {
			places = append(places, at)
		}
		start = at + len(part)
	}
	return places
}

// ref reads which asset a call is about.
func (f *fields) ref(resourceType, name string) asset.Ref {
	resourceType, kind := f.types(resourceType)
	return asset.Ref{ResourceType: resourceType, Type: kind, PublicID: f.required(name)}
}

// types reads the resource type of the path, and the type.
func (f *fields) types(resourceType string) (of, kind string) {
	f.oneOf("resource_type", resourceType, asset.Image, asset.Raw)
	return resourceType, f.choice("type", asset.Upload, asset.Private, asset.Authenticated, asset.Sprite, asset.Multi)
}

func (f *fields) needCommand(command Command) {
	if command == "" {
		f.check(MissingParameter("command"))
	}
}

func (f *fields) needPublicIDs(ids []string) {
	if len(ids) == 0 {
		f.check(MissingParameter("public_ids"))
	}
}
