package cloudinary

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/ringback/ringback/services/internal/asset"
)

// RenameBody is the Body of a [KindRename]; the asset has its new public id.
func RenameBody(a asset.Asset, from string) json.RawMessage {
	return (&document{}).add("resource_type", a.ResourceType).add("type", a.Type).add("asset_id", a.ID).
		add("asset_folder", a.Folder).add("display_name", displayName(a)).
		add("from_public_id", from).add("to_public_id", a.PublicID).bytes()
}

// DeleteBody is the Body of a [KindDelete].
func DeleteBody(assets []asset.Asset) json.RawMessage {
	resources := []*document{}
	for _, a := range assets {
		resources = append(resources, (&document{}).add("resource_type", a.ResourceType).add("type", a.Type).
			add("asset_id", a.ID).add("public_id", a.PublicID).add("version", a.Version).
			add("asset_folder", a.Folder).add("display_name", displayName(a)))
	}
	return (&document{}).add("resources", resources).bytes()
}

// TagsChange is what happened to the tags of one asset.
type TagsChange struct {
	Asset          asset.Asset
	Added, Removed []string
}

// TagsBody is the Body of a [KindTagsChanged].
func TagsBody(changes []TagsChange) json.RawMessage {
	resources := []*document{}
	for _, c := range changes {
		doc := (&document{}).add("asset_id", c.Asset.ID).add("public_id", c.Asset.PublicID).
			add("resource_type", c.Asset.ResourceType).add("type", c.Asset.Type)
		if len(c.Added) > 0 {
			doc.add("added", c.Added)
		}
		if len(c.Removed) > 0 {
			doc.add("removed", c.Removed)
		}
		resources = append(resources, doc)
	}
	return (&document{}).add("source", "api").add("resources", resources).bytes()
}

// Change is what happened to the context or the metadata of one asset.
type Change struct {
	// Before has the old ones, After the new.
	Before, After asset.Asset
}

// ContextBody is the Body of a [KindContextChanged]: the assets by public id, each with what was added, removed and
// updated.
func ContextBody(changes []Change) json.RawMessage {
	return pairsBody(changes, func(a asset.Asset) map[string]string { return a.Context })
}

// MetadataBody is the Body of a [KindMetadataChanged], which is written as that of a context.
func MetadataBody(changes []Change) json.RawMessage {
	return pairsBody(changes, func(a asset.Asset) map[string]string { return a.Metadata })
}

func pairsBody(changes []Change, of func(asset.Asset) map[string]string) json.RawMessage {
	resources := &document{}
	for _, c := range changes {
		before, after := of(c.Before), of(c.After)
		added, removed, updated := []*document{}, []*document{}, []*document{}
		for _, name := range slices.Sorted(maps.Keys(after)) {
			value := after[name]
			old, known := before[name]
			switch {
			case !known:
				added = append(added, (&document{}).add("name", name).add("value", value))
			case old != value:
				updated = append(updated, (&document{}).add("name", name).add("previous_value", old).add("new_value", value))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(before)) {
			if _, kept := after[name]; !kept {
				removed = append(removed, (&document{}).add("name", name).add("value", before[name]))
			}
		}
		resources.add(c.After.PublicID, (&document{}).add("asset_id", c.After.ID).
			add("resource_type", c.After.ResourceType).add("type", c.After.Type).
			add("added", added).add("removed", removed).add("updated", updated))
	}
	return (&document{}).add("source", "api").add("resources", resources).bytes()
}
