// Package application keeps the tenants: who may hand over jobs, with which credentials, and which secret signs their
// postbacks. One record serves every dialect. Secrets are sealed wherever they lie.
package application

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/ringback/ringback/services/internal/config"
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

// rotationOverlap is how long the secret before the newest still signs along.
const rotationOverlap = 24 * time.Hour

var validID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// Application is a tenant.
type Application struct {
	// ID is public: it is part of subjects, keys and addresses.
	ID        string
	CreatedAt time.Time
	RotatedAt time.Time
	Secrets   Secrets
	Settings  Settings
}

// Secrets are an application's credentials.
type Secrets struct {
	// Token is the bearer secret of the native API, and what Blitline calls application_id.
	Token config.Secret
	// APIKey and APISecret are Cloudinary's pair.
	APIKey    config.Secret
	APISecret config.Secret
	// WebhookSecret signs postbacks: "whsec_" and base64, as Standard Webhooks writes it.
	WebhookSecret config.Secret
	// PreviousWebhookSecret signs along for a day after a rotation; empty otherwise.
	PreviousWebhookSecret config.Secret
}

// SigningSecrets are the secrets that a postback is signed with at now, the newest first.
func (a Application) SigningSecrets(now time.Time) []string {
	secrets := []string{a.Secrets.WebhookSecret.Reveal()}
	if a.Secrets.PreviousWebhookSecret != "" && now.Before(a.RotatedAt.Add(rotationOverlap)) {
		secrets = append(secrets, a.Secrets.PreviousWebhookSecret.Reveal())
	}
	return secrets
}

func newSecrets() Secrets {
	return Secrets{
		Token:         config.Secret("rb_" + rand.Text()),
		APIKey:        config.Secret(digits(15)),
		APISecret:     config.Secret(rand.Text()),
		WebhookSecret: config.Secret("whsec_" + base64.StdEncoding.EncodeToString(randomBytes(32))),
	}
}

// digits makes a number as Cloudinary's keys are: its clients put it into form fields as it is.
func digits(n int) string {
	out := randomBytes(n)
	for i := range out {
		out[i] = '0' + out[i]%10
	}
	return string(out)
}

func randomBytes(n int) []byte {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	return raw
}

// stored is the value in the applications bucket.
type stored struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	RotatedAt time.Time `json:"rotated_at"`
	Sealed    []byte    `json:"sealed"`
	Settings  Settings  `json:"settings"`
}

// openSecrets is what is sealed.
type openSecrets struct {
	Token                 string `json:"token"`
	APIKey                string `json:"api_key"`
	APISecret             string `json:"api_secret"`
	WebhookSecret         string `json:"webhook_secret"`
	PreviousWebhookSecret string `json:"previous_webhook_secret,omitempty"`
}

func encode(a Application, key seal.Key) ([]byte, error) {
	plain, err := json.Marshal(openSecrets{
		Token: a.Secrets.Token.Reveal(), APIKey: a.Secrets.APIKey.Reveal(), APISecret: a.Secrets.APISecret.Reveal(),
		WebhookSecret: a.Secrets.WebhookSecret.Reveal(), PreviousWebhookSecret: a.Secrets.PreviousWebhookSecret.Reveal(),
	})
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
		ID: s.ID, CreatedAt: s.CreatedAt, RotatedAt: s.RotatedAt, Settings: s.Settings,
		Secrets: Secrets{
			Token: config.Secret(o.Token), APIKey: config.Secret(o.APIKey), APISecret: config.Secret(o.APISecret),
			WebhookSecret: config.Secret(o.WebhookSecret), PreviousWebhookSecret: config.Secret(o.PreviousWebhookSecret),
		},
	}, nil
}

// place binds the seal to the application, so that one's secrets cannot be put in the place of another's.
func place(id string) []byte { return []byte("application:" + id) }
