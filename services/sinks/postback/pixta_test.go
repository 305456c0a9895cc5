package postback_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/pixta"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/signing"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// TestPixta holds webhooks to the provider's format and its signature, which is the same on each attempt.
func TestPixta(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	sink := nativeSink()
	sink.Check = func(a sinktest.Arrival, app application.Application) error {
		keys := signing.KeysOf(signing.Pixta, app, a.At)
		var standard error
		if a.Header.Get(events.HeaderSignature) != "" {
			standard = fmt.Errorf("header %s on a format with a signature of its own", events.HeaderSignature)
		}
		return errors.Join(signing.Verify(signing.Pixta, keys, a.Header, a.Body, a.At), sinktest.Valid("pixta/webhook.json", a.Body), standard)
	}
	receiver := h.Receive(sink, sinktest.FailFirst(1, 500))
	h.Start(sink, 50_000_000)
	result := h.NewResult()
	result.Outputs[0].Stored = []events.Stored{{Name: "a", Bucket: "b", Key: "k"}}
	details := pixta.Details{SourceID: "62ec7b0041e66d000146c60a"}
	if err := h.Publish(result, record(pixta.Dialect, details.Encode(), receiver.URL)); err != nil {
		t.Fatal(err)
	}
	want, err := pixta.Webhook(result, details)
	if err != nil {
		t.Fatal(err)
	}
	first, second := receiver.Next(t), receiver.Next(t)
	for _, a := range []sinktest.Arrival{first, second} {
		if diff := cmp.Diff(string(want), string(a.Body)); diff != "" {
			t.Errorf("body of attempt %d (-want +got):\n%s", a.Try, diff)
		}
		if got := a.Header.Get("Content-Type"); got != pixta.Media {
			t.Errorf("content type %q", got)
		}
	}
	if first.Header.Get(signing.HeaderPixtaSignature) != second.Header.Get(signing.HeaderPixtaSignature) || first.ID != second.ID {
		t.Error("the attempts differ")
	}
}
