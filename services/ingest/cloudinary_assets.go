package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/library"
)

// cloudinaryTags changes the tags of assets.
func (s *Service) cloudinaryTags(ctx context.Context, _ *fiber.Ctx, call cloudinaryCall) ([]byte, error) {
	t, err := cloudinary.ParseTags(call.resource, call.Request)
	if err != nil {
		return nil, err
	}
	var changes []cloudinary.TagsChange
	note := func(before, after asset.Asset) {
		changes = append(changes, cloudinary.TagsChange{
			Asset: after, Added: without(after.Tags, before.Tags), Removed: without(before.Tags, after.Tags),
		})
	}
	if t.Command == cloudinary.SetExclusive { // nobody else may have them
		for _, tag := range t.Tags {
			others, err := s.library.Tagged(ctx, call.app.ID, t.ResourceType, tag, setMost)
			if err != nil {
				return nil, err
			}
			for _, other := range others {
				if slices.Contains(t.PublicIDs, other.PublicID) {
					continue
				}
				err := s.change(ctx, call, other.Ref, func(a *asset.Asset) { a.Tags = without(a.Tags, t.Tags) }, note)
				if err != nil && !errors.Is(err, library.ErrNotFound) {
					return nil, err
				}
			}
		}
	}
	ids, err := s.changeAll(ctx, call, t.ResourceType, t.Type, t.PublicIDs, func(a *asset.Asset) { a.Tags = tagsAfter(t, a.Tags) }, note)
	if err != nil {
		return nil, err
	}
	details := s.details(call, cloudinary.KindTagsChanged)
	details.Body = cloudinary.TagsBody(changes)
	return cloudinary.TagsReply(ids), s.tellOf(ctx, call, len(changes), t.NotificationURL, details)
}

// tagsAfter are the tags of an asset after a call.
func tagsAfter(t cloudinary.Tags, before []string) []string {
	switch t.Command {
	case cloudinary.Remove:
		return without(before, t.Tags)
	case cloudinary.Replace:
		return t.Tags
	case cloudinary.RemoveAll:
		return nil
	default:
		return append(slices.Clone(before), without(t.Tags, before)...)
	}
}

// without are the texts of a list that are not in another one.
func without(list, others []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(text string) bool { return slices.Contains(others, text) })
}

// cloudinaryContext changes what clients noted of assets.
func (s *Service) cloudinaryContext(ctx context.Context, _ *fiber.Ctx, call cloudinaryCall) ([]byte, error) {
	x, err := cloudinary.ParseContext(call.resource, call.Request)
	if err != nil {
		return nil, err
	}
	return s.changePairs(ctx, call, pairsChange{
		resource: x.ResourceType, kind: x.Type, ids: x.PublicIDs, own: x.NotificationURL,
		changed: cloudinary.KindContextChanged, body: cloudinary.ContextBody,
		change: func(a *asset.Asset) {
			after := map[string]string{}
			if x.Command == cloudinary.Add {
				maps.Copy(after, a.Context)
				maps.Copy(after, x.Context)
			}
			a.Context = after
		},
	})
}

// cloudinaryMetadata changes the metadata of assets.
func (s *Service) cloudinaryMetadata(ctx context.Context, _ *fiber.Ctx, call cloudinaryCall) ([]byte, error) {
	m, err := cloudinary.ParseMetadata(call.resource, call.Request)
	if err != nil {
		return nil, err
	}
	return s.changePairs(ctx, call, pairsChange{
		resource: m.ResourceType, kind: m.Type, ids: m.PublicIDs, own: m.NotificationURL,
		changed: cloudinary.KindMetadataChanged, body: cloudinary.MetadataBody,
		change: func(a *asset.Asset) {
			after := map[string]string{}
			maps.Copy(after, a.Metadata)
			maps.Copy(after, m.Metadata)
			maps.DeleteFunc(after, func(_, value string) bool { return value == "" })
			a.Metadata = after
		},
	})
}

// pairsChange is a call that changes names and values of assets.
type pairsChange struct {
	resource, kind string
	ids            []string
	own            string
	change         func(*asset.Asset)
	changed        cloudinary.Kind
	body           func([]cloudinary.Change) json.RawMessage
}

