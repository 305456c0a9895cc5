package ingest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/application"
)

const (
	settingsRoute = "/v1/application/settings"
	rotateRoute   = "/v1/application/webhook-secret/rotate"
)

func (h *house) patch(body string, header ...string) reply {
	h.Helper()
	return h.send(http.MethodPatch, settingsRoute, strings.NewReader(body), header...)
}

// known reads the demo application as the store has it.
func (h *house) known() application.Application {
	h.Helper()
	bucket, err := h.deps.Bus.Bucket(h.Context(), "applications")
	h.must(err)
	a, err := application.NewStore(bucket, h.deps.Key).Get(h.Context(), "demo")
	h.must(err)
	return a
}

func TestGetApplication(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	answer := h.get("/v1/application")
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", answer.StatusCode, answer.body)
	}
	var got struct {
		ID         string
		PublicKeys []string `json:"public_keys"`
		Settings   map[string]any
	}
	h.must(json.Unmarshal([]byte(answer.body), &got))
	if got.ID != "demo" || len(got.Settings) != 0 {
		t.Errorf("got %s", answer.body)
	}
	if diff := cmp.Diff(h.app.PublicKeys(time.Now()), got.PublicKeys); diff != "" {
		t.Errorf("public keys (-want +got):\n%s", diff)
	}
	s := h.app.Secrets
	for _, secret := range []string{s.Token.Reveal(), s.APIKey.Reveal(), s.APISecret.Reveal(), s.WebhookSecret.Reveal(), s.SigningKey.Reveal()} {
		if strings.Contains(answer.body, secret) {
			t.Errorf("it shows %s", secret)
		}
	}
}

func TestPatchSettings(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	first := h.patch(`{"poll_rate": 20, "schedules": {"native": "5s,30s"}, "asymmetric": true, "bridge": {"bus": "b"}}`,
		"Content-Type", "application/merge-patch+json")
	if first.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", first.StatusCode, first.body)
	}
	second := h.patch(`{"poll_rate": null, "schedules": {"pixta": "1m"}, "bridge": {"always": true}}`)
	if shown := h.get("/v1/application").body; shown != second.body {
		t.Errorf("shown afterwards: %s, want %s", shown, second.body)
	}
	want, err := application.Settings{}.Patch([]byte(
		`{"schedules": {"native": "5s,30s", "pixta": "1m"}, "asymmetric": true, "bridge": {"bus": "b", "always": true}}`))
	h.must(err)
	if diff := cmp.Diff(want, h.known().Settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if other, _ := h.deps.Applications.ByID("other"); other.Settings.Asymmetric {
		t.Error("the settings of another application were changed")
	}
}

// TestPatchSettings_AreGoneByAtOnce changes a setting many times, and finds each in the memory that requests go by.
func TestPatchSettings_AreGoneByAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for rate := 1; rate <= 50; rate++ {
		if answer := h.patch(fmt.Sprintf(`{"poll_rate": %d}`, rate)); answer.StatusCode != http.StatusOK {
			t.Fatalf("status %d: %s", answer.StatusCode, answer.body)
		}
		app, _ := h.deps.Applications.ByID("demo")
		if got := app.Settings.PollRate; got == nil || *got != float64(rate) {
			t.Fatalf("after the answer to %d requests go by %v", rate, got)
		}
	}
}

func TestPatchSettings_Refuses(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for name, row := range map[string]struct {
		body   string
		header []string
		kind   string
		fields []string
	}{
		"Unknown":     {`{"pol_rate": 1}`, nil, "invalid-request", []string{"pol_rate"}},
		"EveryWrong":  {`{"token": "rb_x", "poll_rate": "1", "bridge": {"buss": 1}}`, nil, "invalid-request", []string{"bridge.buss", "poll_rate", "token"}},
		"CannotWork":  {`{"poll_rate": 0, "schedules": {"nativ": "5s"}}`, nil, "invalid-request", []string{"poll_rate", "schedules.nativ"}},
		"NoObject":    {`[]`, nil, "invalid-request", []string{""}},
		"NoBody":      {``, nil, "invalid-request", []string{""}},
		"TooLarge":    {`{"bridge": {"bus": "` + strings.Repeat("x", 64<<10) + `"}}`, nil, "too-large", nil},
		"NotJSON":     {`a=1`, []string{"Content-Type", "application/x-www-form-urlencoded"}, "unsupported-media-type", nil},
		"NoToken":     {`{}`, []string{"Authorization", ""}, "unauthorized", nil},
		"WrongToken":  {`{}`, []string{"Authorization", "Bearer rb_x"}, "unauthorized", nil},
		"APIKeyIsNot": {`{}`, []string{"Authorization", "Bearer " + h.app.Secrets.APISecret.Reveal()}, "unauthorized", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantProblem(t, h.in(t).patch(row.body, row.header...), row.kind, row.fields...)
		})
	}
}

