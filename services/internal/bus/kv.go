package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Bucket is a key-value bucket.
type Bucket struct {
	name string
	kv   jetstream.KeyValue
	bus  *Bus
}

// Entry is the newest value of a key.
type Entry struct {
	Key   string
	Value []byte
	// Revision grows with every write to the bucket.
	Revision uint64
	Created  time.Time
	// Deleted tells a watcher that the key is gone.
	Deleted bool
}

// Bucket opens a bucket of the topology.
func (b *Bus) Bucket(ctx context.Context, name string) (*Bucket, error) {
	kv, err := answer(ctx, b.wait.read, func(ctx context.Context) (jetstream.KeyValue, error) { return b.js.KeyValue(ctx, name) })
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", name, err)
	}
	return &Bucket{name: name, kv: kv, bus: b}, nil
}

// Get reads a key; it fails with [ErrNotFound].
func (b *Bucket) Get(ctx context.Context, key string) (Entry, error) {
	entry, err := answer(ctx, b.bus.wait.read, func(ctx context.Context) (jetstream.KeyValueEntry, error) { return b.kv.Get(ctx, key) })
	if err != nil {
		return Entry{}, readError("read "+b.name+"/"+key, err)
	}
	return entryOf(entry), nil
}

// Create writes a key that must be new; it fails with [ErrExists]. A lifetime above zero lets the key end by itself.
func (b *Bucket) Create(ctx context.Context, key string, value []byte, lifetime time.Duration) (uint64, error) {
	var options []jetstream.KVCreateOpt
	if lifetime > 0 {
		options = append(options, jetstream.KeyTTL(lifetime))
	}
	revision, err := answer(ctx, b.bus.wait.write, func(ctx context.Context) (uint64, error) {
		return b.kv.Create(ctx, key, value, options...)
	})
	if errors.Is(err, jetstream.ErrKeyExists) {
		return 0, fmt.Errorf("create %s/%s: %w", b.name, key, ErrExists)
	}
	if err != nil {
		return 0, publishError(b.name+"/"+key, err)
	}
	return revision, nil
}

// Update writes a key whose newest revision must be the one given; it fails with [ErrExists] when it is not.
func (b *Bucket) Update(ctx context.Context, key string, value []byte, revision uint64) (uint64, error) {
	next, err := answer(ctx, b.bus.wait.write, func(ctx context.Context) (uint64, error) {
		return b.kv.Update(ctx, key, value, revision)
	})
	if err != nil {
		return 0, publishError(b.name+"/"+key, err)
	}
	return next, nil
}

// Delete removes a key; that it is not there is as good.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	_, err := answer(ctx, b.bus.wait.write, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, b.kv.Purge(ctx, key)
	})
	if err != nil && !errors.Is(err, jetstream.ErrKeyNotFound) {
		return publishError(b.name+"/"+key, err)
	}
	return nil
}

// KeysOf lists every key that begins with the tokens of prefix, such as "demo.".
func (b *Bucket) KeysOf(ctx context.Context, prefix string) ([]string, error) {
	lister, err := b.kv.ListKeysFiltered(ctx, prefix+">")
	if err != nil {
		return nil, readError("list "+b.name, err)
	}
	defer func() { _ = lister.Stop() }()
	var keys []string
	for key := range lister.Keys() {
		keys = append(keys, key)
	}
	if ctx.Err() != nil {
		return nil, readError("list "+b.name, ctx.Err())
	}
	return keys, nil
}

// Keys lists every key.
func (b *Bucket) Keys(ctx context.Context) ([]string, error) {
	keys, err := b.kv.Keys(ctx)
	if errors.Is(err, jetstream.ErrNoKeysFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", b.name, err)
	}
	return keys, nil
}

// Watch calls handle for the newest entry of every key, then ready once, and then handle for each change, one after
// the other, until ctx ends.
func (b *Bucket) Watch(ctx context.Context, handle func(Entry), ready func()) error {
	watcher, err := b.kv.WatchAll(ctx)
	if err != nil {
		return fmt.Errorf("watch %s: %w", b.name, err)
	}
	defer func() { _ = watcher.Stop() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case entry, ok := <-watcher.Updates():
			switch {
			case !ok && ctx.Err() != nil: // the watcher ends with ctx, too
				return nil
			case !ok:
				return fmt.Errorf("watch %s: %w", b.name, ErrUnavailable)
			case entry == nil:
				ready()
			default:
				handle(entryOf(entry))
			}
		}
	}
}

func entryOf(entry jetstream.KeyValueEntry) Entry {
	return Entry{
		Key: entry.Key(), Value: entry.Value(), Revision: entry.Revision(), Created: entry.Created(),
		Deleted: entry.Operation() != jetstream.KeyValuePut,
	}
}

// List reads the newest entry of every key that begins with the tokens of prefix, such as "demo."; all when it is empty.
func (b *Bucket) List(ctx context.Context, prefix string) ([]Entry, error) {
	watcher, err := b.kv.Watch(ctx, prefix+">", jetstream.IgnoreDeletes())
	if err != nil {
		return nil, readError("list "+b.name, err)
	}
	defer func() { _ = watcher.Stop() }()
	var list []Entry
	for {
		select {
		case <-ctx.Done():
			return nil, readError("list "+b.name, ctx.Err())
		case entry, ok := <-watcher.Updates():
			switch {
			case !ok:
				return nil, fmt.Errorf("list %s: %w", b.name, ErrUnavailable)
			case entry == nil:
				return list, nil
			default:
				list = append(list, entryOf(entry))
			}
		}
	}
}
