package ingest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/ingest"
	"github.com/ringback/ringback/services/internal/bus/bustest"
	"github.com/ringback/ringback/services/internal/job"
)

func TestGetFile(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.must(h.store.Put(t.Context(), "out/demo/j/0-a.webp", []byte("picture"), "image/webp"))
	h.must(h.store.Put(t.Context(), "out/demo/j/page", []byte("<script>"), "text/html"))
	h.must(h.store.Put(t.Context(), "sources/demo/secret", []byte("hidden"), "image/png"))
	for route, want := range map[string]string{"/files/demo/j/0-a.webp": "image/webp", "/files/demo/j/page": "application/octet-stream"} {
		answer := h.get(route, "Authorization", "")
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != want ||
			answer.Header.Get("X-Content-Type-Options") != "nosniff" || answer.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d %v", route, answer.StatusCode, answer.Header)
		}
	}
	if got := h.get("/files/demo/j/0-a.webp").body; got != "picture" {
		t.Errorf("got %q, want the picture", got)
	}
	for name, route := range map[string]string{
		"Missing": "/files/demo/j/none", "Encoded": "/files/..%2fsources/demo/secret", "DoublyEncoded": "/files/%252e%252e/sources/demo/secret",
		"Dots": "/files/../sources/demo/secret", "Absolute": "/files//etc/passwd", "Backslash": `/files/..%5csources%5cdemo%5csecret`,
		"Folder": "/files/demo/j", "FolderWithASlash": "/files/demo/j/", "Everything": "/files/", "ContentType": "/files/demo/j/page@type",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if answer := h.in(t).get(route); answer.StatusCode != http.StatusNotFound || strings.Contains(answer.body, "hidden") {
				t.Errorf("%s: %d %s", route, answer.StatusCode, answer.body)
			}
		})
	}
}

func TestOperations(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.deps.Health.Add("disk", func(context.Context) error { return nil })
	status := func(route string) int { return h.get(route, "Authorization", "").StatusCode }
	if status("/livez") != http.StatusOK || status("/readyz") != http.StatusServiceUnavailable {
		t.Error("before it is ready: want alive and not ready")
	}
	h.deps.Health.SetReady()
	if got := status("/readyz"); got != http.StatusOK {
		t.Errorf("readyz is %d, want 200", got)
	}
	h.deps.Health.Add("bus", func(context.Context) error { return errors.New("frozen") })
	if got := h.get("/readyz"); got.StatusCode != http.StatusServiceUnavailable || got.body != "not ready: bus: frozen\n" {
		t.Errorf("readyz is %d %q, want 503 and the reason", got.StatusCode, got.body)
	}
	h.submit(native)
	if got := h.get("/metrics").body; !strings.Contains(got, `ringback_jobs_accepted_total{dialect="native"} 1`) {
		t.Error("the metrics do not count the job")
	}
	wantProblem(t, h.get("/nothing"), "not-found")
	wantProblem(t, h.send(http.MethodDelete, "/v1/jobs", nil), "not-found")
}

func TestInbox(t *testing.T) {
	t.Parallel()
	t.Run("OffUnlessAskedFor", func(t *testing.T) {
		t.Parallel()
		h := open(t, nil)
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if got := h.send(method, "/inbox/a", nil); got.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %d, want 404", method, got.StatusCode)
			}
		}
	})
	t.Run("ListsWhatCame", func(t *testing.T) {
		t.Parallel()
		h := open(t, func(c *ingest.Config) { c.Inbox = true })
		for _, body := range []string{"<a/>", "two", "\xff"} {
			if got := h.send(http.MethodPost, "/inbox/a", strings.NewReader(body), "Webhook-Id", "1"); got.StatusCode != http.StatusNoContent {
				t.Fatalf("post: %d", got.StatusCode)
			}
		}
		wantProblem(t, h.send(http.MethodPost, "/inbox/a", strings.NewReader(strings.Repeat("x", 256<<10+1))), "too-large")
		var list []struct {
			Header map[string]string
			Body   string
		}
		h.must(json.Unmarshal([]byte(h.get("/inbox/a").body), &list))
		if len(list) != 3 || list[0].Body != "<a/>" || list[1].Body != "two" || list[2].Body != "(not text)" || list[0].Header["Webhook-Id"] != "1" {
			t.Errorf("got %+v", list)
		}
		if got := h.get("/inbox/b").body; strings.TrimSpace(got) != "[]" {
			t.Errorf("another name has %s", got)
		}
	})
}

