package events_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
)

// An Ed25519 key, its public half, and the signature by it of the vector's message, as another implementation of the
// standard publishes them.
const (
	privateKey         = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
	publicKey          = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
	vectorAsymmetric   = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
	otherPublicKey     = "whpk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	seedOfPrivateKey   = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc="
	halvesOfTwoStrange = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbcAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
)

func signed(tb testing.TB, secrets ...string) http.Header {
	tb.Helper()
	header, err := events.SignPostback(secrets, vectorID, time.Unix(vectorTime, 0), []byte(vectorBody))
	if err != nil {
		tb.Fatal(err)
	}
	return header
}

func TestSignPostback_Asymmetric(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		secrets []string
		want    string
	}{
		"Vector":         {[]string{privateKey}, vectorAsymmetric},
		"FromTheSeed":    {[]string{seedOfPrivateKey}, vectorAsymmetric},
		"BesideASecret":  {[]string{vectorSecret, privateKey}, vectorSignature + " " + vectorAsymmetric},
		"InTheGivenTurn": {[]string{privateKey, vectorSecret}, vectorAsymmetric + " " + vectorSignature},
	} {
		if got := signed(t, row.secrets...).Get(events.HeaderSignature); got != row.want {
			t.Errorf("%s: got %s, want %s", name, got, row.want)
		}
	}
	// The content by hand: nothing of ours puts it together.
	public, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(publicKey, "whpk_"))
	if err != nil {
		t.Fatal(err)
	}
	_, encoded, _ := strings.Cut(signed(t, privateKey).Get(events.HeaderSignature), ",")
	signature, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if !ed25519.Verify(public, []byte(`msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}`), signature) {
		t.Error("crypto/ed25519 does not take the signature for one of id.timestamp.body")
	}
}

func TestVerifyPostback_Asymmetric(t *testing.T) {
	t.Parallel()
	at := time.Unix(vectorTime, 0)
	header := signed(t, vectorSecret, privateKey)
	for name, row := range map[string]struct {
		keys []string
		body string
		now  time.Time
		want error
	}{
		"PublicKey":             {[]string{publicKey}, vectorBody, at, nil},
		"SecretOfTheSamePost":   {[]string{vectorSecret}, vectorBody, at, nil},
		"OneOfTwoKeys":          {[]string{otherPublicKey, publicKey}, vectorBody, at, nil},
		"KeyOrSecret":           {[]string{otherSecret, publicKey}, vectorBody, at, nil},
		"OtherKey":              {[]string{otherPublicKey}, vectorBody, at, events.ErrInvalidSignature},
		"ChangedBody":           {[]string{publicKey}, vectorBody + "\n", at, events.ErrInvalidSignature},
		"TooOld":                {[]string{publicKey}, vectorBody, at.Add(6 * time.Minute), events.ErrStaleSignature},
		"KeyThatSigns":          {[]string{privateKey}, vectorBody, at, events.ErrInvalidSignature},
		"KeyIsShort":            {[]string{"whpk_AAAA"}, vectorBody, at, events.ErrInvalidSignature},
		"KeyIsNotBase64":        {[]string{"whpk_!"}, vectorBody, at, events.ErrInvalidSignature},
		"PublicKeyAsWrongThing": {[]string{strings.Replace(publicKey, "whpk_", "whsec_", 1)}, vectorBody, at, events.ErrInvalidSignature},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := events.VerifyPostback(row.keys, header, []byte(row.body), row.now); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
	// A signature of one scheme under the name of the other.
	swapped := header.Clone()
	swapped.Set(events.HeaderSignature, strings.Replace(vectorAsymmetric, "v1a,", "v1,", 1)+" "+strings.Replace(vectorSignature, "v1,", "v1a,", 1))
	if err := events.VerifyPostback([]string{publicKey, vectorSecret}, swapped, []byte(vectorBody), at); !errors.Is(err, events.ErrInvalidSignature) {
		t.Errorf("swapped schemes: got %v, want ErrInvalidSignature", err)
	}
}

func TestSignPostback_KeysThatCannotSign(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{
		"Public": publicKey, "Short": "whsk_AAAA", "NotBase64": "whsk_!!", "Empty": "whsk_", "HalvesOfTwo": halvesOfTwoStrange,
	} {
		_, err := events.SignPostback([]string{vectorSecret, key}, "1", time.Now(), nil)
		if !errors.Is(err, events.ErrInvalidSignature) || !strings.Contains(err.Error(), "secret 2: ") {
			t.Errorf("%s: got %v, want ErrInvalidSignature that names the second", name, err)
		}
		if err != nil && len(key) > 8 && strings.Contains(err.Error(), key[5:]) {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
}

func TestPublicKey(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		secret, want string
	}{
		"Whole": {privateKey, publicKey}, "Seed": {seedOfPrivateKey, publicKey}, "Secret": {vectorSecret, ""},
		"Public": {publicKey, ""}, "HalvesOfTwo": {halvesOfTwoStrange, ""}, "Empty": {"", ""},
	} {
		got, err := events.PublicKey(row.secret)
		if got != row.want || (err == nil) != (row.want != "") || err != nil && !errors.Is(err, events.ErrInvalidSignature) {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, row.want)
		}
	}
}

func TestVerifyPostback_NamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{events.HeaderID, events.HeaderTimestamp, events.HeaderSignature} {
		header := signed(t, vectorSecret)
		header.Del(name)
		err := events.VerifyPostback([]string{vectorSecret}, header, []byte(vectorBody), time.Unix(vectorTime, 0))
		if err == nil || err.Error() != "invalid signature: "+name+" is missing" {
			t.Errorf("without %s: got %v", name, err)
		}
	}
}

func BenchmarkSignPostback(b *testing.B) {
	for name, secrets := range map[string][]string{
		"v1": {vectorSecret}, "v1_twice": {vectorSecret, otherSecret}, "v1a": {privateKey}, "v1_and_v1a": {vectorSecret, privateKey},
	} {
		for size, body := range map[string][]byte{"1KB": bytes.Repeat([]byte("x"), 1000), "256KiB": bytes.Repeat([]byte("x"), 256<<10)} {
			b.Run(name+"/"+size, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(body)))
				for b.Loop() {
					if _, err := events.SignPostback(secrets, vectorID, time.Unix(vectorTime, 0), body); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkVerifyPostback(b *testing.B) {
	body := bytes.Repeat([]byte("x"), 1000)
	at := time.Unix(vectorTime, 0)
	header, err := events.SignPostback([]string{vectorSecret, privateKey}, vectorID, at, body)
	if err != nil {
		b.Fatal(err)
	}
	for name, key := range map[string]string{"v1": vectorSecret, "v1a": publicKey} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := events.VerifyPostback([]string{key}, header, body, at); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
