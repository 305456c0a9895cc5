package ingest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/ingest"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/job"
)

func TestJobEvents(t *testing.T) {
	t.Parallel()
	h := open(t, nil)

	t.Run("FromTheAcceptanceToTheResult", func(t *testing.T) {
		t.Parallel()
		h := h.in(t)
		id, neighbour := h.submit(native), h.newID("demo")
		w := h.watch("/v1/jobs/" + id.String() + "/events")
		_, accepted := w.event(events.TypeJobAccepted, id.String())
		if accepted.ID() != id.String()+":job.accepted" || !accepted.Time().Equal(id.Time()) {
			t.Errorf("the acceptance is %s", accepted)
		}
		h.progress("demo", neighbour, "render")
		h.publish("demo", neighbour, job.Record{}, completed())
		h.progress("other", id, "render")
		h.progress("demo", id, "render")
		w.event(events.TypeJobProgress, id.String())
		h.publish("demo", id, job.Record{}, completed())
		got, e := w.event(events.TypeJobCompleted, id.String())
		if message := h.resultOf("demo", id); got.id != fmt.Sprint(message.Sequence) || string(e.Data()) != string(message.Data) {
			t.Errorf("got event %s, want %d: %s", got.id, message.Sequence, message.Data)
		}
		w.ends("end")
	})

	t.Run("EndedBefore", func(t *testing.T) {
		t.Parallel()
		h := h.in(t)
		id := h.newID("demo")
		h.publish("demo", id, job.Record{}, completed())
		w := h.watch("/v1/jobs/"+id.String()+"/events", "Last-Event-ID", "1")
		got, _ := w.event(events.TypeJobCompleted, id.String())
		w.ends("end")
		// A browser comes back all the same, and is told to stay away.
		if again := h.get("/v1/jobs/"+id.String()+"/events", "Last-Event-ID", got.id); again.StatusCode != http.StatusNoContent {
			t.Errorf("status %d, want 204", again.StatusCode)
		}
	})

	t.Run("Refuses", func(t *testing.T) {
		t.Parallel()
		h := h.in(t)
		forged := h.newID("demo")
		forged[9] ^= 1
		for _, id := range []string{"none", forged.String(), h.newID("other").String()} {
			wantProblem(t, h.get("/v1/jobs/"+id+"/events"), "not-found")
		}
		wantProblem(t, h.get("/v1/events", "Authorization", ""), "unauthorized")
		for _, id := range []string{"x", "-1", "1.5", "99999999999999999999"} {
			answer := h.get("/v1/events", "Last-Event-ID", id)
			wantProblem(t, answer, "invalid-request", "Last-Event-ID")
			if !strings.Contains(answer.body, `"value":"`+id+`"`) {
				t.Errorf("the value is not named: %s", answer.body)
			}
		}
	})
}

// TestEvents_EverythingOfOneApplication listens while jobs are accepted, rendered and ended, and an item changes.
func TestEvents_EverythingOfOneApplication(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	w := h.watch("/v1/events")
	if w.lastID == "" {
		t.Error("the stream begins without a position")
	}
	foreign := h.submit(native, "Authorization", "Bearer "+h.other.Secrets.Token.Reveal())
	h.publish("other", foreign, job.Record{}, completed())
	id := h.submit(native)
	got, _ := w.event(events.TypeJobAccepted, id.String())
	h.progress("demo", id, "render")
	w.event(events.TypeJobProgress, id.String())
	if got.id != "" {
		t.Errorf("an acceptance has the id %s: it is not sent again", got.id)
	}
	h.publish("demo", id, job.Record{}, completed())
	if got, _ = w.event(events.TypeJobCompleted, id.String()); got.id != fmt.Sprint(h.resultOf("demo", id).Sequence) {
		t.Errorf("the result has the id %s", got.id)
	}
	change, err := bus.Event(bus.MediaRecord("demo", "a b"), events.TypeMediaChanged, "/test", "a b",
		events.Media{ID: "a b", Revision: 1, Status: 3, Job: id.String(), ChangedAt: time.Now(), Outputs: []events.Output{}})
	h.must(err)
	_, err = h.deps.Bus.Publish(t.Context(), change)
	h.must(err)
	if got, _ := w.event(events.TypeMediaChanged, "a b"); got.id != "" {
		t.Errorf("a change has the id %s: it is of another stream", got.id)
	}
	h.must(h.deps.Bus.Announce(bus.Out{Subject: "ringback.live.demo.noise", Data: []byte("no event")}))
	h.announce("ringback.live.demo.delivery.x", events.TypeDeliveryDelivered, "d", events.Delivery{ID: "d", Target: "http://h/"})
	w.event(events.TypeDeliveryDelivered, "d")
}

