package application

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/config"
)

var (
	// ErrInvalidOverlap is returned when secrets are to sign along for too long, or less than not at all.
	ErrInvalidOverlap = errors.New("invalid overlap of the rotation")

	// ErrTooManyRotations is returned when so many secrets sign along that one more is too many.
	ErrTooManyRotations = errors.New("too many rotations at a time")

	// ErrUnknownPart is returned when something is to be rotated that an application does not have.
	ErrUnknownPart = errors.New("unknown secret")
)

const (
	// DefaultOverlap is how long what was replaced signs along when nobody says otherwise.
	DefaultOverlap = 24 * time.Hour
	// MaxOverlap is the longest that it may.
	MaxOverlap = 7 * 24 * time.Hour
	// maxPrevious is how many secrets of a kind may sign along. Each costs a header of 50 or 100 bytes on every attempt.
	maxPrevious = 10
)

// Part is what is rotated.
type Part string

// The parts of an application's secrets.
const (
	Everything    Part = "everything"
	Token         Part = "token"
	WebhookSecret Part = "webhook"
	APIPair       Part = "api"
	SigningKey    Part = "signing"
)

// Secrets are an application's credentials.
type Secrets struct {
	// Token is the bearer secret of the native API, and what Blitline calls application_id.
	Token config.Secret
	// APIKey and APISecret are Cloudinary's pair.
	APIKey    config.Secret
	APISecret config.Secret
	// WebhookSecret signs postbacks: "whsec_" and base64, as Standard Webhooks writes it.
	WebhookSecret config.Secret
	// SigningKey makes the signatures that a public key checks: "whsk_" and base64. Applications from before there were
	// any have none until they need it: Asymmetric is switched on, or it is rotated.
	SigningKey config.Secret
	// PreviousWebhookSecrets and PreviousSigningKeys were replaced and sign along for a while, the newest first.
	PreviousWebhookSecrets []Previous
	PreviousSigningKeys    []Previous
	// Storage are the accounts that sources are read and outputs are written with, by name.
	Storage []StorageAccount
	// Sources and Destinations are places that jobs may name, by name. They lie here because a source has a key.
	Sources      []Source
	Destinations []Destination
}

// Previous is a secret that was replaced.
type Previous struct {
	Secret config.Secret
	// Until is when it stops signing.
	Until time.Time
}

// WebhookSecrets are the shared secrets that sign at now, the newest first.
func (a Application) WebhookSecrets(now time.Time) []string {
	return signing(a.Secrets.WebhookSecret, a.Secrets.PreviousWebhookSecrets, now)
}

// SigningSecrets are the secrets and keys that [events.SignPostback] signs a postback with at now: the shared secrets, the
// newest first, and after them the Ed25519 keys when the application wants those.
func (a Application) SigningSecrets(now time.Time) []string {
	secrets := a.WebhookSecrets(now)
	if a.Settings.Asymmetric && a.Secrets.SigningKey != "" {
		secrets = append(secrets, signing(a.Secrets.SigningKey, a.Secrets.PreviousSigningKeys, now)...)
	}
	return secrets
}

// PublicKeys are what receivers check the signatures of the Ed25519 keys with at now, the newest first; none when the
// application has no key yet.
func (a Application) PublicKeys(now time.Time) []string {
	if a.Secrets.SigningKey == "" {
		return nil
	}
	var keys []string
	for _, secret := range signing(a.Secrets.SigningKey, a.Secrets.PreviousSigningKeys, now) {
		if key, err := events.PublicKey(secret); err == nil { // it was made here, and sealed
			keys = append(keys, key)
		}
	}
	return keys
}

// OverlapEnds is when the last of the secrets that were replaced stops signing; false when none signs along any more.
func (a Application) OverlapEnds(now time.Time) (time.Time, bool) {
	var end time.Time
	for _, p := range slices.Concat(a.Secrets.PreviousWebhookSecrets, a.Secrets.PreviousSigningKeys) {
		if p.Until.After(end) {
			end = p.Until
		}
	}
	return end, now.Before(end)
}

func signing(newest config.Secret, previous []Previous, now time.Time) []string {
	secrets := []string{newest.Reveal()}
	for _, p := range previous {
		if now.Before(p.Until) {
			secrets = append(secrets, p.Secret.Reveal())
		}
	}
	return secrets
}

// rotate replaces one part, or all.
func (s *Secrets) rotate(part Part, now time.Time, overlap time.Duration) error {
	known := false
	does := func(one Part) bool {
		known = known || part == one || part == Everything
		return part == one || part == Everything
	}
	fresh := newSecrets()
	if does(Token) {
		s.Token = fresh.Token
	}
	if does(APIPair) {
		s.APIKey, s.APISecret = fresh.APIKey, fresh.APISecret
	}
	if does(WebhookSecret) {
		if err := replace(&s.WebhookSecret, fresh.WebhookSecret, &s.PreviousWebhookSecrets, now, overlap); err != nil {
			return err
		}
	}
	if does(SigningKey) {
		if err := replace(&s.SigningKey, fresh.SigningKey, &s.PreviousSigningKeys, now, overlap); err != nil {
			return err
		}
	}
	if !known {
		return fmt.Errorf("%w %q: want %s, %s, %s, %s or %s", ErrUnknownPart, part, WebhookSecret, Token, APIPair, SigningKey, Everything)
	}
	return nil
}

