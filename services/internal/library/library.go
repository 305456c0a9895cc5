// Package library keeps the assets of all applications on the bus.
package library

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/bus"
)

var (
	// ErrNotFound is returned when there is no asset of a name.
	ErrNotFound = errors.New("no such asset")

	// ErrExists is returned when an asset is to be renamed to a name that is taken.
	ErrExists = errors.New("asset exists already")
)

// rounds is how often a change is tried that others are faster than.
const rounds = 20

// Library keeps the assets of all applications in a bucket: a record for each, and beside it an empty entry for each of
// its tags. The record is the truth: an entry whose record has no such tag is of no account.
type Library struct{ bucket *bus.Bucket }

// Open opens the library in [bus.AssetBucket].
func Open(ctx context.Context, b *bus.Bus) (*Library, error) {
	bucket, err := b.Bucket(ctx, bus.AssetBucket)
	if err != nil {
		return nil, err
	}
	return &Library{bucket: bucket}, nil
}

// Get reads an asset. It fails with [ErrNotFound], or when the broker does not answer.
func (l *Library) Get(ctx context.Context, application string, ref asset.Ref) (asset.Asset, error) {
	a, _, err := l.read(ctx, key(application, ref))
	return a, err
}

// Put writes an asset down in place of the one that had its name, unless that is newer. It returns what is there then.
// It fails when the broker does not answer.
func (l *Library) Put(ctx context.Context, application string, a asset.Asset) (asset.Asset, error) {
	for range rounds {
		old, revision, err := l.read(ctx, key(application, a.Ref))
		switch {
		case err == nil && old.Version > a.Version:
			return old, nil
		case err == nil:
			a.Overwritten = old.Version < a.Version || old.Overwritten
		case !errors.Is(err, ErrNotFound):
			return a, err
		}
		err = l.write(ctx, application, a, revision)
		if !errors.Is(err, bus.ErrExists) {
			return a, errors.Join(err, l.unlist(ctx, application, old, a.Tags))
		}
	}
	return a, fmt.Errorf("write asset: %w", bus.ErrUnavailable)
}

// Change lets change an asset as it is now; change may be called several times. It fails with [ErrNotFound], the error of
// change, or when the broker does not answer.
func (l *Library) Change(ctx context.Context, application string, ref asset.Ref, change func(*asset.Asset) error) (asset.Asset, error) {
	for range rounds {
		old, revision, err := l.read(ctx, key(application, ref))
		if err != nil {
			return old, err
		}
		a := old
		a.Tags = slices.Clone(old.Tags)
		if err := change(&a); err != nil {
			return a, err
		}
		err = l.write(ctx, application, a, revision)
		if !errors.Is(err, bus.ErrExists) {
			return a, errors.Join(err, l.unlist(ctx, application, old, a.Tags))
		}
	}
	return asset.Asset{}, fmt.Errorf("change asset: %w", bus.ErrUnavailable)
}

// Rename gives an asset another name. It fails with [ErrNotFound], with [ErrExists] when that name is taken and overwrite
// is not set, or when the broker does not answer; the asset is then under its old name, or under both.
func (l *Library) Rename(ctx context.Context, application string, from, to asset.Ref, overwrite bool) (asset.Asset, error) {
	a, err := l.Get(ctx, application, from)
	if err != nil {
		return a, err
	}
	if from == to {
		return a, nil
	}
	a.Ref = to
	old, err := l.Get(ctx, application, to)
	switch {
	case err == nil && !overwrite:
		return a, ErrExists
	case err == nil:
		a.Version = max(a.Version, old.Version)
		_, err = l.Put(ctx, application, a)
	case errors.Is(err, ErrNotFound):
		err = l.write(ctx, application, a, 0)
	}
	if errors.Is(err, bus.ErrExists) { // it was taken in the meantime
		err = ErrExists
	}
	if err != nil {
		return a, err
	}
	return a, l.Delete(ctx, application, from)
}

// Delete forgets an asset. It fails with [ErrNotFound], or when the broker does not answer. What the asset's content was
// stays in the blob store.
func (l *Library) Delete(ctx context.Context, application string, ref asset.Ref) error {
	a, err := l.Get(ctx, application, ref)
	if err != nil {
		return err
	}
	if err := l.bucket.Delete(ctx, key(application, ref)); err != nil {
		return err
	}
	return l.unlist(ctx, application, a, nil)
}

