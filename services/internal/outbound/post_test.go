package outbound_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/outbound"
)

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

func TestClient_Post(t *testing.T) {
	t.Parallel()
	type seen struct {
		Header http.Header
		Body   string
	}
	requests := make(chan seen, 2)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests <- seen{r.Header, string(body)}
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "thanks")
	})
	client := newClient(t, testConfig(t), outbound.Deps{Version: "1.2"})
	given := http.Header{"Content-Type": {"application/json"}, "Webhook-Id": {"d1"}, "Connection": {"close"}, "Te": {"trailers"}}
	request := outbound.Request{URL: server.URL + "/hook", Header: given, Body: []byte(`{"a":1}`)}

	first, err := client.Post(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if first.Status != 202 || first.Class != "" || first.Message != "" || string(first.Body) != "thanks" {
		t.Errorf("attempt = %+v", first)
	}
	if first.Addr != server.Listener.Addr().String() || first.Connect <= 0 || first.FirstByte <= 0 || first.Total < first.FirstByte {
		t.Errorf("timings = %+v", first)
	}
	want := seen{http.Header{
		"Content-Type": {"application/json"}, "Webhook-Id": {"d1"}, "User-Agent": {"Ringback/1.2"}, "Content-Length": {"7"},
	}, `{"a":1}`}
	if diff := cmp.Diff(want, <-requests); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if len(given) != 4 {
		t.Errorf("the caller's header was changed to %v", given)
	}

	second, err := client.Post(t.Context(), request)
	if err != nil || second.Status != 202 {
		t.Fatalf("second attempt = %+v, %v", second, err)
	}
	if second.Connect != 0 || second.Addr != first.Addr {
		t.Errorf("second attempt connected to %s in %s, want the first connection", second.Addr, second.Connect)
	}
}

func TestClient_PostStatus(t *testing.T) {
	t.Parallel()
	followed := make(chan string, 8)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/followed" {
			followed <- r.Method
			return
		}
		status, _ := strconv.Atoi(r.URL.Path[1:])
		w.Header().Set("Location", "/followed")
		w.Header().Set("Retry-After", "17")
		w.WriteHeader(status)
	})
	client := newClient(t, testConfig(t), outbound.Deps{})
	for status, class := range map[int]string{
		200: "", 201: "", 204: "", 299: "", 301: outbound.ClassRedirect, 302: outbound.ClassRedirect, 307: outbound.ClassRedirect,
		308: outbound.ClassRedirect, 400: outbound.ClassStatus, 410: outbound.ClassStatus, 429: outbound.ClassStatus, 503: outbound.ClassStatus,
	} {
		got, err := client.Post(t.Context(), outbound.Request{URL: fmt.Sprintf("%s/%d", server.URL, status), Body: []byte("x")})
		if err != nil || got.Status != status || got.Class != class || got.RetryAfter != 17*time.Second {
			t.Errorf("%d: %+v, %v, want class %q", status, got, err, class)
		}
		if (class != "") != strings.Contains(got.Message, fmt.Sprintf("the endpoint answered %d", status)) {
			t.Errorf("%d: message %q", status, got.Message)
		}
	}
	if len(followed) > 0 {
		t.Error("a redirect was followed")
	}
}

