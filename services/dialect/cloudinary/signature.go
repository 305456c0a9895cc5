package cloudinary

import (
	"crypto/sha1" //nolint:gosec // the libraries sign with it
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Freshness is how long a signed call may be sent after its timestamp. One whose timestamp is ahead is taken: who holds
// the secret may sign for later.
const Freshness = time.Hour

// unsigned are the parameters that are no part of what is signed.
var unsigned = []string{"file", "cloud_name", "resource_type", "api_key", "signature"}

// CheckSignature checks that one of the secrets signed the call, no longer than [Freshness] ago. A signature of 40 digits
// is a SHA-1, any other a SHA-256. The libraries do not tell how they wrote down what they signed, so every way that they
// have is tried. It fails with an *Error, which repeats the text that was to be signed, because that is what people
// compare.
func CheckSignature(p Params, secrets []string, now time.Time) error {
	for _, name := range []string{"timestamp", "signature"} {
		if !p.Has(name) {
			return MissingParameter(name)
		}
	}
	seconds, err := p.Int("timestamp", 0, 0, 1<<50)
	if err != nil {
		return err
	}
	if at := time.Unix(seconds, 0).UTC(); now.Sub(at) > Freshness {
		return refuse("Stale request - reported time is %s which is more than 1 hour ago", at.Format("2006-01-02 15:04:05 -0700"))
	}
	given := strings.ToLower(p.Get("signature"))
	texts := p.signedTexts()
	matches := 0
	for _, secret := range secrets {
		for _, text := range texts {
			want := digest(text+secret, len(given) != hex.EncodedLen(sha1.Size))
			if secret != "" {
				matches |= subtle.ConstantTimeCompare([]byte(given), []byte(hex.EncodeToString(want)))
			}
		}
	}
	if matches == 0 {
		const echo = 8 << 10
		return &Error{
			http.StatusUnauthorized,
			"Invalid Signature " + cut(p.Get("signature"), 128) + ". String to sign - '" + cut(texts[0], echo) + "'.",
		}
	}
	return nil
}

// signedTexts are the texts that a library may have signed, the newest way first: & within a value is %26 since
// version 2 of the signature; Go's library also signs empty values, and orders list[10] before list[1].
func (p Params) signedTexts() []string {
	var texts []string
	for _, t := range []textForm{{escape: true}, {}, {escape: true, byText: true, empty: true}, {byText: true, empty: true}} {
		if text := p.signedText(t); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// textForm is a way of writing down what is signed.
type textForm struct{ escape, byText, empty bool }

func (p Params) signedText(form textForm) string {
	var pairs []string
	for _, name := range p.Names() {
		if slices.Contains(unsigned, name) {
			continue
		}
		values := slices.Clone(p.values[name])
		if form.byText {
			slices.SortStableFunc(values, func(a, b value) int {
				return strings.Compare(strconv.Itoa(a.index)+"]", strconv.Itoa(b.index)+"]")
			})
		}
		var texts []string
		for _, v := range values {
			texts = append(texts, v.text)
		}
		text := strings.Join(texts, ",")
		if form.escape {
			text = strings.ReplaceAll(text, "&", "%26")
		}
		if text != "" || form.empty {
			pairs = append(pairs, name+"="+text)
		}
	}
	return strings.Join(pairs, "&")
}

func digest(text string, long bool) []byte {
	if long {
		sum := sha256.Sum256([]byte(text))
		return sum[:]
	}
	sum := sha1.Sum([]byte(text)) //nolint:gosec // the libraries sign with it
	return sum[:]
}

// ResponseSignature signs an upload's reply with SHA-1, as the libraries check it by default: 40 hexadecimal digits.
func ResponseSignature(publicID string, version int64, secret string) string {
	return responseSignature(publicID, version, secret, false)
}

func responseSignature(publicID string, version int64, secret string, long bool) string {
	return hex.EncodeToString(digest("public_id="+publicID+"&version="+strconv.FormatInt(version, 10)+secret, long))
}

// The signature of a delivery URL is a part of its path: s--, so many characters, --.
const (
	urlSignatureStart = "s--"
	urlSignatureEnd   = "--"
	shortURLSignature = 8
	longURLSignature  = 32
)

// SignURL returns the part of a delivery URL's path that signs it, s--…--: 8 characters of a SHA-1, or 32 of a SHA-256
// when long. signed is <transformation>/<public id>.<ext> without escapes; the version is no part of it.
func SignURL(secret, signed string, long bool) string {
	length := shortURLSignature
	if long {
		length = longURLSignature
	}
	return urlSignatureStart + urlDigest(signed+secret, long)[:length] + urlSignatureEnd
}

// CheckURLSignature tells whether one of the secrets made a signature of [SignURL], with s-- and -- or without. The
// length says which it is; Node's library also cuts a SHA-256 to 8 characters.
func CheckURLSignature(given, signed string, secrets []string) bool {
	given = strings.TrimSuffix(strings.TrimPrefix(given, urlSignatureStart), urlSignatureEnd)
	matches := 0
	for _, secret := range secrets {
		for _, long := range []bool{false, true} {
			want := urlDigest(signed+secret, long)
			fits := len(given) == shortURLSignature || long && len(given) == longURLSignature
			if secret != "" && fits {
				matches |= subtle.ConstantTimeCompare([]byte(given), []byte(want[:len(given)]))
			}
		}
	}
	return matches == 1
}

func urlDigest(text string, long bool) string {
	return base64.RawURLEncoding.EncodeToString(digest(text, long))
}
