package cloudinary_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/dialect/cloudinary"
)

// params makes parameters of names and values in turn.
func params(pairs ...string) cloudinary.Params {
	p := cloudinary.Params{}
	for i := 0; i < len(pairs); i += 2 {
		p[pairs[i]] = append(p[pairs[i]], pairs[i+1])
	}
	return p
}

// What the provider's libraries really sent, with the signatures that they made.
func TestCheckSignature_Vectors(t *testing.T) {
	t.Parallel()
	tests := map[string]cloudinary.Params{
		"TagsOfNode": params("command", "add", "public_ids[]", "p1", "public_ids[]", "p2", "tag", "t1", "timestamp", "1",
			"signature", "a10f07ddb523bf872872601917b64563c81e020a"),
		"TagsOfGo": params("command", "add", "public_ids[1]", "p2", "public_ids[0]", "p1", "tag", "t1", "timestamp", "1",
			"signature", "a10f07ddb523bf872872601917b64563c81e020a"),
		"EagerOfGo": params("eager", "c_fill,h_100,w_150|e_sepia/png", "eager_async", "true", "eager_notification_url", "http://h/e",
			"notification_url", "http://h/n?a=1&b=2", "public_id", "pp", "tags", "a,b", "timestamp", "1795224689", "resource_type", "image",
			"signature", "585752e760a511152ed7772f4f0d1bd494cbd4e3"),
		"URLs": params("timestamp", "1795224641", "transformation", "f_png", "urls[]", "http://a/1.png", "urls[]", "http://a/2.png",
			"signature", "e6f736e65dfd6b6cdff812a472419f9ea0f509dc"),
	}
	for name, p := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stamp := map[string]int64{"1": 1, "1795224689": 1795224689, "1795224641": 1795224641}[p.Get("timestamp")]
			if err := cloudinary.CheckSignature(p, []string{"secret"}, time.Unix(stamp, 0)); err != nil {
				t.Error(err)
			}
			if err := cloudinary.CheckSignature(p, []string{"other", "secret"}, time.Unix(stamp+3599, 0)); err != nil {
				t.Errorf("with the second of two secrets, an hour later: %v", err)
			}
			var refused *cloudinary.Error
			if err := cloudinary.CheckSignature(p, []string{"other"}, time.Unix(stamp, 0)); !errors.As(err, &refused) || refused.Status != 401 ||
				!strings.HasPrefix(refused.Message, "Invalid Signature ") || !strings.Contains(refused.Message, "String to sign - '") {
				t.Errorf("with another secret: %v", err)
			}
			if err := cloudinary.CheckSignature(p, []string{"secret"}, time.Unix(stamp+3601, 0)); !errors.As(err, &refused) || refused.Status != 400 ||
				!strings.HasPrefix(refused.Message, "Stale request - reported time is ") {
				t.Errorf("too late: %v", err)
			}
			p["added"] = []string{"1"}
			if cloudinary.CheckSignature(p, []string{"secret"}, time.Unix(stamp, 0)) == nil {
				t.Error("a parameter more is not noticed")
			}
		})
	}
}

// Older libraries do not replace an ampersand within a value, and accounts may use SHA-256.
func TestCheckSignature_Versions(t *testing.T) {
	t.Parallel()
	p := params("notification_url", "http://h/n?a=1&b=2", "timestamp", "5")
	for _, joined := range []string{"notification_url=http://h/n?a=1%26b=2&timestamp=5", "notification_url=http://h/n?a=1&b=2&timestamp=5"} {
		for _, sum := range []string{sha1Hex(joined + "secret"), sha256Hex(joined + "secret")} {
			p["signature"] = []string{sum}
			if err := cloudinary.CheckSignature(p, []string{"secret"}, time.Unix(5, 0)); err != nil {
				t.Errorf("%s signed as %s: %v", sum, joined, err)
			}
		}
	}
}

func sha1Hex(text string) string {
	sum := sha1.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestResponseSignature(t *testing.T) {
	t.Parallel()
	got := cloudinary.ResponseSignature("b8sjhoslj8cq8ovoa0ma", 1555337587, "hdcixPpR2iKERPwqvH6sHdK9cyac")
	if want := "3e974ccf50d4d1b195d2046c95994fe50ff81267"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestURLSignature(t *testing.T) {
	t.Parallel()
	const signed = "c_fill,w_100/folder/a.jpg"
	for _, long := range []bool{false, true} {
		made := cloudinary.SignURL("secret", signed, long)
		if !cloudinary.CheckURLSignature(made, signed, []string{"old", "secret"}) {
			t.Errorf("%s is refused", made)
		}
		if cloudinary.CheckURLSignature(made, signed+"x", []string{"secret"}) || cloudinary.CheckURLSignature(made[1:], signed, []string{"secret"}) ||
			cloudinary.CheckURLSignature("", signed, []string{"secret"}) {
			t.Errorf("%s is taken for something else", made)
		}
	}
}
