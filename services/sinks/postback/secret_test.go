package postback_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"sync"
	"testing"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// TestRotation signs with both secrets for a day, so that a receiver with either one can verify.
func TestRotation(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	sink := nativeSink()
	receiver := h.Receive(sink, sinktest.Accept) // its check verifies with each of the secrets
	h.Start(sink)
	old, _ := h.Directory.ByID(sinktest.Application)
	h.Tell(sink, receiver.URL)
	if n := len(strings.Fields(receiver.Next(t).Header.Get(events.HeaderSignature))); n != 1 {
		t.Errorf("%d signatures before the rotation, want 1", n)
	}
	h.Rotate()
	h.Tell(sink, receiver.URL)
	a := receiver.Next(t)
	if n := len(strings.Fields(a.Header.Get(events.HeaderSignature))); n != 2 {
		t.Errorf("%d signatures after the rotation, want 2", n)
	}
	before := []string{old.Secrets.WebhookSecret.Reveal()}
	if err := events.VerifyPostback(before, a.Header, a.Body, a.At); err != nil {
		t.Errorf("a receiver with the old secret alone: %v", err)
	}
}

// TestSecretsStaySealed looks for the client's headers, the address's query and the application's secrets wherever
// something is kept, said or logged, while deliveries fail, wait, succeed and die.
func TestSecretsStaySealed(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	sink := nativeSink()
	var mu sync.Mutex
	var said []*bus.Message
	stop, err := h.Bus.Listen(">", func(m *bus.Message) { mu.Lock(); said = append(said, m); mu.Unlock() })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	works, fails := h.Receive(sink, sinktest.FailFirst(1, 500)), h.Receive(sink, sinktest.Refuse(500))
	h.Start(sink, 100_000_000)
	for _, receiver := range []*sinktest.Receiver{works, fails} {
		r := record(native.Dialect, nil, receiver.URL+"?token=s3cr3t-query")
		r.Targets[0].Headers = map[string]string{"X-Key": "s3cr3t-header"}
		if err := h.Publish(h.NewResult(), r); err != nil {
			t.Fatal(err)
		}
	}
	works.Next(t)
	if a := works.Next(t); a.Header.Get("X-Key") != "s3cr3t-header" {
		t.Errorf("the header did not arrive: %v", a.Header)
	}
	h.Buried("hook", 1)
	app, _ := h.Directory.ByID(sinktest.Application)
	for _, secret := range []string{"s3cr3t-header", "s3cr3t-query", app.Secrets.WebhookSecret.Reveal(), app.Secrets.Token.Reveal()} {
		mu.Lock()
		for _, m := range said {
			if holds(m, secret) {
				t.Errorf("a message on %s shows %q", m.Subject, secret)
			}
		}
		mu.Unlock()
		for _, stream := range []string{bus.Hooks, bus.Parked, bus.Events, bus.Deliveries, bus.Dead} {
			for _, m := range h.Stored(stream, ">") {
				if holds(m, secret) {
					t.Errorf("%s shows %q on %s", stream, secret, m.Subject)
				}
			}
		}
		if bytes.Contains(h.Logged(), []byte(secret)) {
			t.Errorf("the log shows %q", secret)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(said) == 0 {
		t.Error("nothing was heard")
	}
}

// holds tells whether a message shows a secret, as it is or in base 64, which is how JSON writes bytes.
func holds(m *bus.Message, secret string) bool {
	text := m.Subject + string(m.Data)
	for name, values := range m.Header {
		text += name + strings.Join(values, " ")
	}
	return strings.Contains(text, secret) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(secret))[:8])
}
