package signing

import (
	"crypto/sha1" //nolint:gosec // Cloudinary's receivers expect it
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/events"
)

// CloudinaryTolerance is how old a signature may be in the eyes of Cloudinary's libraries, when their callers do not say
// otherwise. They take any time in the future.
const CloudinaryTolerance = 2 * time.Hour

// Verify returns nil when one of the keys signed body, which must be the bytes as they were received, and the signature is
// fresh where the scheme has a time. It fails with [events.ErrInvalidSignature] or [events.ErrStaleSignature], saying
// which header is at fault, and with [ErrUnknownScheme] and [ErrNoSecret]. There is nothing to check about None.
func Verify(scheme Scheme, keys Keys, header http.Header, body []byte, now time.Time) error {
	if scheme != None && len(keys.Secrets) == 0 {
		return fmt.Errorf("verify %s: %w", scheme, ErrNoSecret)
	}
	switch scheme {
	case Standard:
		return events.VerifyPostback(keys.Secrets, header, body, now)
	case Cloudinary:
		return verifyCloudinary(keys, header, body, now)
	case Pixta:
		return verifyPixta(keys, header, body)
	case None:
		return nil
	default:
		return fmt.Errorf("%w %q: there are %v", ErrUnknownScheme, scheme, Schemes)
	}
}

func verifyCloudinary(keys Keys, header http.Header, body []byte, now time.Time) error {
	timestamp, given := header.Get(HeaderCloudinaryTimestamp), header.Get(HeaderCloudinarySignature)
	if timestamp == "" {
		return missing(HeaderCloudinaryTimestamp)
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return malformed(HeaderCloudinaryTimestamp, timestamp, "seconds since 1970")
	}
	if given == "" {
		return missing(HeaderCloudinarySignature)
	}
	raw, err := hex.DecodeString(given)
	if err != nil || len(raw) != sha1.Size && len(raw) != sha256.Size {
		return malformed(HeaderCloudinarySignature, given, "40 hexadecimal digits, or 64 for SHA-256")
	}
	for _, secret := range keys.Secrets {
		if equal(given, cloudinarySignature(len(raw) == sha256.Size, body, timestamp, secret)) {
			if age := now.Sub(time.Unix(seconds, 0)); age > CloudinaryTolerance {
				return fmt.Errorf("%w: made %s before now", events.ErrStaleSignature, age.Round(time.Second))
			}
			return nil
		}
	}
	return fmt.Errorf("%w: %s does not match", events.ErrInvalidSignature, HeaderCloudinarySignature)
}

func verifyPixta(keys Keys, header http.Header, body []byte) error {
	given := header.Get(HeaderPixtaSignature)
	if given == "" {
		return missing(HeaderPixtaSignature)
	}
	digits, ok := strings.CutPrefix(given, pixtaPrefix)
	if raw, err := hex.DecodeString(digits); !ok || err != nil || len(raw) != sha256.Size {
		return malformed(HeaderPixtaSignature, given, pixtaPrefix+" and 64 hexadecimal digits")
	}
	for _, secret := range keys.Secrets {
		if equal(given, pixtaSignature(body, secret)) {
			return nil
		}
	}
	return fmt.Errorf("%w: %s does not match", events.ErrInvalidSignature, HeaderPixtaSignature)
}

// equal compares in a time that tells nothing, as receivers should.
func equal(given, want string) bool {
	return subtle.ConstantTimeCompare([]byte(strings.ToLower(given)), []byte(want)) == 1
}

func missing(name string) error {
	return fmt.Errorf("%w: %s is missing", events.ErrInvalidSignature, name)
}

func malformed(name, value, want string) error {
	const most = 100
	if len(value) > most {
		value = value[:most] + "…"
	}
	return fmt.Errorf("%w: %s is %q: want %s", events.ErrInvalidSignature, name, value, want)
}