// Tagged lists the assets with a tag, by their public ids, the first most of them.
func (l *Library) Tagged(ctx context.Context, application, resourceType, tag string, most int) ([]asset.Asset, error) {
	prefix := tagPrefix(application, tag) + resourceType + "."
	keys, err := l.bucket.KeysOf(ctx, prefix)
	if err != nil {
		return nil, err
	}
	var assets []asset.Asset
	for _, k := range keys {
		a, _, err := l.read(ctx, events.Token(application)+"."+resourceType+"."+strings.TrimPrefix(k, prefix))
		if errors.Is(err, ErrNotFound) || err == nil && !slices.Contains(a.Tags, tag) {
			continue
		}
		if err != nil {
			return nil, err
		}
		assets = append(assets, a)
	}
	slices.SortFunc(assets, func(a, b asset.Asset) int { return strings.Compare(a.PublicID, b.PublicID) })
	return assets[:min(len(assets), most)], nil
}

// List reads a page of the assets of a kind whose public ids begin with a prefix, ordered by them, those behind after.
// next is the last public id of the page when there are more.
func (l *Library) List(ctx context.Context, application, resourceType, kind, prefix, after string, most int) (page []asset.Asset, next string, err error) {
	place := events.Token(application) + "." + resourceType + "." + kind + "."
	keys, err := l.bucket.KeysOf(ctx, place)
	if err != nil {
		return nil, "", err
	}
	var ids []string
	for _, k := range keys {
		id, err := events.ParseToken(strings.TrimPrefix(k, place))
		if err == nil && strings.HasPrefix(id, prefix) && id > after {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for i, id := range ids {
		if len(page) == most {
			return page, ids[i-1], nil
		}
		a, err := l.Get(ctx, application, asset.Ref{ResourceType: resourceType, Type: kind, PublicID: id})
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		page = append(page, a)
	}
	return page, "", nil
}

func (l *Library) read(ctx context.Context, key string) (asset.Asset, uint64, error) {
	entry, err := l.bucket.Get(ctx, key)
	if errors.Is(err, bus.ErrNotFound) {
		return asset.Asset{}, 0, ErrNotFound
	}
	if err != nil {
		return asset.Asset{}, 0, err
	}
	var a asset.Asset
	if err := json.Unmarshal(entry.Value, &a); err != nil {
		return asset.Asset{}, 0, fmt.Errorf("read asset: %w", err)
	}
	return a, entry.Revision, nil
}

// write stores a record over the revision that was read, 0 when there was none. The tags come first: a tag too many is of
// no account.
func (l *Library) write(ctx context.Context, application string, a asset.Asset, revision uint64) error {
	for _, tag := range a.Tags {
		_, err := l.bucket.Create(ctx, tagKey(application, tag, a.Ref), nil, 0)
		if err != nil && !errors.Is(err, bus.ErrExists) {
			return err
		}
	}
	value, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode asset: %w", err)
	}
	if revision == 0 {
		_, err = l.bucket.Create(ctx, key(application, a.Ref), value, 0)
		return err
	}
	_, err = l.bucket.Update(ctx, key(application, a.Ref), value, revision)
	return err
}

// unlist removes the entries of tags that an asset has no more.
func (l *Library) unlist(ctx context.Context, application string, old asset.Asset, now []string) error {
	for _, tag := range old.Tags {
		if slices.Contains(now, tag) {
			continue
		}
		if err := l.bucket.Delete(ctx, tagKey(application, tag, old.Ref)); err != nil {
			return err
		}
	}
	return nil
}

func key(application string, ref asset.Ref) string {
	return events.Token(application) + "." + events.Token(ref.ResourceType) + "." + events.Token(ref.Type) + "." + events.Token(ref.PublicID)
}

// tagPrefix is what the entries of a tag begin with. No resource type has its name.
func tagPrefix(application, tag string) string {
	return events.Token(application) + ".tag." + events.Token(tag) + "."
}

func tagKey(application, tag string, ref asset.Ref) string {
	return tagPrefix(application, tag) + events.Token(ref.ResourceType) + "." + events.Token(ref.Type) + "." + events.Token(ref.PublicID)
}
