package events

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a signed postback (Standard Webhooks 1.0.0). Names of HTTP headers are the same in any case.
const (
	// HeaderID is the delivery's id: the same on every attempt, so that a receiver can drop repeats.
	HeaderID = "webhook-id"
	// HeaderTimestamp is when the attempt was signed, in seconds since 1970.
	HeaderTimestamp = "webhook-timestamp"
	// HeaderSignature is a list of signatures, separated by spaces: two while a secret is being replaced.
	HeaderSignature = "webhook-signature"
)

// SignatureTolerance is how far a postback's timestamp may be from now, in either direction.
const SignatureTolerance = 5 * time.Minute

const (
	secretPrefix    = "whsec_"
	signatureScheme = "v1,"
)

// SignPostback makes the three headers for one attempt to deliver body, with one signature for each secret. A secret is
// "whsec_" and the base 64 of its bytes; the prefix may be missing. It fails with [ErrInvalidSignature] when there is no
// secret, when one is not base 64 or empty, or when the id is empty or holds a dot, which separates the signed parts.
func SignPostback(secrets []string, id string, at time.Time, body []byte) (http.Header, error) {
	if id == "" || strings.Contains(id, ".") {
		return nil, fmt.Errorf("%w: delivery id %q", ErrInvalidSignature, id)
	}
	keys, err := secretKeys(secrets)
	if err != nil {
		return nil, err
	}
	timestamp := strconv.FormatInt(at.Unix(), 10)
	signatures := make([]string, len(keys))
	for i, key := range keys {
		signatures[i] = signatureScheme + base64.StdEncoding.EncodeToString(postbackMAC(key, id, timestamp, body))
	}
	header := http.Header{}
	header.Set(HeaderID, id)
	header.Set(HeaderTimestamp, timestamp)
	header.Set(HeaderSignature, strings.Join(signatures, " "))
	return header, nil
}

// VerifyPostback returns nil when one of the secrets signed body, which must be the bytes as they were received, and the
// signature is fresh. During a rotation give both secrets. It fails with [ErrInvalidSignature] when no signature matches,
// a header is missing or malformed, or a secret is not as in [SignPostback]; and with [ErrStaleSignature] when a signature
// matches but was made more than [SignatureTolerance] before or after now.
func VerifyPostback(secrets []string, header http.Header, body []byte, now time.Time) error {
	keys, err := secretKeys(secrets)
	if err != nil {
		return err
	}
	id, timestamp := header.Get(HeaderID), header.Get(HeaderTimestamp)
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if id == "" || err != nil {
		return fmt.Errorf("%w: %s or %s is missing or malformed", ErrInvalidSignature, HeaderID, HeaderTimestamp)
	}
	if !matches(keys, id, timestamp, header.Get(HeaderSignature), body) {
		return fmt.Errorf("%w: none in %s matches", ErrInvalidSignature, HeaderSignature)
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > SignatureTolerance || age < -SignatureTolerance {
		return fmt.Errorf("%w: made %s before now", ErrStaleSignature, age.Round(time.Second))
	}
	return nil
}

// matches compares every signature of a scheme that it knows with that of every key. Unknown schemes are skipped, as the
// standard has it.
func matches(keys [][]byte, id, timestamp, list string, body []byte) bool {
	macs := make([][]byte, len(keys))
	for i, key := range keys {
		macs[i] = postbackMAC(key, id, timestamp, body)
	}
	for signature := range strings.FieldsSeq(list) {
		encoded, ok := strings.CutPrefix(signature, signatureScheme)
		if !ok {
			continue
		}
		given, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			continue
		}
		for _, mac := range macs {
			if hmac.Equal(mac, given) {
				return true
			}
		}
	}
	return false
}

func secretKeys(secrets []string) ([][]byte, error) {
	if len(secrets) == 0 {
		return nil, fmt.Errorf("%w: no secret", ErrInvalidSignature)
	}
	keys := make([][]byte, len(secrets))
	for i, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
		if err != nil || len(key) == 0 {
			return nil, fmt.Errorf("%w: secret %d is not base 64", ErrInvalidSignature, i+1)
		}
		keys[i] = key
	}
	return keys, nil
}

func postbackMAC(key []byte, id, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return mac.Sum(nil)
}