// TestEvents_Resume comes back after results that were missed, among those of others.
func TestEvents_Resume(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	end := func(app string) events.ID {
		id := h.newID(app)
		h.publish(app, id, job.Record{}, completed())
		return id
	}
	end("demo")
	w := h.watch("/v1/events")
	first := end("demo")
	seen, _ := w.event(events.TypeJobCompleted, first.String())
	w.close()
	var missed []events.ID
	for range 20 {
		end("other")
		missed = append(missed, end("demo"))
	}
	w = h.watch("/v1/events", "Last-Event-ID", seen.id)
	for _, id := range missed {
		w.event(events.TypeJobCompleted, id.String())
	}
	live := end("demo") // and each once, where what was stored and what is live meet
	w.event(events.TypeJobCompleted, live.String())
	w.close()
	// Cut off before its first result: the position came with the opening.
	w = h.watch("/v1/events")
	position := w.lastID
	w.close()
	late := end("demo")
	w = h.watch("/v1/events", "Last-Event-ID", position)
	w.event(events.TypeJobCompleted, late.String())
	w.close()
	// A position of a broker that was made anew is as good as none.
	w = h.watch("/v1/events", "Last-Event-ID", "18446744073709551615")
	after := end("demo")
	w.event(events.TypeJobCompleted, after.String())
}

// TestEvents_SlowReader leaves one stream unread while another of the same application is read.
func TestEvents_SlowReader(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	conn := h.dial()
	defer func() { _ = conn.Close() }()
	h.must(conn.(*net.TCPConn).SetReadBuffer(64 << 10)) // else the kernel takes up to 32 MiB for a client that does not read
	_, err := fmt.Fprintf(conn, "GET /v1/events HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\n\r\n", h.app.Secrets.Token.Reveal())
	h.must(err)
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	h.must(err)
	slow := &watcher{TB: t, from: bufio.NewReader(answer.Body)}
	_, err = slow.block()
	h.must(err)
	fast := h.watch("/v1/events")
	id, before, after := h.newID("demo"), h.newID("demo"), h.newID("demo")
	h.publish("demo", before, job.Record{}, completed())
	fast.event(events.TypeJobCompleted, before.String())
	slow.event(events.TypeJobCompleted, before.String())
	const flood = 80
	stage := strings.Repeat("x", 100<<10) // 8 MiB: more than the kernel takes for the server, and the stream itself
	for range flood {
		h.progress("demo", id, stage)
		fast.event(events.TypeJobProgress, id.String())
	}
	h.publish("demo", after, job.Record{}, completed())
	fast.event(events.TypeJobCompleted, after.String())
	count := 0
	got := slow.next()
	for ; got.name == events.TypeJobProgress; got = slow.next() {
		count++
	}
	if got.name != "overrun" || count == 0 || count >= flood {
		t.Errorf("after %d of %d events comes %.200s, want an overrun", count, flood, got.name)
	}
	if rest, err := slow.block(); err == nil {
		t.Errorf("after the overrun comes %+v", rest)
	}
	w := h.watch("/v1/events", "Last-Event-ID", slow.lastID)
	w.event(events.TypeJobCompleted, after.String())
}

