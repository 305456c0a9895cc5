package cloudinary

import (
	"path"

	"github.com/ringback/ringback/services/internal/asset"
)

// ResourceReply writes what the admin API tells of one asset, which is also the reply to a call to rename. derived are
// the pictures that were made from it.
func ResourceReply(a asset.Asset, site Site, derived []Derived) []byte {
	doc := resource(a, site, List{Tags: true, Context: true, Metadata: true})
	doc.add("etag", a.ETag).add("version_id", a.VersionID).addText("original_filename", a.Name)
	made := []*document{}
	for _, d := range derived {
		made = append(made, (&document{}).add("transformation", d.Transformation).addText("format", d.Format).
			add("bytes", d.Bytes).add("url", d.URL).add("secure_url", d.SecureURL))
	}
	return doc.add("derived", made).bytes()
}

// ResourcesReply writes a list of assets, each with what the call wants to be told. nextCursor is "" at the end.
func ResourcesReply(assets []asset.Asset, site Site, list List, nextCursor string) []byte {
	resources := []*document{}
	for _, a := range assets {
		resources = append(resources, resource(a, site, list))
	}
	return (&document{}).add("resources", resources).addText("next_cursor", nextCursor).bytes()
}

func resource(a asset.Asset, site Site, list List) *document {
	doc := (&document{}).add("asset_id", a.ID).add("public_id", a.PublicID)
	if a.ResourceType != asset.Raw {
		doc.addText("format", a.Format)
	}
	doc.add("version", a.Version).add("resource_type", a.ResourceType).add("type", a.Type)
	addTime(doc, "created_at", a.CreatedAt)
	doc.add("bytes", a.Bytes).addNumber("width", int64(a.Width)).addNumber("height", int64(a.Height))
	link, secure := site.own(a)
	if a.Type == asset.Sprite || a.Type == asset.Multi {
		link, secure = site.Image(a, a.Transformation, a.Format)
	}
	doc.add("asset_folder", a.Folder).add("display_name", displayName(a)).
		add("access_mode", "public").add("url", link).add("secure_url", secure)
	if list.Tags {
		doc.add("tags", listOf(a.Tags))
	}
	shown := asset.Asset{}
	if list.Context {
		shown.Context = a.Context
	}
	if list.Metadata {
		shown.Metadata = a.Metadata
	}
	addDescription(doc, shown)
	return doc
}

func displayName(a asset.Asset) string {
	if a.DisplayName != "" || a.PublicID == "" {
		return a.DisplayName
	}
	return path.Base(a.PublicID)
}

// Deletion is what became of one asset that was to be deleted.
type Deletion struct {
	PublicID string
	Found    bool
	// Derived is how many pictures that were made from it were deleted. The original is kept if KeptOriginal.
	Derived      int
	KeptOriginal bool
}

// DeleteResourcesReply writes the reply to a deletion of several assets. nextCursor is set when there are more to delete.
func DeleteResourcesReply(deletions []Deletion, nextCursor string) []byte {
	deleted, counts := &document{}, &document{}
	for _, d := range deletions {
		result, original := "not_found", 0
		if d.Found {
			result = "deleted"
			if !d.KeptOriginal {
				original = 1
			}
		}
		deleted.add(d.PublicID, result)
		counts.add(d.PublicID, (&document{}).add("original", original).add("derived", d.Derived))
	}
	return (&document{}).add("deleted", deleted).add("deleted_counts", counts).add("partial", nextCursor != "").
		addText("next_cursor", nextCursor).bytes()
}
