package callback_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/sinks/callback"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// TestUnsigned sends nothing that the format's own service did not send, where the application wants it so, and signs
// again, as the standard's library has it, once it does not. What a client asks to have sent cannot replace a signature.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	s := sink(time.Second)
	s.Check = func(sinktest.Arrival, application.Application) error { return nil } // half of them are not signed
	receiver := h.Receive(s, sinktest.Accept)
	h.Set(func(s *application.Settings) { s.UnsignedCallbacks = true })
	h.Start(s)
	tell := func(item string) sinktest.Arrival {
		result, wanted := h.NewResult(), record(receiver.URL)
		result.Media.ID = item
		wanted.Targets[0].Headers = map[string]string{"X-Wanted": "yes", events.HeaderSignature: "v1,forged"}
		if item == "unsigned" {
			delete(wanted.Targets[0].Headers, events.HeaderSignature)
		}
		if err := h.Publish(result, wanted); err != nil {
			t.Fatal(err)
		}
		return receiver.Next(t)
	}
	names := []string{"Content-Length", "Content-Type", "User-Agent", "X-Wanted"}
	if diff := cmp.Diff(names, sorted(tell("unsigned").Header)); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	h.Set(func(s *application.Settings) { s.UnsignedCallbacks = false })
	signed := tell("signed")
	app, _ := h.Directory.ByID(sinktest.Application)
	for _, secret := range app.SigningSecrets(signed.At) {
		verifier, err := webhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify(signed.Body, signed.Header); err != nil {
			t.Errorf("the standard's library: %v", err)
		}
	}
	if !strings.HasPrefix(signed.ID, "cb_") {
		t.Errorf("signed as %q, want the callback's id", signed.ID)
	}
}

func sorted(header http.Header) []string {
	var names []string
	for _, name := range []string{
		"Accept-Encoding", "Content-Length", "Content-Type", "User-Agent", "Webhook-Id", "Webhook-Signature", "Webhook-Timestamp", "X-Wanted",
	} {
		if header.Get(name) != "" {
			names = append(names, name)
		}
	}
	if len(names) != len(header) {
		names = append(names, "and others")
	}
	return names
}

// TestSchedules has a pause of an hour where a longer word is heard, and of a tenth of a second where the nearer one is.
func TestSchedules(t *testing.T) {
	t.Parallel()
	short, long := config.Durations{100 * time.Millisecond}, config.Durations{time.Hour}
	for _, tt := range []struct {
		name         string
		own          map[string]config.Durations
		installation config.Durations
		want         time.Duration
	}{
		{"OfTheInstallation", nil, short, 100 * time.Millisecond},
		{"OfTheApplicationForTheFormat", map[string]config.Durations{"filemobile": short, "": long}, long, 100 * time.Millisecond},
		{"OfTheApplicationForAll", map[string]config.Durations{"": short, "native": long}, long, 100 * time.Millisecond},
		{"Default", nil, nil, 5 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := sinktest.Open(t)
			s := sink(time.Second)
			s.New = func(deps sinktest.Deps) (sinktest.Runner, error) {
				config := callback.DefaultConfig()
				config.Window, config.Grace, config.Schedule = time.Second, time.Second, tt.installation
				return callback.New(config, callback.Deps{
					Bus: deps.Bus, Applications: deps.Applications, Key: deps.Key, Poster: deps.Poster, Metrics: deps.Metrics, Log: deps.Log,
				})
			}
			h.Set(func(s *application.Settings) { s.Schedules = tt.own })
			receiver := h.Receive(s, sinktest.Refuse(http.StatusInternalServerError))
			h.Start(s)
			about := h.Tell(s, receiver.URL)
			came := receiver.Next(t).At
			entry := h.Logs(events.TypeDeliveryScheduled, about)
			if pause := entry.NextAt.Sub(came); pause < tt.want || pause > tt.want+tt.want/10+2*time.Second {
				t.Errorf("the next attempt is %s after the first, want %s", pause, tt.want)
			}
		})
	}
}
