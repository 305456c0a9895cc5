// Package application keeps the tenants: who may hand over jobs, with which credentials, and which secret signs their
// postbacks. One record serves every dialect. Secrets are sealed wherever they lie.
package application

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/ringback/ringback/services/internal/seal"
)

var (
	// ErrNotFound is returned when there is no application with an id.
	ErrNotFound = errors.New("no such application")

	// ErrExists is returned when an application is added under an id that is taken.
	ErrExists = errors.New("application exists already")

	// ErrInvalidID is returned when an application is added under an id that cannot be one.
	ErrInvalidID = errors.New("invalid application id: want 1 to 40 lower-case letters, digits, '-' or '_', a letter or digit first")
)

var validID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// Application is a tenant.
type Application struct {
	// ID is public: it is part of subjects, keys and addresses.
	ID        string
	CreatedAt time.Time
	// RotatedAt is when a secret was last replaced; CreatedAt when none ever was.
	RotatedAt time.Time
	Secrets   Secrets
	Settings  Settings
	// Revision is greater after each change; 0 before the application is stored.
	Revision uint64
}

// stored is the value in the applications bucket.
type stored struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	RotatedAt time.Time `json:"rotated_at"`
	Sealed    []byte    `json:"sealed"`
	Settings  Settings  `json:"settings"`
}

func encode(a Application, key seal.Key) ([]byte, error) {
	plain, err := json.Marshal(a.Secrets.open()) //nolint:gosec // it is sealed below, and goes nowhere else
	if err != nil {
		return nil, fmt.Errorf("encode secrets of %s: %w", a.ID, err)
	}
	sealed, err := key.Seal(plain, place(a.ID))
	if err != nil {
		return nil, fmt.Errorf("seal secrets of %s: %w", a.ID, err)
	}
	return json.Marshal(stored{ID: a.ID, CreatedAt: a.CreatedAt, RotatedAt: a.RotatedAt, Sealed: sealed, Settings: a.Settings})
}

func decode(value []byte, key seal.Key) (Application, error) {
	var s stored
	if err := json.Unmarshal(value, &s); err != nil {
		return Application{}, fmt.Errorf("read application: %w", err)
	}
	plain, err := key.Open(s.Sealed, place(s.ID))
	if err != nil {
		return Application{}, fmt.Errorf("open secrets of application %s (is RINGBACK_SEAL_KEY_FILE the key they were sealed with?): %w", s.ID, err)
	}
	var o openSecrets
	if err := json.Unmarshal(plain, &o); err != nil {
		return Application{}, fmt.Errorf("read secrets of application %s: %w", s.ID, err)
	}
	return Application{
		ID: s.ID, CreatedAt: s.CreatedAt, RotatedAt: s.RotatedAt, Settings: s.Settings, Secrets: o.secrets(s.RotatedAt),
	}, nil
}

// place binds the seal to the application, so that one's secrets cannot be put in the place of another's.
func place(id string) []byte { return []byte("application:" + id) }