// changePairs changes assets, tells of it, and answers with the public ids of those that are there.
func (s *Service) changePairs(ctx context.Context, call cloudinaryCall, p pairsChange) ([]byte, error) {
	var changes []cloudinary.Change
	ids, err := s.changeAll(ctx, call, p.resource, p.kind, p.ids, p.change, func(before, after asset.Asset) {
		changes = append(changes, cloudinary.Change{Before: before, After: after})
	})
	if err != nil {
		return nil, err
	}
	details := s.details(call, p.changed)
	details.Body = p.body(changes)
	return cloudinary.TagsReply(ids), s.tellOf(ctx, call, len(changes), p.own, details)
}

// tellOf tells of changes, if there are any.
func (s *Service) tellOf(ctx context.Context, call cloudinaryCall, changes int, own string, details cloudinary.Details) error {
	if changes == 0 {
		return nil
	}
	return s.notice(ctx, call, own, details)
}

// changeAll changes the assets that are there of those that a call names, and returns their public ids.
func (s *Service) changeAll(
	ctx context.Context, call cloudinaryCall, resource, kind string, ids []string, change func(*asset.Asset), note func(before, after asset.Asset),
) ([]string, error) {
	var changed []string
	for _, id := range ids {
		err := s.change(ctx, call, asset.Ref{ResourceType: resource, Type: kind, PublicID: id}, change, note)
		if errors.Is(err, library.ErrNotFound) {
			continue
		}
		if err != nil {
			return changed, err
		}
		changed = append(changed, id)
	}
	return changed, nil
}

func (s *Service) change(
	ctx context.Context, call cloudinaryCall, ref asset.Ref, change func(*asset.Asset), note func(before, after asset.Asset),
) error {
	var before asset.Asset
	after, err := s.library.Change(ctx, call.app.ID, ref, func(a *asset.Asset) error {
		before = *a
		change(a)
		return nil
	})
	if err == nil {
		note(before, after)
	}
	return err
}

// cloudinaryResources lists assets, all of a type, those with a tag, or those that are named.
func (s *Service) cloudinaryResources(ctx context.Context, c *fiber.Ctx, call cloudinaryCall) ([]byte, error) {
	list, err := cloudinary.ParseList(call.resource, strings.Clone(c.Params("type")), call.Request)
	if err != nil {
		return nil, err
	}
	if list.Type == "" {
		list.Type = asset.Upload
	}
	tag, err := unescaped(c.Params("tag"))
	if err != nil {
		return nil, err
	}
	var assets []asset.Asset
	next := ""
	switch {
	case tag != "":
		list.Tags = true
		assets, err = s.library.Tagged(ctx, call.app.ID, call.resource, tag, list.Results)
	case len(list.PublicIDs) > 0:
		assets, err = s.named(ctx, call, list)
	default:
		assets, next, err = s.library.List(ctx, call.app.ID, call.resource, list.Type, list.Prefix, list.Cursor, list.Results)
	}
	return cloudinary.ResourcesReply(assets, call.site, list, next), err
}

