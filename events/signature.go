package events

import (
	"crypto/ed25519"
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
	// HeaderSignature is a list of signatures, separated by spaces: one for each secret and key, and so more than one
	// while a secret is being replaced.
	HeaderSignature = "webhook-signature"
)

// SignatureTolerance is how far a postback's timestamp may be from now, in either direction.
const SignatureTolerance = 5 * time.Minute

// SignPostback makes the three headers for one attempt to deliver body, with one signature for each secret, in their
// order. A secret is "whsec_" and the base 64 of its bytes (the prefix may be missing), which makes a v1 signature by
// HMAC-SHA256; or "whsk_" and the base 64 of an Ed25519 key, which makes a v1a signature that receivers check with its
// [PublicKey]. It fails with [ErrInvalidSignature] when there is no secret, when one cannot be read, or when the id is
// empty or holds a dot, which separates the signed parts.
func SignPostback(secrets []string, id string, at time.Time, body []byte) (http.Header, error) {
	if id == "" || strings.Contains(id, ".") {
		return nil, fmt.Errorf("%w: delivery id %q: want a text without dots", ErrInvalidSignature, id)
	}
	keys, err := parseKeys(secrets, signing)
	if err != nil {
		return nil, err
	}
	m := signedMessage{head: id + "." + strconv.FormatInt(at.Unix(), 10) + ".", body: body}
	signatures := make([]string, len(keys))
	for i, key := range keys {
		signatures[i] = key.scheme() + base64.StdEncoding.EncodeToString(key.sign(&m))
	}
	header := http.Header{}
	header.Set(HeaderID, id)
	header.Set(HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	header.Set(HeaderSignature, strings.Join(signatures, " "))
	return header, nil
}

// VerifyPostback returns nil when one of the secrets signed body, which must be the bytes as they were received, and the
// signature is fresh. A secret is one of "whsec_", as in [SignPostback], or a public key, "whpk_" and its base 64. During
// a rotation give both the old one and the new one. It fails with [ErrInvalidSignature] when no signature matches, a
// header is missing or malformed, or a secret cannot be read; and with [ErrStaleSignature] when a signature matches but
// was made more than [SignatureTolerance] before or after now.
func VerifyPostback(secrets []string, header http.Header, body []byte, now time.Time) error {
	keys, err := parseKeys(secrets, verifying)
	if err != nil {
		return err
	}
	id, timestamp := header.Get(HeaderID), header.Get(HeaderTimestamp)
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	switch {
	case id == "":
		return fmt.Errorf("%w: %s is missing", ErrInvalidSignature, HeaderID)
	case timestamp == "":
		return fmt.Errorf("%w: %s is missing", ErrInvalidSignature, HeaderTimestamp)
	case err != nil:
		return fmt.Errorf("%w: %s is %q: want seconds since 1970", ErrInvalidSignature, HeaderTimestamp, timestamp)
	case header.Get(HeaderSignature) == "":
		return fmt.Errorf("%w: %s is missing", ErrInvalidSignature, HeaderSignature)
	}
	m := signedMessage{head: id + "." + timestamp + ".", body: body}
	if !anyMatches(keys, &m, header.Get(HeaderSignature)) {
		return fmt.Errorf("%w: none in %s matches", ErrInvalidSignature, HeaderSignature)
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > SignatureTolerance || age < -SignatureTolerance {
		return fmt.Errorf("%w: made %s before now", ErrStaleSignature, age.Round(time.Second))
	}
	return nil
}

// anyMatches compares every signature of a scheme that it knows with that of every key. Unknown schemes are skipped, as
// the standard has it.
func anyMatches(keys []signatureKey, m *signedMessage, list string) bool {
	for signature := range strings.FieldsSeq(list) {
		for _, key := range keys {
			encoded, ok := strings.CutPrefix(signature, key.scheme())
			if !ok {
				continue
			}
			given, err := base64.StdEncoding.DecodeString(encoded)
			if err == nil && key.verify(m, given) {
				return true
			}
		}
	}
	return false
}

// signedMessage is what is signed: the id and the timestamp, each with a dot after it, and the body.
type signedMessage struct {
	head  string
	body  []byte
	whole []byte
}

// joined is the message in one piece. Ed25519 goes over it twice and takes no stream, so this is the one copy of the body,
// made when the first key asks for it; HMAC does without.
func (m *signedMessage) joined() []byte {
	if m.whole == nil {
		m.whole = append(append(make([]byte, 0, len(m.head)+len(m.body)), m.head...), m.body...)
	}
	return m.whole
}

// signatureKey makes and checks the signatures of one scheme with one key.
type signatureKey interface {
	scheme() string
	sign(m *signedMessage) []byte
	verify(m *signedMessage, signature []byte) bool
}

// symmetricKey is a secret that both sides know.
type symmetricKey []byte

func (symmetricKey) scheme() string { return "v1," }

func (k symmetricKey) sign(m *signedMessage) []byte {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(m.head))
	mac.Write(m.body)
	return mac.Sum(nil)
}

func (k symmetricKey) verify(m *signedMessage, signature []byte) bool {
	return hmac.Equal(k.sign(m), signature)
}

// privateKey signs, publicKey verifies: neither does the other's work, which [parseKeys] sees to.
type (
	privateKey struct{ ed25519.PrivateKey }
	publicKey  struct{ ed25519.PublicKey }
)

func (privateKey) scheme() string { return "v1a," }
func (publicKey) scheme() string  { return "v1a," }

func (k privateKey) sign(m *signedMessage) []byte     { return ed25519.Sign(k.PrivateKey, m.joined()) }
func (privateKey) verify(*signedMessage, []byte) bool { return false }
func (publicKey) sign(*signedMessage) []byte          { return nil }
func (k publicKey) verify(m *signedMessage, signature []byte) bool {
	return ed25519.Verify(k.PublicKey, m.joined(), signature)
}
