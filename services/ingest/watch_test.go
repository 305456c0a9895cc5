package ingest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/schemas"
	"github.com/ringback/ringback/services/internal/bus"
)

// watcher reads a stream of server-sent events as the standard has it.
type watcher struct {
	testing.TB
	from  *bufio.Reader
	close func()
	// lastID is what the client would come back with; comments counts the lines that say nothing.
	lastID, retry string
	comments      int
}

// sent is one event of a stream.
type sent struct{ id, name, data string }

// watch opens a stream, which must be answered by 200, and reads the part before its first event.
func (h *house) watch(route string, header ...string) *watcher {
	h.Helper()
	answer, stop := h.listen(route, header...)
	if answer.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(answer.Body)
		stop()
		h.Fatalf("%s: status %d, want 200\n%s", route, answer.StatusCode, body)
	}
	checkContract(h, http.MethodGet, route, answer, nil)
	if media, cache := answer.Header.Get("Content-Type"), answer.Header.Get("Cache-Control"); media != "text/event-stream" || cache != "no-store" {
		h.Errorf("%s: content type %q, cache control %q", route, media, cache)
	}
	w := &watcher{TB: h.TB, from: bufio.NewReader(answer.Body), close: stop}
	if first, err := w.block(); err != nil || first.data != "" || w.retry != "2000" {
		h.Fatalf("the stream begins with %+v, %v, and retry %q", first, err, w.retry)
	}
	return w
}

// listen asks for a stream that is read until stop is called, and for two minutes at most.
func (h *house) listen(route string, header ...string) (answer *http.Response, stop func()) {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), 2*time.Minute)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+route, nil)
	h.must(err)
	request.Header.Set("Authorization", "Bearer "+h.app.Secrets.Token.Reveal())
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err = h.client.Do(request)
	h.must(err)
	stop = func() {
		cancel()
		_ = answer.Body.Close()
	}
	h.Cleanup(stop)
	return answer, stop
}

// next is the next event, skipping comments and blocks without data.
func (w *watcher) next() sent {
	w.Helper()
	for {
		got, err := w.block()
		if err != nil {
			w.Fatalf("read the stream: %v", err)
		}
		if got.data != "" {
			return got
		}
	}
}

// block reads up to an empty line.
func (w *watcher) block() (got sent, err error) {
	for {
		line, err := w.from.ReadString('\n')
		if err != nil {
			return got, err
		}
		line = strings.TrimSuffix(line, "\n")
		field, value, _ := strings.Cut(line, ": ")
		switch field {
		case "":
			if line == "" {
				return got, nil
			}
			w.comments++
		case "id":
			got.id, w.lastID = value, value
		case "event":
			got.name = value
		case "data":
			got.data += value
		case "retry":
			w.retry = value
		default:
			w.Errorf("the stream has a line %q", line)
		}
	}
}

// event is the next event as the CloudEvent that it must be, of a type and about something, its data as its schema says.
func (w *watcher) event(kind, about string) (sent, event.Event) {
	w.Helper()
	got := w.next()
	var e event.Event
	if err := json.Unmarshal([]byte(got.data), &e); err != nil {
		w.Fatalf("%v: %+v", err, got)
	}
	if err := e.Validate(); err != nil || got.name != e.Type() || e.Type() != kind || e.Subject() != about {
		w.Fatalf("got %s about %s (%v), named %s, want %s about %s", e.Type(), e.Subject(), err, got.name, kind, about)
	}
	if schema, ok := schemas.ForType(kind); ok {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(e.Data())))
		if err == nil {
			err = schemaAt(w, schema).Validate(document)
		}
		if err != nil {
			w.Errorf("%v: %s", err, e.Data())
		}
	}
	return got, e
}

// ends fails unless the stream ends now, with an event of this name.
func (w *watcher) ends(name string) {
	w.Helper()
	if got := w.next(); got.name != name || !json.Valid([]byte(got.data)) {
		w.Errorf("got %+v, want %s", got, name)
	}
	if got, err := w.block(); !errors.Is(err, io.EOF) {
		w.Errorf("after %s comes %+v, %v", name, got, err)
	}
}

// announce sends a live event that is not stored.
func (h *house) announce(subject, kind, about string, data any) {
	h.Helper()
	out, err := bus.Event(subject, kind, "/test", about, data)
	h.must(err)
	h.must(h.deps.Bus.Announce(out))
}

// progress tells of a stage of a job.
func (h *house) progress(app string, id events.ID, stage string) {
	h.Helper()
	h.announce(events.LiveProgressSubject(app, id.String()), events.TypeJobProgress, id.String(),
		events.Progress{ID: id.String(), Stage: stage, Percent: 50})
}
