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
