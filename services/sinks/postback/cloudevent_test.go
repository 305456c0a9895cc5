package postback_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// cloudSink wants CloudEvents in a form.
func cloudSink(form job.Form) sinktest.Sink {
	sink := nativeSink()
	sink.Check = nil
	sink.Record = func(urls ...string) job.Record {
		r := record(native.Dialect, nil, urls...)
		for i := range r.Targets {
			r.Targets[i].Form = form
		}
		return r
	}
	return sink
}

// readEvent reads an arrival with the library that receivers use.
func readEvent(t *testing.T, a sinktest.Arrival) event.Event {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://h/", bytes.NewReader(a.Body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = a.Header
	message := cehttp.NewMessageFromHttpRequest(request)
	e, err := binding.ToEvent(context.Background(), message)
	if err != nil {
		t.Fatalf("the CloudEvents library cannot read %v: %v", a.Header, err)
	}
	return *e
}

// consenting answers the handshake, and notes what was asked.
type consenting struct {
	origin, rate string // of the answer; empty for none
	asked        atomic.Int32
	mu           sync.Mutex
	question     http.Header
	posts        []time.Time
}

func (c *consenting) answer(w http.ResponseWriter, a sinktest.Arrival, _ <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.Method != http.MethodOptions {
		c.posts = append(c.posts, a.At)
		return
	}
	c.asked.Add(1)
	c.question = a.Header
	if c.origin != "" {
		w.Header().Set("WebHook-Allowed-Origin", c.origin)
	}
	if c.rate != "" {
		w.Header().Set("WebHook-Allowed-Rate", c.rate)
	}
}

// posts are the arrivals that are no questions.
func posts(list []sinktest.Arrival) []sinktest.Arrival {
	var found []sinktest.Arrival
	for _, a := range list {
		if a.Method == http.MethodPost {
			found = append(found, a)
		}
	}
	return found
}

func TestCloudEvents(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		form   job.Form
		media  string
		origin string
	}{
		{"Structured", job.FormStructured, "application/cloudevents+json", "*"},
		{"Binary", job.FormBinary, "application/json", "ringback"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := sinktest.Open(t)
			sink := cloudSink(tt.form)
			door := &consenting{origin: tt.origin}
			receiver := sinktest.Receive(t, door.answer, nil)
			h.Start(sink)
			result := h.NewResult()
			if err := h.Publish(result, sink.Record(receiver.URL)); err != nil {
				t.Fatal(err)
			}
			h.Tell(sink, receiver.URL)
			list := posts(receiver.Until(t, "two events", func(list []sinktest.Arrival) bool { return len(posts(list)) == 2 }))
			if n := door.asked.Load(); n != 1 || door.question.Get("WebHook-Request-Origin") != "ringback" || door.question.Get("WebHook-Request-Rate") == "" {
				t.Errorf("asked %d times with %v, want once, with origin and rate", n, door.question)
			}
			app, _ := h.Directory.ByID(sinktest.Application)
			for _, a := range list {
				if !strings.HasPrefix(a.Header.Get("Content-Type"), tt.media) {
					t.Errorf("content type %q, want %q", a.Header.Get("Content-Type"), tt.media)
				}
				if err := events.VerifyPostback(app.SigningSecrets(a.At), a.Header, a.Body, a.At); err != nil {
					t.Errorf("signature: %v", err)
				}
				e := readEvent(t, a)
				got, err := events.DecodeResult(e)
				if err != nil || e.Type() != events.TypeJobCompleted || e.Subject() != got.ID || e.Source() != "/ringback/processor" {
					t.Errorf("event %v: %v", e, err)
				}
			}
		})
	}
}

// TestCloudEvents_WaitForConsent sends nothing to who did not say that it wants events, until it does.
func TestCloudEvents_WaitForConsent(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	sink := cloudSink(job.FormStructured)
	door := &consenting{origin: "somebody-else"}
	receiver := sinktest.Receive(t, door.answer, nil)
	h.Start(sink, 300*time.Millisecond, 300*time.Millisecond, 300*time.Millisecond)
	about := h.Tell(sink, receiver.URL)
	if entry := h.Logs(events.TypeDeliveryScheduled, about); entry.Error != "consent" || entry.Status != 200 {
		t.Errorf("log has %+v, want the class consent", entry)
	}
	if n := len(posts(receiver.Arrivals())); n != 0 {
		t.Errorf("%d events were sent without consent", n)
	}
	door.mu.Lock()
	door.origin = "RINGBACK"
	door.mu.Unlock()
	list := posts(receiver.Until(t, "the event", func(list []sinktest.Arrival) bool { return len(posts(list)) == 1 }))
	if e := readEvent(t, list[0]); e.Subject() != about {
		t.Errorf("event is about %s, want %s", e.Subject(), about)
	}
}

// TestCloudEvents_KeepToTheRate sends no more than an endpoint said it wants.
func TestCloudEvents_KeepToTheRate(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	sink := cloudSink(job.FormBinary)
	door := &consenting{origin: "*", rate: "300"}
	receiver := sinktest.Receive(t, door.answer, nil)
	h.Start(sink)
	tellMany(h, sink, 8, receiver.URL)
	receiver.Until(t, "eight events", func(list []sinktest.Arrival) bool { return len(posts(list)) == 8 })
	door.mu.Lock()
	defer door.mu.Unlock()
	// Five a second; those that were under way while the first question was asked may come together.
	if took := door.posts[7].Sub(door.posts[0]); took < time.Second {
		t.Errorf("eight events came within %s, want five a second", took)
	}
}
