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
	if a.Revision, err = s.bucket.Create(ctx, events.Token(id), value, 0); err != nil {
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
	a.Revision = entry.Revision
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
		a.Revision = entry.Revision
		list = append(list, a)
	}
	return list, nil
}

// Change gives an application other settings; change is called again when somebody else was faster. It fails with
// [ErrNotFound], with what change returns, and with [ErrInvalidSettings] when the settings cannot work. An application
// that is to sign with a key pair and has none gets one.
func (s *Store) Change(ctx context.Context, id string, change func(*Settings) error) (Application, error) {
	return s.edit(ctx, id, func(a *Application) error {
		if err := change(&a.Settings); err != nil {
			return err
		}
		if a.Settings.Asymmetric && a.Secrets.SigningKey == "" {
			a.Secrets.SigningKey = newSigningKey()
		}
		return a.Settings.Validate()
	})
}

// editTries bounds how often an edit gives way to somebody else's. Of those who try at the same time one gets through
// each time.
const editTries = 50

// edit reads an application, changes it and writes it, again from the start when somebody else wrote in between: neither
// change is lost, and no two processes make different secrets for one application.
func (s *Store) edit(ctx context.Context, id string, change func(*Application) error) (Application, error) {
	for try := 1; ; try++ {
		a, revision, err := s.get(ctx, id)
		if err != nil {
			return Application{}, err
		}
		if err := change(&a); err != nil {
			return Application{}, err
		}
		a.Revision, err = s.update(ctx, a, revision)
		if err == nil {
			return a, nil
		}
		if !errors.Is(err, bus.ErrExists) || try == editTries {
			return Application{}, err
		}
	}
}

func (s *Store) update(ctx context.Context, a Application, revision uint64) (uint64, error) {
	value, err := encode(a, s.key)
	if err != nil {
		return 0, err
	}
	if revision, err = s.bucket.Update(ctx, events.Token(a.ID), value, revision); err != nil {
		return 0, fmt.Errorf("change application %s: %w", a.ID, err)
	}
	return revision, nil
}

// Rotate gives an application fresh secrets of one kind, or of all. A webhook secret and a signing key that are replaced
// sign along for the overlap, so that receivers can change theirs in peace; without an overlap, everything before the
// new one stops signing at once. Tokens and API pairs are refused from now on, whatever the overlap: they are sent by
// the client, who has the new ones in hand. It fails with [ErrNotFound], [ErrInvalidOverlap] and [ErrTooManyRotations].
func (s *Store) Rotate(ctx context.Context, id string, part Part, overlap time.Duration) (Application, error) {
	if overlap < 0 || overlap > MaxOverlap {
		return Application{}, fmt.Errorf("%w: overlap is %s, want 0s to %s", ErrInvalidOverlap, overlap, MaxOverlap)
	}
	return s.edit(ctx, id, func(a *Application) error {
		now := time.Now().UTC().Truncate(time.Millisecond)
		if err := a.Secrets.rotate(part, now, overlap); err != nil {
			return fmt.Errorf("application %s: %w", a.ID, err)
		}
		a.RotatedAt = now
		return nil
	})
}
