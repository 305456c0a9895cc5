package blitline

import (
	"crypto/sha1" //nolint:gosec // the format's own
	"crypto/subtle"
	"encoding/hex"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/job"
)

// Signed is how a job proves that its application allows it, when the job goes through a browser and must not hold the
// token: whoever has the secret signed until when, and under which keys, outputs may be stored.
type Signed struct {
	// PublicToken is the application's API key.
	PublicToken  string
	Expires      string
	KeyTransform string
	Signature    string
}

func parseSigned(doc loose) *Signed {
	if doc.text("signature") == "" {
		return nil
	}
	return &Signed{
		PublicToken: doc.text("public_token"), Expires: doc.text("expires"), KeyTransform: doc.text("key_transform"),
		Signature: doc.text("signature"),
	}
}

// Check returns a sentence about why a signed job is refused; "" when it is not. secret is the application's API secret,
// and the signature the SHA-1, in hex, of it, of the date and of the expression.
// Every key in a bucket has to match, of what is read as well as of what is written: whoever holds the job could otherwise
// reach whatever the application can.
func (s Signed) Check(secret string, keys []string, now time.Time) string {
	sum := sha1.Sum([]byte(secret + s.Expires + s.KeyTransform)) //nolint:gosec // as above
	given := strings.ToLower(strings.TrimSpace(s.Signature))
	if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(given)) != 1 {
		return "The signature does not match: expected the SHA-1 of secret, expires and key_transform, in hex"
	}
	until, err := mail.ParseDate(s.Expires)
	if err != nil {
		return "The field expires is not a date as in mails, such as Mon, 02 Jan 2006 15:04:05 -0700"
	}
	if !now.Before(until) {
		return "The signature has expired"
	}
	allowed, err := regexp.Compile(s.KeyTransform)
	if err != nil {
		return "The key_transform is not a regular expression that can be used here"
	}
	for _, key := range keys {
		if !allowed.MatchString(key) {
			return "The key '" + key + "' in S3 does not match key_transform"
		}
	}
	return ""
}

// Keys are those of all objects in buckets that the job reads or writes.
func (s Submission) Keys() []string {
	var keys []string
	read := func(o *job.Object) {
		if o != nil {
			keys = append(keys, o.Key)
		}
	}
	write := func(d *job.Destination) {
		if d != nil && d.Kind == job.DestinationS3 {
			keys = append(keys, d.Key)
		}
	}
	read(s.Source.Object)
	write(s.Original)
	if s.Archive != nil {
		for _, source := range s.Archive.Sources {
			read(source.Object)
		}
	}
	for _, picture := range s.Pictures {
		read(picture.Object)
	}
	for _, d := range s.Destinations {
		write(d)
	}
	for _, target := range s.Targets {
		write(target.Destination)
	}
	return keys
}
