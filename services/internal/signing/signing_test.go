package signing_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/signing"
)

const (
	secret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	oldSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
	key       = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
	body      = `{"status_code":200}`
)

// at is the time of the vectors.
var at = time.Unix(1700000000, 0)

// shop is an application in the middle of a rotation.
func shop() application.Application {
	return application.Application{ID: "shop", Secrets: application.Secrets{
		APIKey: "123", APISecret: "api-secret", WebhookSecret: secret, SigningKey: config.Secret(key),
		PreviousWebhookSecrets: []application.Previous{{Secret: oldSecret, Until: at.Add(time.Hour)}},
	}}
}

// TestSign_Vectors compares with what openssl says:
//
//	printf 'dlv_1.1700000000.{"status_code":200}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:31f290f6bf0629… -binary | base64
//	printf '{"status_code":200}1700000000api-secret' | openssl dgst -sha1
//	printf '{"status_code":200}1700000000api-secret' | openssl dgst -sha256
//	printf '{"status_code":200}' | openssl dgst -sha256 -hmac whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
func TestSign_Vectors(t *testing.T) {
	t.Parallel()
	const standard = "v1,kDYDddr9SIUm17j6P7A6Q91L5YBcybSyVCYi6jP9/04="
	sha256 := shop()
	sha256.Settings.CloudinarySHA256 = true
	for name, row := range map[string]struct {
		scheme signing.Scheme
		app    application.Application
		at     time.Time
		want   http.Header
	}{
		"StandardAfterTheOverlap": {signing.Standard, shop(), at, http.Header{
			"Webhook-Id": {"dlv_1"}, "Webhook-Timestamp": {"1700000000"}, "Webhook-Signature": {standard},
		}},
		"Cloudinary": {signing.Cloudinary, shop(), at, http.Header{
			"Webhook-Id": {"dlv_1"}, "X-Cld-Timestamp": {"1700000000"}, "X-Cld-Signature": {"e27d8987d4fc7203a137f9094fc83e190c06b84f"},
		}},
		"CloudinarySHA256": {signing.Cloudinary, sha256, at, http.Header{
			"Webhook-Id": {"dlv_1"}, "X-Cld-Timestamp": {"1700000000"},
			"X-Cld-Signature": {"8cd51ce8cf33f9b6f34d9f768a4a427971a77fd371fde1d170ef5569acfca67a"},
		}},
		"Pixta": {signing.Pixta, shop(), at, http.Header{
			"Webhook-Id": {"dlv_1"}, "X-Ims-Signature-256": {"sha256=1626da6dec21a8510c64c4fcfad809a29c771f3e0c4bdacc843125ce0fcfb2aa"},
		}},
		"None": {signing.None, shop(), at, http.Header{"Webhook-Id": {"dlv_1"}}},
	} {
		if row.scheme == signing.Standard {
			row.app.Secrets.PreviousWebhookSecrets[0].Until = row.at // which is over by then
		}
		got, err := signing.Sign(row.scheme, row.app, "dlv_1", row.at, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestSignWith_VectorsOfProviders are those that the providers' own libraries and documents have.
func TestSignWith_VectorsOfProviders(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		scheme       signing.Scheme
		keys         signing.Keys
		seconds      int64
		body, header string
		want         string
	}{
		"CloudinarySHA1": {
			signing.Cloudinary,
			signing.Keys{Secrets: []string{"abcd"}},
			1315060510, "{public_id: 'sample'}",
			"X-Cld-Signature", "25f7e91709c858b97d688ce8da799dedb290d9ef",
		},
		"CloudinarySHA256": {
			signing.Cloudinary,
			signing.Keys{Secrets: []string{"hardcoded"}, SHA256: true},
			7952342400000,
			`{"public_id":"b8sjhoslj8cq8ovoa0ma","version":"1555337587","width":1000,"height":800}`,
			"X-Cld-Signature", "6c5a29fd8815772fbac2f10ae741e093d0859313947ef8fadeb29126ded6649c",
		},
		"Pixta": {
			signing.Pixta,
			signing.Keys{Secrets: []string{"secret"}},
			0, `{"status_code":200}`,
			"x-ims-signature-256", "sha256=15d47974cf8757406d4df3b8f4adf2aec7e88a1da9bbf41d539ecb2ec9115701",
		},
	} {
		got, err := signing.SignWith(row.scheme, row.keys, "1", time.Unix(row.seconds, 0), []byte(row.body))
		if err != nil || got.Get(row.header) != row.want {
			t.Errorf("%s: got %v, %v, want %s", name, got, err, row.want)
		}
	}
}

// TestSign_Rotation has receivers with the old secret, and with the new one.
func TestSign_Rotation(t *testing.T) {
	t.Parallel()
	now := time.Now()
	app := shop()
	app.Secrets.PreviousWebhookSecrets[0].Until = now.Add(time.Hour)
	app.Settings.Asymmetric = true
	header, err := signing.Sign(signing.Standard, app, "dlv_1", now, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(strings.Fields(header.Get("Webhook-Signature"))); n != 3 {
		t.Errorf("%d signatures, want one by each secret and one by the key: %v", n, header)
	}
	for _, s := range []string{secret, oldSecret} {
		receiver, err := standardwebhooks.NewWebhook(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := receiver.Verify([]byte(body), header); err != nil {
			t.Errorf("a receiver with the library of the standard: %v", err)
		}
	}
	if err := signing.Verify(signing.Standard, signing.Keys{Secrets: app.PublicKeys(now)}, header, []byte(body), now); err != nil {
		t.Errorf("a receiver with the public key: %v", err)
	}
	header, err = signing.Sign(signing.Pixta, app, "dlv_1", now, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[string]error{secret: nil, oldSecret: events.ErrInvalidSignature} {
		if err := signing.Verify(signing.Pixta, signing.Keys{Secrets: []string{s}}, header, []byte(body), now); !errors.Is(err, want) {
			t.Errorf("one signature alone is by the newest: got %v, want %v", err, want)
		}
	}
}

func TestSign_Refuses(t *testing.T) {
	t.Parallel()
	if _, err := signing.Sign("rot13", shop(), "1", at, nil); !errors.Is(err, signing.ErrNoSecret) && !errors.Is(err, signing.ErrUnknownScheme) {
		t.Errorf("got %v, want an error", err)
	}
	if _, err := signing.SignWith("rot13", signing.Keys{Secrets: []string{"x"}}, "1", at, nil); !errors.Is(err, signing.ErrUnknownScheme) {
		t.Errorf("got %v, want ErrUnknownScheme", err)
	}
	if err := signing.Verify("rot13", signing.Keys{Secrets: []string{"x"}}, nil, nil, at); !errors.Is(err, signing.ErrUnknownScheme) {
		t.Errorf("got %v, want ErrUnknownScheme", err)
	}
	for _, scheme := range []signing.Scheme{signing.Standard, signing.Cloudinary, signing.Pixta} {
		if _, err := signing.SignWith(scheme, signing.Keys{}, "1", at, nil); !errors.Is(err, signing.ErrNoSecret) {
			t.Errorf("sign %s: got %v, want ErrNoSecret", scheme, err)
		}
		if err := signing.Verify(scheme, signing.Keys{}, http.Header{}, nil, at); !errors.Is(err, signing.ErrNoSecret) {
			t.Errorf("verify %s: got %v, want ErrNoSecret", scheme, err)
		}
	}
	if err := signing.Verify(signing.None, signing.Keys{}, http.Header{}, nil, at); err != nil {
		t.Error(err)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	for _, scheme := range []signing.Scheme{signing.Standard, signing.Cloudinary, signing.Pixta} {
		for _, sha256 := range []bool{false, true} {
			app := shop()
			app.Settings.CloudinarySHA256 = sha256
			header, err := signing.Sign(scheme, app, "dlv_1", at, []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			keys := signing.KeysOf(scheme, app, at)
			other := signing.Keys{Secrets: []string{"whsec_AAAA"}}
			both := signing.Keys{Secrets: append(append([]string{}, other.Secrets...), keys.Secrets...)}
			for name, row := range map[string]struct {
				keys signing.Keys
				body string
				want error
			}{
				"Good": {keys, body, nil}, "OneOfTwo": {both, body, nil}, "OtherSecret": {other, body, events.ErrInvalidSignature},
				"ChangedBody": {keys, body + " ", events.ErrInvalidSignature},
			} {
				if err := signing.Verify(scheme, row.keys, header, []byte(row.body), at); !errors.Is(err, row.want) {
					t.Errorf("%s %s: got %v, want %v", scheme, name, err, row.want)
				}
			}
			for name := range header {
				without := header.Clone()
				without.Del(name)
				err := signing.Verify(scheme, keys, without, []byte(body), at)
				needed := name != "Webhook-Id" || scheme == signing.Standard
				if needed != (err != nil && strings.Contains(strings.ToLower(err.Error()), strings.ToLower(name)+" is missing")) {
					t.Errorf("%s without %s: got %v", scheme, name, err)
				}
			}
		}
	}
}

func TestVerify_NamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	cloudinary, pixta := signing.Keys{Secrets: []string{"api-secret"}}, signing.Keys{Secrets: []string{secret}}
	for name, row := range map[string]struct {
		scheme signing.Scheme
		keys   signing.Keys
		change map[string]string
		now    time.Time
		want   string
	}{
		"CloudinaryTime":      {signing.Cloudinary, cloudinary, map[string]string{"X-Cld-Timestamp": "now"}, at, `invalid signature: X-Cld-Timestamp is "now": want seconds since 1970`},
		"CloudinaryNoHex":     {signing.Cloudinary, cloudinary, map[string]string{"X-Cld-Signature": "v1,zz"}, at, `X-Cld-Signature is "v1,zz": want 40 hexadecimal digits`},
		"CloudinaryLength":    {signing.Cloudinary, cloudinary, map[string]string{"X-Cld-Signature": "abcd"}, at, `want 40 hexadecimal digits, or 64`},
		"CloudinaryOtherTime": {signing.Cloudinary, cloudinary, map[string]string{"X-Cld-Timestamp": "1700000001"}, at, "X-Cld-Signature does not match"},
		"CloudinaryStale":     {signing.Cloudinary, cloudinary, nil, at.Add(2*time.Hour + time.Second), "stale signature: made 2h0m1s before now"},
		"CloudinaryFuture":    {signing.Cloudinary, cloudinary, nil, at.Add(-24 * time.Hour), ""},
		"CloudinaryUpperCase": {signing.Cloudinary, cloudinary, map[string]string{"X-Cld-Signature": "E27D8987D4FC7203A137F9094FC83E190C06B84F"}, at, ""},
		"PixtaNoPrefix":       {signing.Pixta, pixta, map[string]string{"X-Ims-Signature-256": strings.Repeat("ab", 32)}, at, "want sha256= and 64 hexadecimal digits"},
		"PixtaShort":          {signing.Pixta, pixta, map[string]string{"X-Ims-Signature-256": "sha256=ab"}, at, "want sha256= and 64 hexadecimal digits"},
		"PixtaLong":           {signing.Pixta, pixta, map[string]string{"X-Ims-Signature-256": strings.Repeat("x", 500)}, at, strings.Repeat("x", 100) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header, err := signing.SignWith(row.scheme, row.keys, "1", at, []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range row.change {
				header.Set(name, value)
			}
			err = signing.Verify(row.scheme, row.keys, header, []byte(body), row.now)
			if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	standard := signing.Keys{Secrets: []string{secret}}
	const pretty = "{\n  \"status_code\": 200\n}"
	for name, row := range map[string]struct {
		scheme   signing.Scheme
		signer   signing.Keys
		signed   string
		keys     signing.Keys
		received string
		change   map[string]string
		want     string
	}{
		"Good":            {signing.Standard, standard, body, standard, body, nil, ""},
		"SomethingElse":   {signing.Standard, standard, body, standard, "other", nil, ""},
		"NewlineAdded":    {signing.Standard, standard, body, standard, body + "\n", nil, "has a newline at its end"},
		"LineBreakAdded":  {signing.Standard, standard, body, standard, body + "\r\n", nil, "has a line break at its end"},
		"NewlineLost":     {signing.Pixta, standard, body + "\n", standard, body, nil, "newline at the end of the body is missing"},
		"Windows":         {signing.Pixta, standard, pretty, standard, strings.ReplaceAll(pretty, "\n", "\r\n"), nil, "line ends"},
		"ByteOrderMark":   {signing.Standard, standard, body, standard, "\xef\xbb\xbf" + body, nil, "byte order mark"},
		"JSONAgain":       {signing.Standard, standard, body, standard, pretty, nil, "written again as other JSON"},
		"SecretInSpaces":  {signing.Pixta, standard, body, signing.Keys{Secrets: []string{secret + "\n"}}, body, nil, "space or a newline around it"},
		"TextForTheKey":   {signing.Standard, signing.Keys{Secrets: []string{"d2hzZWNfTWZLUTlyOEdLWXFyVHdqVVBEOElMUFpJbzJMYUxhU3c="}}, body, standard, body, nil, "text of the secret for the key"},
		"RestForTheKey":   {signing.Standard, signing.Keys{Secrets: []string{"TWZLUTlyOEdLWXFyVHdqVVBEOElMUFpJbzJMYUxhU3c="}}, body, standard, body, nil, "text after whsec_ for the key"},
		"PixtaWithout":    {signing.Pixta, signing.Keys{Secrets: []string{secret[6:]}}, body, standard, body, nil, "left whsec_ out"},
		"Milliseconds":    {signing.Standard, standard, body, standard, body, map[string]string{"Webhook-Timestamp": "1700000000123"}, "milliseconds"},
		"Hexadecimal":     {signing.Standard, standard, body, standard, body, map[string]string{"Webhook-Signature": "v1," + strings.Repeat("ab", 32)}, "the v1 signature is not the base 64 of 32 bytes"},
		"Cut":             {signing.Standard, standard, body, standard, body, map[string]string{"Webhook-Signature": "v1a,AAAA"}, "the v1a signature is not the base 64 of 64 bytes"},
		"NoVersion":       {signing.Standard, standard, body, standard, body, map[string]string{"Webhook-Signature": "kDYDddr9SIUm17j6P7A6Q91L5YBcybSyVCYi6jP9/04="}, "no signature of a known version"},
		"CloudinaryMilli": {signing.Cloudinary, standard, body, standard, body, map[string]string{"X-Cld-Timestamp": "1700000000000"}, "milliseconds"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header, err := signing.SignWith(row.scheme, row.signer, "1", at, []byte(row.signed))
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range row.change {
				header.Set(name, value)
			}
			got := signing.Explain(row.scheme, row.keys, header, []byte(row.received), at)
			if (got == "") != (row.want == "") || !strings.Contains(got, row.want) {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func BenchmarkSign(b *testing.B) {
	app := shop()
	app.Settings.Asymmetric = true
	payload := []byte(strings.Repeat("x", 1000))
	for _, scheme := range signing.Schemes {
		b.Run(string(scheme), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(payload)))
			for b.Loop() {
				if _, err := signing.Sign(scheme, app, "dlv_1", at, payload); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