// named are the assets that a call names, as far as they are there.
func (s *Service) named(ctx context.Context, call cloudinaryCall, list cloudinary.List) ([]asset.Asset, error) {
	var assets []asset.Asset
	for _, id := range list.PublicIDs {
		a, err := s.library.Get(ctx, call.app.ID, asset.Ref{ResourceType: call.resource, Type: list.Type, PublicID: id})
		if errors.Is(err, library.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		assets = append(assets, a)
	}
	return assets, nil
}

// cloudinaryResource tells of one asset.
func (s *Service) cloudinaryResource(ctx context.Context, c *fiber.Ctx, call cloudinaryCall) ([]byte, error) {
	id, err := unescaped(c.Params("*"))
	if err != nil {
		return nil, err
	}
	a, err := s.library.Get(ctx, call.app.ID, asset.Ref{ResourceType: call.resource, Type: strings.Clone(c.Params("type")), PublicID: id})
	if errors.Is(err, library.ErrNotFound) {
		return nil, cloudinary.NotFound(id)
	}
	if err != nil {
		return nil, err
	}
	return cloudinary.ResourceReply(a, call.site, nil), nil
}

// cloudinaryDeleteResources forgets assets by their public ids, or all that a prefix begins.
func (s *Service) cloudinaryDeleteResources(ctx context.Context, c *fiber.Ctx, call cloudinaryCall) ([]byte, error) {
	d, err := cloudinary.ParseDeleteResources(call.resource, strings.Clone(c.Params("type")), call.Request)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(d.PublicIDs) == 0 {
		assets, more, err := s.library.List(ctx, call.app.ID, d.ResourceType, d.Type, d.Prefix, d.Cursor, setMost)
		if err != nil {
			return nil, err
		}
		next = more
		for _, a := range assets {
			d.PublicIDs = append(d.PublicIDs, a.PublicID)
		}
	}
	var refs []asset.Ref
	for _, id := range d.PublicIDs {
		refs = append(refs, asset.Ref{ResourceType: d.ResourceType, Type: d.Type, PublicID: id})
	}
	gone, err := s.forget(ctx, call, refs, d.NotificationURL)
	if err != nil {
		return nil, err
	}
	var deletions []cloudinary.Deletion
	for _, id := range d.PublicIDs {
		found := slices.ContainsFunc(gone, func(a asset.Asset) bool { return a.PublicID == id })
		deletions = append(deletions, cloudinary.Deletion{PublicID: id, Found: found})
	}
	return cloudinary.DeleteResourcesReply(deletions, next), nil
}

// unescaped undoes the escapes of a part of a path.
func unescaped(part string) (string, error) {
	text, err := url.PathUnescape(part)
	if err != nil {
		return "", &cloudinary.Error{Status: fiber.StatusBadRequest, Message: "Invalid URL"}
	}
	return text, nil
}

// cloudinaryRename gives an asset another public id.
func (s *Service) cloudinaryRename(ctx context.Context, _ *fiber.Ctx, call cloudinaryCall) ([]byte, error) {
	r, err := cloudinary.ParseRename(call.resource, call.Request)
	if err != nil {
		return nil, err
	}
	a, err := s.library.Rename(ctx, call.app.ID, r.From, r.To, r.Overwrite)
	switch {
	case errors.Is(err, library.ErrNotFound):
		return nil, cloudinary.NotFound(r.From.PublicID)
	case errors.Is(err, library.ErrExists):
		return nil, cloudinary.AlreadyExists(r.To.PublicID)
	case err != nil:
		return nil, err
	}
	details := s.details(call, cloudinary.KindRename)
	details.Asset, details.Body = a, cloudinary.RenameBody(a, r.From.PublicID)
	return cloudinary.ResourceReply(a, call.site, nil), s.notice(ctx, call, r.NotificationURL, details)
}

// cloudinaryDestroy forgets an asset.
func (s *Service) cloudinaryDestroy(ctx context.Context, _ *fiber.Ctx, call cloudinaryCall) ([]byte, error) {
	d, err := cloudinary.ParseDestroy(call.resource, call.Request)
	if err != nil {
		return nil, err
	}
	gone, err := s.forget(ctx, call, []asset.Ref{d.Ref}, d.NotificationURL)
	return cloudinary.DestroyReply(len(gone) > 0), err
}

// forget deletes assets, and tells of those that were there.
func (s *Service) forget(ctx context.Context, call cloudinaryCall, refs []asset.Ref, own string) ([]asset.Asset, error) {
	var gone []asset.Asset
	for _, ref := range refs {
		a, err := s.library.Get(ctx, call.app.ID, ref)
		if err == nil {
			err = s.library.Delete(ctx, call.app.ID, ref)
		}
		if errors.Is(err, library.ErrNotFound) {
			continue
		}
		if err != nil {
			return gone, err
		}
		if err := s.erase(ctx, call.app.ID, a); err != nil {
			s.deps.Log.Warn("content of a deleted asset not all removed", "app", call.app.ID, "asset", a.ID, "err", err)
		}
		gone = append(gone, a)
	}
	if len(gone) == 0 {
		return nil, nil
	}
	details := s.details(call, cloudinary.KindDelete)
	details.Body = cloudinary.DeleteBody(gone)
	return gone, s.notice(ctx, call, own, details)
}

// erase removes the contents of all versions of an asset, and the pictures that were derived of them.
func (s *Service) erase(ctx context.Context, app string, a asset.Asset) error {
	for _, folder := range asset.Folders(app, a.ID) {
		for after, more := "", true; more; more = after != "" {
			page, next, err := s.deps.Store.List(ctx, folder, after, blob.MaxList)
			if err != nil {
				return err
			}
			for _, b := range page {
				if err := s.deps.Store.Delete(ctx, b.Key); err != nil && !errors.Is(err, blob.ErrNotFound) {
					return err
				}
			}
			after = next
		}
	}
	return nil
}
