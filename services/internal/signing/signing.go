package signing

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Cloudinary's receivers expect it
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"strconv"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/application"
)

// ErrUnknownScheme is returned for a scheme that nobody signs in.
var ErrUnknownScheme = errors.New("unknown signature scheme")

// ErrNoSecret is returned when there is nothing to sign or to check with.
var ErrNoSecret = errors.New("no secret")

// Scheme says how something is signed.
type Scheme string

// The schemes.
const (
	// Standard is Standard Webhooks: v1 by the shared secrets, and v1a by the Ed25519 keys of applications that want it.
	Standard Scheme = "standard"
	// Cloudinary is X-Cld-Timestamp and X-Cld-Signature: the SHA-1 of body, timestamp and API secret, or their SHA-256
	// where the application has it so. It is no HMAC, whatever some of its documents say.
	Cloudinary Scheme = "cloudinary"
	// Pixta is x-ims-signature-256: the HMAC-SHA256 of the body alone, with the text of the webhook secret for its key.
	// It has no timestamp, so whoever recorded a request can send it again.
	Pixta Scheme = "pixta"
	// None has no signature.
	None Scheme = "none"
)

// Schemes lists every scheme.
var Schemes = []Scheme{Standard, Cloudinary, Pixta, None}

// The headers of the schemes that are not in package events.
const (
	HeaderCloudinaryTimestamp = "X-Cld-Timestamp"
	HeaderCloudinarySignature = "X-Cld-Signature"
	HeaderPixtaSignature      = "X-Ims-Signature-256"
)

const pixtaPrefix = "sha256="

// Keys are what a scheme signs or is checked with.
type Keys struct {
	// Secrets are texts as the application shows them, the newest first. For Standard they are "whsec_…" and "whsk_…" to
	// sign, "whsec_…" and "whpk_…" to verify.
	Secrets []string
	// SHA256 is Cloudinary's choice of the hash to sign with. A receiver tells it by the length of the signature.
	SHA256 bool
}

// KeysOf returns what an application signs with at now.
func KeysOf(scheme Scheme, a application.Application, now time.Time) Keys {
	switch scheme {
	case Standard:
		return Keys{Secrets: a.SigningSecrets(now)}
	case Cloudinary:
		return Keys{Secrets: []string{a.Secrets.APISecret.Reveal()}, SHA256: a.Settings.CloudinarySHA256}
	case Pixta:
		return Keys{Secrets: a.WebhookSecrets(now)}
	default:
		return Keys{}
	}
}

// Sign makes the headers of one attempt to deliver body, made at the time given. id is the delivery's: the same on every
// attempt, and sent in every scheme, so that every receiver can drop repeats. It fails with [ErrUnknownScheme],
// [ErrNoSecret], or as [events.SignPostback] does.
func Sign(scheme Scheme, a application.Application, id string, at time.Time, body []byte) (http.Header, error) {
	return SignWith(scheme, KeysOf(scheme, a, at), id, at, body)
}

// SignWith is [Sign] with keys of which nobody has to be the owner.
func SignWith(scheme Scheme, keys Keys, id string, at time.Time, body []byte) (http.Header, error) {
	if scheme != None && len(keys.Secrets) == 0 {
		return nil, fmt.Errorf("sign as %s: %w", scheme, ErrNoSecret)
	}
	header := http.Header{}
	header.Set(events.HeaderID, id)
	switch scheme {
	case Standard:
		return events.SignPostback(keys.Secrets, id, at, body)
	case Cloudinary:
		timestamp := strconv.FormatInt(at.Unix(), 10)
		header.Set(HeaderCloudinaryTimestamp, timestamp)
		header.Set(HeaderCloudinarySignature, cloudinarySignature(keys.SHA256, body, timestamp, keys.Secrets[0]))
	case Pixta:
		header.Set(HeaderPixtaSignature, pixtaSignature(body, keys.Secrets[0]))
	case None:
	default:
		return nil, fmt.Errorf("%w %q: there are %v", ErrUnknownScheme, scheme, Schemes)
	}
	return header, nil
}

func cloudinarySignature(useSHA256 bool, body []byte, timestamp, secret string) string {
	var sum hash.Hash
	if useSHA256 {
		sum = sha256.New()
	} else {
		sum = sha1.New() //nolint:gosec // as above
	}
	sum.Write(body)
	sum.Write([]byte(timestamp))
	sum.Write([]byte(secret))
	return hex.EncodeToString(sum.Sum(nil))
}

func pixtaSignature(body []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return pixtaPrefix + hex.EncodeToString(mac.Sum(nil))
}
