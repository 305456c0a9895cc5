package cloudinary

import (
	"strings"

	"github.com/ringback/ringback/services/internal/asset"
)

// Bounds on calls of the admin API.
const (
	maxDeletions = 100
	maxResults   = 500
)

// DeleteResources is a call of the admin API to delete assets: those with the public ids, or the prefix, or the tag, or
// all of a type.
type DeleteResources struct {
	// Type is "" for a deletion by the tag of the path.
	ResourceType, Type string
	PublicIDs          []string
	Prefix             string
	All                bool
	// KeepOriginal deletes only what was derived.
	KeepOriginal, Invalidate bool
	// Cursor goes on where a partial deletion ended.
	Cursor          string
	NotificationURL string
}

// ParseDeleteResources reads a call to delete resources. resourceType and kind are those of the path. A path with a tag
// has no kind, and the tag says what to delete; otherwise the call has to, so that a forgotten parameter deletes nothing.
func ParseDeleteResources(resourceType, kind string, r Request) (DeleteResources, error) {
	f := fields{params: r.Params}
	call := DeleteResources{
		ResourceType: resourceType, Type: kind,
		PublicIDs: f.publicIDs("public_ids", maxDeletions), Prefix: f.short("prefix"), All: f.truth("all", false),
		KeepOriginal: f.truth("keep_original", false), Invalidate: f.truth("invalidate", false),
		Cursor: f.short("next_cursor"), NotificationURL: f.address("notification_url"),
	}
	f.oneOf("resource_type", resourceType, asset.Image, asset.Raw)
	chosen := 0
	for _, given := range []bool{len(call.PublicIDs) > 0, call.Prefix != "", call.All} {
		if given {
			chosen++
		}
	}
	switch {
	case chosen > 1, chosen == 1 && kind == "":
		f.check(refuse("Only one of the parameters public_ids, prefix and all is allowed"))
	case chosen == 0 && kind != "":
		f.check(MissingParameter("public_ids"))
	}
	return call, f.err
}

// List is a call of the admin API to list assets.
type List struct {
	// ResourceType and Type are those of the path; Type is "" for every type.
	ResourceType, Type string
	PublicIDs          []string
	Prefix             string
	// Results is how many assets to list, 1 to 500. Cursor goes on where a list ended.
	Results int
	Cursor  string
	// Ascending lists the oldest first.
	Ascending bool
	// Tags, Context and Metadata say what to tell of each asset.
	Tags, Context, Metadata bool
}

// ParseList reads a call to list resources.
func ParseList(resourceType, kind string, r Request) (List, error) {
	f := fields{params: r.Params}
	const usual = 10
	if kind == "" {
		kind = f.text("type")
	}
	call := List{
		ResourceType: resourceType, Type: kind,
		PublicIDs: f.publicIDs("public_ids", maxDeletions), Prefix: f.short("prefix"),
		Results: int(f.number("max_results", usual, 1, maxResults)), Cursor: f.short("next_cursor"),
		Ascending: f.direction(), Tags: f.truth("tags", false), Context: f.truth("context", false),
		Metadata: f.truth("metadata", false),
	}
	f.oneOf("resource_type", resourceType, asset.Image, asset.Raw)
	f.oneOf("type", kind, "", asset.Upload, asset.Private, asset.Authenticated, asset.Sprite, asset.Multi)
	return call, f.err
}

func (f *fields) direction() bool {
	text := strings.ToLower(f.text("direction"))
	f.oneOf("direction", text, "", "asc", "desc", "1", "-1")
	return text == "asc" || text == "1"
}