func TestEvents_Alive(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *ingest.Config) { c.Heartbeat = time.Millisecond })
	w := h.watch("/v1/jobs/" + h.newID("demo").String() + "/events")
	w.next()
	for w.comments < 3 {
		if _, err := w.block(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEvents_Places(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *ingest.Config) { c.Streams, c.StreamsOfOne, c.Heartbeat = 2, 1, time.Millisecond })
	others := []string{"Authorization", "Bearer " + h.other.Secrets.Token.Reveal()}
	first := h.watch("/v1/events")
	for _, route := range []string{"/v1/events", "/v1/jobs/" + h.newID("demo").String() + "/events"} {
		refused := h.get(route)
		wantProblem(t, refused, "too-many-requests")
		if refused.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	h.watch("/v1/events", others...)
	// Streams do not take the places of those who wait.
	h.get("/v1/jobs/" + h.newID("demo").String() + "?wait=1ms")
	first.close()
	h.untilWatched("/v1/events") // the place of a client that left is free again
	t.Run("OfTheProcess", func(t *testing.T) {
		t.Parallel()
		h := open(t, func(c *ingest.Config) { c.Streams, c.Heartbeat = 1, time.Millisecond })
		first := h.watch("/v1/events")
		refused := h.get("/v1/events", "Authorization", "Bearer "+h.other.Secrets.Token.Reveal())
		wantProblem(t, refused, "unavailable")
		if refused.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		first.close()
		h.untilWatched("/v1/events")
	})
}

// TestEvents_OneSubscription opens many streams and lets many requests wait, and counts what the process listens on.
func TestEvents_OneSubscription(t *testing.T) {
	t.Parallel()
	const streams = 50
	h := open(t, nil)
	h.watch("/v1/events")
	before := h.deps.Bus.Subscriptions()
	id := h.newID("demo")
	var open []*watcher
	for range streams / 2 {
		open = append(open, h.watch("/v1/events"), h.watch("/v1/jobs/"+id.String()+"/events"))
	}
	if got := h.deps.Bus.Subscriptions(); got != before {
		t.Errorf("%d subscriptions with %d streams, want %d", got, streams, before)
	}
	h.publish("demo", id, job.Record{}, completed())
	for i, w := range open {
		if i%2 == 1 {
			w.event(events.TypeJobAccepted, id.String())
		}
		w.event(events.TypeJobCompleted, id.String())
	}
}

func TestEvents_EndWithTheProcess(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.newID("demo")
	all, one := h.watch("/v1/events"), h.watch("/v1/jobs/"+id.String()+"/events")
	one.event(events.TypeJobAccepted, id.String())
	// One that is not read, with more in it than the kernel takes.
	conn := h.dial()
	defer func() { _ = conn.Close() }()
	_, err := fmt.Fprintf(conn, "GET /v1/events HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\n\r\n", h.app.Secrets.Token.Reveal())
	h.must(err)
	_, err = bufio.NewReaderSize(conn, 16).ReadString('\n')
	h.must(err)
	for range 200 {
		h.progress("demo", h.newID("demo"), strings.Repeat("x", 100<<10))
		all.next()
	}
	h.must(h.stop()) // which fails when it has to cut requests short
	all.ends("reconnect")
	one.ends("reconnect")
}

// TestEvents_BrokerAway lets the broker go and come back: what happened meanwhile was not seen live.
func TestEvents_BrokerAway(t *testing.T) {
	t.Parallel()
	dir, quiet := t.TempDir(), slog.New(slog.DiscardHandler)
	server, err := bus.Open(t.Context(), bus.Config{Addr: "127.0.0.1:0", Replicas: 1}, dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	logins, err := bus.ReadLogins(dir)
	if err != nil {
		t.Fatal(err)
	}
	client, err := bus.Open(t.Context(), bus.Config{URL: config.Secret(logins.ServicesURL()), Replicas: 1}, "", quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	h := openOn(t, client, func(c *ingest.Config) { c.Waiters = 1 })
	w := h.watch("/v1/events")
	position, id := w.lastID, h.newID("demo")
	waits := make(chan events.Result, 1)
	go func() { waits <- h.wait(id) }()
	h.untilFull(id)
	h.must(server.Close())
	for away := false; !away && t.Context().Err() == nil; {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		err := client.Healthy(ctx)
		away = err != nil && strings.Contains(err.Error(), "not connected")
		cancel()
	}
	wantProblem(t, h.bulk(`{"ids":["`+id.String()+`"]}`), "unavailable")
	wantProblem(t, h.get("/v1/events"), "unavailable")
	server, err = bus.Open(t.Context(), bus.Config{Addr: strings.TrimPrefix(logins.URL, "nats://"), Replicas: 1}, dir, quiet)
	h.must(err)
	t.Cleanup(func() { _ = server.Close() })
	h.deps.Bus = server
	h.publish("demo", id, job.Record{}, completed())
	h.deps.Bus = client
	w.ends("reconnect")
	w = h.watch("/v1/events", "Last-Event-ID", position)
	w.event(events.TypeJobCompleted, id.String())
	if got := <-waits; got.State != events.StateCompleted {
		t.Errorf("who waits gets %s, want completed", got.State)
	}
}

// resultOf is the stored result of a job.
func (h *house) resultOf(app string, id events.ID) *bus.Message {
	h.Helper()
	message, err := h.deps.Bus.Last(h.Context(), bus.Events, events.ResultSubject(app, id.String()))
	h.must(err)
	return message
}

// untilWatched returns once there is room for a stream.
func (h *house) untilWatched(route string) {
	h.Helper()
	for h.Context().Err() == nil {
		answer, stop := h.listen(route)
		status := answer.StatusCode
		if status != http.StatusOK {
			_, _ = io.Copy(io.Discard, answer.Body)
		}
		stop()
		if status == http.StatusOK {
			return
		}
	}
}