// replace puts a fresh secret into the place of another one, which signs along for the overlap.
func replace(secret *config.Secret, fresh config.Secret, previous *[]Previous, now time.Time, overlap time.Duration) error {
	var along []Previous
	if overlap > 0 {
		if *secret != "" {
			along = append(along, Previous{Secret: *secret, Until: now.Add(overlap)})
		}
		for _, p := range *previous {
			if now.Before(p.Until) {
				along = append(along, p)
			}
		}
	}
	if len(along) > maxPrevious {
		return fmt.Errorf("%w: %d secrets from before still sign, the first of them until %s: wait, or rotate without overlap, which ends them all",
			ErrTooManyRotations, maxPrevious, earliest(*previous).Format(time.RFC3339))
	}
	*secret, *previous = fresh, along
	return nil
}

func earliest(previous []Previous) time.Time {
	first := previous[0].Until
	for _, p := range previous {
		if p.Until.Before(first) {
			first = p.Until
		}
	}
	return first
}

func newSecrets() Secrets {
	return Secrets{
		Token:         config.Secret("rb_" + rand.Text()),
		APIKey:        config.Secret(digits(15)),
		APISecret:     config.Secret(rand.Text()),
		WebhookSecret: config.Secret("whsec_" + base64.StdEncoding.EncodeToString(randomBytes(32))),
		SigningKey:    newSigningKey(),
	}
}

func newSigningKey() config.Secret {
	key := ed25519.NewKeyFromSeed(randomBytes(ed25519.SeedSize))
	return config.Secret("whsk_" + base64.StdEncoding.EncodeToString(key))
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

// openSecrets is what is sealed.
type openSecrets struct {
	Token                  string         `json:"token"`
	APIKey                 string         `json:"api_key"`
	APISecret              string         `json:"api_secret"`
	WebhookSecret          string         `json:"webhook_secret"`
	SigningKey             string         `json:"signing_key,omitempty"`
	PreviousWebhookSecrets []openPrevious `json:"previous_webhook_secrets,omitempty"`
	PreviousSigningKeys    []openPrevious `json:"previous_signing_keys,omitempty"`
	Storage                []openStorage  `json:"storage,omitempty"`
	Sources                []openSource   `json:"sources,omitempty"`
	Destinations           []Destination  `json:"destinations,omitempty"`
	// PreviousWebhookSecret is how the first version kept the one secret that signed along, for a day after the rotation.
	PreviousWebhookSecret string `json:"previous_webhook_secret,omitempty"`
}

type openPrevious struct {
	Secret string    `json:"secret"`
	Until  time.Time `json:"until"`
}

func (s Secrets) open() openSecrets {
	previous := func(list []Previous) (open []openPrevious) {
		for _, p := range list {
			open = append(open, openPrevious{p.Secret.Reveal(), p.Until})
		}
		return open
	}
	return openSecrets{
		Token: s.Token.Reveal(), APIKey: s.APIKey.Reveal(), APISecret: s.APISecret.Reveal(),
		WebhookSecret: s.WebhookSecret.Reveal(), SigningKey: s.SigningKey.Reveal(),
		PreviousWebhookSecrets: previous(s.PreviousWebhookSecrets), PreviousSigningKeys: previous(s.PreviousSigningKeys),
		Storage: openAccounts(s.Storage), Sources: openSources(s.Sources), Destinations: s.Destinations,
	}
}

func (o openSecrets) secrets(rotatedAt time.Time) Secrets {
	if o.PreviousWebhookSecret != "" {
		o.PreviousWebhookSecrets = append(o.PreviousWebhookSecrets, openPrevious{o.PreviousWebhookSecret, rotatedAt.Add(DefaultOverlap)})
	}
	previous := func(list []openPrevious) (closed []Previous) {
		for _, p := range list {
			closed = append(closed, Previous{config.Secret(p.Secret), p.Until})
		}
		return closed
	}
	return Secrets{
		Token: config.Secret(o.Token), APIKey: config.Secret(o.APIKey), APISecret: config.Secret(o.APISecret),
		WebhookSecret: config.Secret(o.WebhookSecret), SigningKey: config.Secret(o.SigningKey),
		PreviousWebhookSecrets: previous(o.PreviousWebhookSecrets), PreviousSigningKeys: previous(o.PreviousSigningKeys),
		Storage: closeAccounts(o.Storage), Sources: closeSources(o.Sources), Destinations: o.Destinations,
	}
}
