package cloudinary

import (
	"crypto/sha1" //nolint:gosec // the format's own
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// signatureLife is how long a signature is taken after its timestamp.
	signatureLife = time.Hour
	sha256Hex     = 64
	shortURL      = 8
	longURL       = 32
)

// unsigned are the parameters that no signature covers.
var unsigned = []string{"file", "cloud_name", "resource_type", "api_key", "signature"}

// CheckSignature tells whether a call was signed with one of the secrets, and lately. Clients do not say which version of
// the rule they follow, so either will do, and the hash is told by its length. It fails with an [Error].
func CheckSignature(p Params, secrets []string, now time.Time) error {
	given := strings.ToLower(p.Get("signature"))
	if given == "" {
		return badRequest("Missing required parameter - signature")
	}
	stamp, err := strconv.ParseInt(p.Get("timestamp"), 10, 64)
	if err != nil {
		return badRequest("Missing required parameter - timestamp")
	}
	for _, secret := range secrets {
		for _, joined := range []string{toSign(p, "%26"), toSign(p, "&")} {
			if subtle.ConstantTimeCompare([]byte(given), []byte(hash(joined+secret, len(given) == sha256Hex))) == 1 {
				return fresh(time.Unix(stamp, 0), now)
			}
		}
	}
	return &Error{Status: http.StatusUnauthorized, Message: fmt.Sprintf("Invalid Signature %s. String to sign - '%s'.", given, toSign(p, "%26"))}
}

func fresh(signed, now time.Time) error {
	if now.Sub(signed) > signatureLife {
		return badRequest("Stale request - reported time is " + signed.UTC().Format("2006-01-02 15:04:05 -0700") + " which is more than 1 hour ago")
	}
	return nil
}

// toSign joins the parameters as they are signed. ampersand stands for one within a value.
func toSign(p Params, ampersand string) string {
	var names []string
	for key := range p {
		name, _, _ := strings.Cut(key, "[")
		if !slices.Contains(names, name) && !slices.Contains(unsigned, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var pairs []string
	for _, name := range names {
		value := p.Get(name)
		if _, plain := p[name]; !plain {
			value = strings.Join(p.All(name), ",")
		}
		if value != "" {
			pairs = append(pairs, name+"="+strings.ReplaceAll(value, "&", ampersand))
		}
	}
	return strings.Join(pairs, "&")
}

func hash(text string, long bool) string {
	if long {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	sum := sha1.Sum([]byte(text)) //nolint:gosec // the format's own
	return hex.EncodeToString(sum[:])
}

// ResponseSignature proves to a client that a reply about an upload is ours.
func ResponseSignature(publicID string, version int64, secret string) string {
	return hash("public_id="+publicID+"&version="+strconv.FormatInt(version, 10)+secret, false)
}

// SignURL signs a delivery address: signed is its transformation, a slash, and the public id with its extension.
func SignURL(secret, signed string, long bool) string {
	if long {
		sum := sha256.Sum256([]byte(signed + secret))
		return base64.URLEncoding.EncodeToString(sum[:])[:longURL]
	}
	sum := sha1.Sum([]byte(signed + secret)) //nolint:gosec // the format's own
	return base64.URLEncoding.EncodeToString(sum[:])[:shortURL]
}

// CheckURLSignature tells whether a delivery address was signed with one of the secrets.
func CheckURLSignature(given, signed string, secrets []string) bool {
	for _, secret := range secrets {
		want := SignURL(secret, signed, len(given) == longURL)
		if subtle.ConstantTimeCompare([]byte(given), []byte(want)) == 1 {
			return true
		}
	}
	return false
}