func TestClient_PostReadsLittle(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		chunk := []byte(strings.Repeat("y", 1024))
		for i := 0; r.URL.Path == "/endless" || i < 16; i++ {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	client := newClient(t, testConfig(t), outbound.Deps{})
	for _, path := range []string{"/endless", "/limit", "/again"} {
		got, err := client.Post(t.Context(), outbound.Request{URL: server.URL + path})
		if err != nil || got.Class != "" || len(got.Body) != 16<<10 {
			t.Errorf("%s: class %q, %d bytes, %v, want 16 KiB", path, got.Class, len(got.Body), err)
		}
		if reused := got.Connect == 0; reused != (path == "/again") {
			t.Errorf("%s: connection used again: %t", path, reused)
		}
	}
}

func TestClient_PostFailures(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		talk   func(conn *net.TCPConn)
		class  string
		status int
	}{
		"Silence": {func(conn *net.TCPConn) { _, _ = io.Copy(io.Discard, conn) }, outbound.ClassTimeout, 0},
		"Reset":   {func(conn *net.TCPConn) { _ = conn.SetLinger(0) }, outbound.ClassProtocol, 0},
		"EndlessHeader": {func(conn *net.TCPConn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
			for {
				if _, err := io.WriteString(conn, "X-A: "+strings.Repeat("x", 4096)+"\r\n"); err != nil {
					return
				}
			}
		}, outbound.ClassProtocol, 0},
		// The endpoint took it; that the rest of its answer never comes is no reason to send it again.
		"DrippingBodyOf200": {func(conn *net.TCPConn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n1")
			_, _ = io.Copy(io.Discard, conn)
		}, "", 200},
		"DrippingBodyOf500": {func(conn *net.TCPConn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 500 No\r\nContent-Length: 1000\r\n\r\n1")
			_, _ = io.Copy(io.Discard, conn)
		}, outbound.ClassStatus, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := serveRaw(t, row.talk)
			got, err := newClient(t, testConfig(t), outbound.Deps{}).Post(t.Context(), outbound.Request{URL: address, Timeout: short})
			if err != nil || got.Class != row.class || got.Status != row.status {
				t.Errorf("attempt = %+v, %v, want class %q and status %d", got, err, row.class, row.status)
			}
			if got.Total > 50*short || (got.Class != "") != (got.Message != "") {
				t.Errorf("took %s, message %q", got.Total, got.Message)
			}
		})
	}

	t.Run("Blocked", func(t *testing.T) {
		t.Parallel()
		client := newClient(t, outbound.DefaultConfig(), outbound.Deps{Resolver: names{addrs: []string{"10.0.0.1"}}})
		for _, address := range []string{"http://internal.example/", "http://127.0.0.1/", "ftp://example.com/", "::"} {
			got, err := client.Post(t.Context(), outbound.Request{URL: address})
			if err != nil || got.Class != outbound.ClassBlocked || got.Status != 0 {
				t.Errorf("%s: %+v, %v", address, got, err)
			}
		}
	})

	t.Run("CallerGone", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		address := serveRaw(t, func(conn *net.TCPConn) {
			cancel()
			_, _ = io.Copy(io.Discard, conn)
		})
		got, err := newClient(t, testConfig(t), outbound.Deps{}).Post(ctx, outbound.Request{URL: address})
		if !errors.Is(err, context.Canceled) || got.Class != "" {
			t.Errorf("attempt = %+v, %v, want the context's error and no verdict", got, err)
		}
	})
}

// A connection that dies while it lies idle is found out only by the next post on it.
func TestClient_PostSurvivesClosedIdleConnection(t *testing.T) {
	t.Parallel()
	conns := 0
	address := serveRaw(t, func(conn *net.TCPConn) {
		conns++
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		if conns == 1 {
			_, _ = conn.Read(make([]byte, 4096)) // the second post, which gets no answer here
		}
	})
	client := newClient(t, testConfig(t), outbound.Deps{})
	for i := range 2 {
		got, err := client.Post(t.Context(), outbound.Request{URL: address, Body: []byte("x")})
		if err != nil || got.Status != 200 {
			t.Errorf("post %d: %+v, %v", i, got, err)
		}
	}
}

// TestClient_PostIdleTotal posts to three endpoints in turn, twice: their connections are kept or not.
func TestClient_PostIdleTotal(t *testing.T) {
	t.Parallel()
	for total, reused := range map[int]int{3: 3, 1: 0} {
		cfg := testConfig(t)
		cfg.IdleTotal = total
		client := newClient(t, cfg, outbound.Deps{})
		var urls []string
		for range 3 {
			urls = append(urls, serve(t, func(http.ResponseWriter, *http.Request) {}).URL)
		}
		count := 0
		for i, url := range append(urls, urls...) {
			got, err := client.Post(t.Context(), outbound.Request{URL: url})
			if err != nil || got.Status != 200 {
				t.Fatalf("%+v, %v", got, err)
			}
			if i >= 3 && got.Connect == 0 {
				count++
			}
		}
		if count != reused {
			t.Errorf("%d kept: %d connections were used again, want %d", total, count, reused)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "0": 0, "1": time.Second, " 120 ": 2 * time.Minute, "86400": 24 * time.Hour, "86401": 24 * time.Hour,
		"18446744073709551615": 24 * time.Hour, "18446744073709551616": 0, "-5": 0, "1.5": 0, "soon": 0,
		"Sat, 21 Nov 2026 12:00:30 GMT": 30 * time.Second, "Sat, 21 Nov 2026 11:59:00 GMT": 0,
		"Sat, 21 Nov 2099 11:59:00 GMT": 24 * time.Hour, "Saturday, 21-Nov-26 12:01:00 GMT": time.Minute,
	} {
		if got := outbound.RetryAfter(header, now); got != want {
			t.Errorf("RetryAfter(%q) = %s, want %s", header, got, want)
		}
	}
}