func TestRotateWebhookSecret(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	before := h.app.Secrets.WebhookSecret.Reveal()
	answer := h.send(http.MethodPost, rotateRoute, strings.NewReader(`{"overlap": "2h"}`))
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("status %d, %v: %s", answer.StatusCode, answer.Header, answer.body)
	}
	var got struct {
		Secret string    `json:"webhook_secret"`
		Ends   time.Time `json:"overlap_ends_at"`
	}
	h.must(json.Unmarshal([]byte(answer.body), &got))
	app := h.known()
	if diff := cmp.Diff([]string{got.Secret, before}, app.SigningSecrets(app.RotatedAt)); diff != "" {
		t.Errorf("signing (-want +got):\n%s", diff)
	}
	if !got.Ends.Equal(app.RotatedAt.Add(2 * time.Hour)) {
		t.Errorf("the overlap ends at %s, want two hours after %s", got.Ends, app.RotatedAt)
	}
	if app.Secrets.Token != h.app.Secrets.Token || app.Secrets.SigningKey != h.app.Secrets.SigningKey {
		t.Error("other secrets were replaced, too")
	}
	if strings.Contains(h.get("/v1/application").body, got.Secret) {
		t.Error("the secret is shown again")
	}
	header, err := events.SignPostback([]string{got.Secret}, "1", time.Now(), nil)
	if err != nil || header == nil {
		t.Errorf("it cannot sign: %v", err)
	}

	// Without a body the overlap is a day; with none, everything before ends.
	usual := h.send(http.MethodPost, rotateRoute, nil)
	h.must(json.Unmarshal([]byte(usual.body), &got))
	if app := h.known(); !got.Ends.Equal(app.RotatedAt.Add(24 * time.Hour)) {
		t.Errorf("without a body the overlap ends at %s", got.Ends)
	}
	if last := h.send(http.MethodPost, rotateRoute, strings.NewReader(`{"overlap": "0s"}`)); strings.Contains(last.body, "overlap") {
		t.Errorf("without an overlap: %s", last.body)
	}
	if app := h.known(); len(app.SigningSecrets(app.RotatedAt)) != 1 {
		t.Error("without an overlap secrets from before still sign")
	}
}

func TestRotateWebhookSecret_Refuses(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for name, row := range map[string]struct {
		body   string
		header []string
		kind   string
		fields []string
	}{
		"TooLong":  {`{"overlap": "168h1s"}`, nil, "invalid-request", []string{"overlap"}},
		"Negative": {`{"overlap": "-1s"}`, nil, "invalid-request", []string{"overlap"}},
		"Number":   {`{"overlap": 24}`, nil, "invalid-request", []string{"overlap"}},
		"Null":     {`{"overlap": null}`, nil, "invalid-request", []string{"overlap"}},
		"Unknown":  {`{"b": 1, "a": 2, "overlap": "1h"}`, nil, "invalid-request", []string{"a", "b"}},
		"NoObject": {`"24h"`, nil, "invalid-request", []string{""}},
		"NotJSON":  {`24h`, []string{"Content-Type", "text/plain"}, "unsupported-media-type", nil},
		"NoToken":  {``, []string{"Authorization", ""}, "unauthorized", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantProblem(t, h.in(t).send(http.MethodPost, rotateRoute, strings.NewReader(row.body), row.header...), row.kind, row.fields...)
		})
	}
	t.Run("TooOften", func(t *testing.T) {
		h := open(t, nil)
		for range 10 {
			if answer := h.send(http.MethodPost, rotateRoute, nil); answer.StatusCode != http.StatusOK {
				t.Fatalf("status %d: %s", answer.StatusCode, answer.body)
			}
		}
		wantProblem(t, h.send(http.MethodPost, rotateRoute, nil), "invalid-request", "overlap")
	})
}