func TestRun_StartStop(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for i := range 20 {
		config := ingest.DefaultConfig()
		config.Addr = "127.0.0.1:0"
		deps := h.deps
		listening := make(chan struct{})
		deps.Listening = func(string) { close(listening) }
		service, err := ingest.New(t.Context(), config, deps)
		h.must(err)
		ctx, cancel := context.WithCancel(t.Context())
		if i%2 == 0 {
			cancel() // before the start
		}
		done := make(chan error, 1)
		go func() { done <- service.Run(ctx) }()
		if i%2 == 1 {
			<-listening // and not a moment later: the server has not begun to accept
		}
		cancel()
		cancel()
		if err := <-done; err != nil {
			t.Fatalf("run %d: %v", i, err)
		}
	}
}

func TestNew_NamesWhatCannotWork(t *testing.T) {
	t.Parallel()
	deps := newDeps(t, bustest.Open(t), t.TempDir())
	taken := open(t, nil).url
	for want, change := range map[string]func(*ingest.Config){
		"RINGBACK_HTTP_ADDR":           func(c *ingest.Config) { c.Addr = strings.TrimPrefix(taken, "http://") },
		"RINGBACK_PUBLIC_URL":          func(c *ingest.Config) { c.PublicURL = "pictures.example.com/" },
		"RINGBACK_HTTP_MAX_BODY":       func(c *ingest.Config) { c.MaxBody = 0 },
		"RINGBACK_HTTP_TIMEOUT":        func(c *ingest.Config) { c.Timeout = 0 },
		"RINGBACK_HTTP_WAITERS":        func(c *ingest.Config) { c.Waiters = 0 },
		"RINGBACK_HTTP_STREAMS":        func(c *ingest.Config) { c.Streams = 0 },
		"RINGBACK_APPLICATION_STREAMS": func(c *ingest.Config) { c.StreamsOfOne = 0 },
		"RINGBACK_HTTP_HEARTBEAT":      func(c *ingest.Config) { c.Heartbeat = 0 },
		"RINGBACK_POLL_RATE":           func(c *ingest.Config) { c.PollRate = math.NaN() },
		"RINGBACK_APPLICATION_RATE":    func(c *ingest.Config) { c.Rate = 0 },
	} {
		config := ingest.DefaultConfig()
		config.Addr = "127.0.0.1:0"
		change(&config)
		if _, err := ingest.New(t.Context(), config, deps); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that names %s", err, want)
		}
	}
}

// TestRun_StopAsTheServerStarts stops between the address and the server: nothing may be left that accepts.
func TestRun_StopAsTheServerStarts(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	config := ingest.DefaultConfig()
	config.Addr = "127.0.0.1:0"
	deps := h.deps
	ctx, cancel := context.WithCancel(t.Context())
	deps.Listening = func(address string) {
		cancel()
		untilRefused(t, address)
	}
	service, err := ingest.New(t.Context(), config, deps)
	h.must(err)
	done := make(chan error, 1)
	go func() { done <- service.Run(ctx) }()
	select {
	case err := <-done:
		h.must(err)
	case <-time.After(soon):
		t.Error("it serves for ever")
	}
}

// TestRun_StopFinishesWhatItHas stops while a client is in the middle of its job.
func TestRun_StopFinishesWhatItHas(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	conn := h.dial()
	defer func() { _ = conn.Close() }()
	_, err := fmt.Fprintf(conn, "POST /v1/jobs HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n"+
		"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n", h.app.Secrets.Token.Reveal(), len(native))
	h.must(err)
	reader := bufio.NewReader(conn)
	if line, err := reader.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		t.Fatalf("got %q, %v, want to be told to go on", line, err)
	}
	_, err = reader.ReadString('\n')
	h.must(err)
	stopped := make(chan error, 1)
	go func() { stopped <- h.stop() }()
	untilRefused(t, strings.TrimPrefix(h.url, "http://"))
	_, err = io.WriteString(conn, native)
	h.must(err)
	answer, err := http.ReadResponse(reader, nil)
	h.must(err)
	if answer.StatusCode != http.StatusAccepted {
		t.Errorf("status %d, want 202", answer.StatusCode)
	}
	h.must(<-stopped)
	h.newest(job.Standard, "demo") // or it fails
}

// untilRefused returns once nobody listens on an address, or fails after a while.
func untilRefused(tb testing.TB, address string) {
	tb.Helper()
	for deadline := time.Now().Add(soon); time.Now().Before(deadline); {
		conn, err := (&net.Dialer{}).DialContext(tb.Context(), "tcp", address)
		if err != nil {
			return
		}
		_ = conn.Close()
	}
	tb.Error("it goes on listening")
}
