package test_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/ringback/ringback/events"
)

const (
	secret      = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	otherSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

func bodies() map[string][]byte {
	return map[string][]byte{
		"JSON": []byte(`{"type":"job.completed"}`), "XML": []byte("<result>エヴァート</result>"), "Empty": nil, "NotUTF8": {0xff, 0},
	}
}

func TestSignPostback_StandardLibraryAccepts(t *testing.T) {
	t.Parallel()
	webhook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range bodies() {
		header, err := events.SignPostback([]string{otherSecret, secret}, "dlv_1", time.Now(), body)
		if err != nil {
			t.Fatal(err)
		}
		if err := webhook.Verify(body, header); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := webhook.Verify(append(body, 'x'), header); err == nil {
			t.Errorf("%s: a changed body is accepted", name)
		}
	}
}

func TestVerifyPostback_AcceptsTheStandardLibrary(t *testing.T) {
	t.Parallel()
	webhook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, body := range bodies() {
		signature, err := webhook.Sign("dlv_1", now, body)
		if err != nil {
			t.Fatal(err)
		}
		header := http.Header{}
		header.Set(standardwebhooks.HeaderWebhookID, "dlv_1")
		header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
		header.Set(standardwebhooks.HeaderWebhookSignature, signature)
		if err := events.VerifyPostback([]string{secret}, header, body, now); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSignPostback_StandardLibrarySkipsPublicKeys checks that a receiver with the standard's own library, which knows v1
// alone, goes on working when a v1a signature comes along.
func TestSignPostback_StandardLibrarySkipsPublicKeys(t *testing.T) {
	t.Parallel()
	const key = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
	webhook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	for name, secrets := range map[string][]string{"Before": {key, secret}, "After": {secret, key}, "Rotation": {otherSecret, key, secret, key}} {
		header, err := events.SignPostback(secrets, "dlv_1", time.Now(), []byte("body"))
		if err != nil {
			t.Fatal(err)
		}
		if err := webhook.Verify([]byte("body"), header); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
