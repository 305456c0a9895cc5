package application

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/seal"
)

// Store keeps applications in a bucket. It reads the bucket every time; [Directory] is for the hot path.
type Store struct {
	bucket *bus.Bucket
	key    seal.Key
}

// NewStore makes a store on the applications bucket; key seals and opens the secrets.
func NewStore(bucket *bus.Bucket, key seal.Key) *Store {
	return &Store{bucket: bucket, key: key}
}

// Add makes an application with fresh random secrets. It fails with [ErrInvalidID] or [ErrExists].
func (s *Store) Add(ctx context.Context, id string) (Application, error) {
	if !validID.MatchString(id) {
		return Application{}, fmt.Errorf("%q: %w", id, ErrInvalidID)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	a := Application{ID: id, CreatedAt: now, RotatedAt: now, Secrets: newSecrets()}
	value, err := encode(a, s.key)
	if err != nil {
		return Application{}, err
	}
	if _, err := s.bucket.Create(ctx, events.Token(id), value, 0); err != nil {
		if errors.Is(err, bus.ErrExists) {
			return Application{}, fmt.Errorf("%q: %w", id, ErrExists)
		}
		return Application{}, err
	}
	return a, nil
}

// Get reads one application; it fails with [ErrNotFound].
func (s *Store) Get(ctx context.Context, id string) (Application, error) {
	a, _, err := s.get(ctx, id)
	return a, err
}

func (s *Store) get(ctx context.Context, id string) (Application, uint64, error) {
	entry, err := s.bucket.Get(ctx, events.Token(id))
	if errors.Is(err, bus.ErrNotFound) {
		return Application{}, 0, fmt.Errorf("%q: %w", id, ErrNotFound)
	}
	if err != nil {
		return Application{}, 0, err
	}
	a, err := decode(entry.Value, s.key)
	return a, entry.Revision, err
}

// List reads every application, by id.
func (s *Store) List(ctx context.Context) ([]Application, error) {
	keys, err := s.bucket.Keys(ctx)
	if err != nil {
		return nil, err
	}
	sort.Strings(keys)
	list := make([]Application, 0, len(keys))
	for _, key := range keys {
		entry, err := s.bucket.Get(ctx, key)
		if err != nil {
			return nil, err
		}
		a, err := decode(entry.Value, s.key)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// Change gives an application other settings. It fails with [ErrNotFound], with [ErrInvalidSettings] when they cannot
// work, and with [bus.ErrExists] when somebody else changed the application meanwhile.
func (s *Store) Change(ctx context.Context, id string, change func(*Settings)) (Application, error) {
	a, revision, err := s.get(ctx, id)
	if err != nil {
		return Application{}, err
	}
	change(&a.Settings)
	if err := a.Settings.Validate(); err != nil {
		return Application{}, err
	}
	return a, s.update(ctx, a, revision)
}

func (s *Store) update(ctx context.Context, a Application, revision uint64) error {
	value, err := encode(a, s.key)
	if err != nil {
		return err
	}
	if _, err := s.bucket.Update(ctx, events.Token(a.ID), value, revision); err != nil {
		return fmt.Errorf("change application %s: %w", a.ID, err)
	}
	return nil
}

// Rotate gives an application fresh secrets. The token before is refused at once; the webhook secret before signs
// along for a day, so that receivers can change theirs in peace.
func (s *Store) Rotate(ctx context.Context, id string) (Application, error) {
	a, revision, err := s.get(ctx, id)
	if err != nil {
		return Application{}, err
	}
	previous := a.Secrets.WebhookSecret
	a.Secrets = newSecrets()
	a.Secrets.PreviousWebhookSecret = previous
	a.RotatedAt = time.Now().UTC().Truncate(time.Millisecond)
	return a, s.update(ctx, a, revision)
}
