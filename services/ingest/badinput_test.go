package ingest_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/services/ingest"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/job"
)

func TestPostJob_Refuses(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *ingest.Config) { c.MaxBody = config.ByteSize(1 << 20) })
	const (
		source = `"source":{"url":"http://127.0.0.1:1/a"}`
		recipe = `"recipe":{"steps":[{"op":"grayscale","save":{"id":"a"}}]}`
	)
	notify := func(target string) string { return `{` + source + `,` + recipe + `,"notify":[` + target + `]}` }
	tests := []struct {
		name, body, kind string
		fields           []string
	}{
		{"Nothing", ``, "invalid-request", nil},
		{"CutShort", `{"source":`, "invalid-request", nil},
		{"NotAnObject", `[]`, "invalid-request", []string{""}},
		{"UnknownFields", `{` + source + `,` + recipe + `,"a":1,"z":2}`, "invalid-request", []string{"a", "z"}},
		{
			"WrongTypes", `{"source":7,"recipe":{"steps":{}},"notify":"x","metadata":[],"priority":1}`, "invalid-request",
			[]string{"recipe.steps", "source", "notify", "metadata", "priority"},
		},
		{"UnknownOperation", `{` + source + `,"recipe":{"steps":[{"op":"blu3r","save":{"id":"a"}}]}}`, "invalid-request", []string{"recipe.steps[0].op"}},
		{
			"WrongParams", `{` + source + `,"recipe":{"steps":[{"op":"fit","params":{"width":"<wide>"},"save":{"id":"a"}}]}}`, "invalid-request",
			[]string{"recipe.steps[0].params.width"},
		},
		{"NoSource", `{` + recipe + `}`, "invalid-request", []string{"source"}},
		{
			"SameOutputTwice", `{` + source + `,"recipe":{"steps":[{"save":{"id":"a"}},{"save":{"id":"a"}}]}}`, "invalid-request",
			[]string{"recipe.steps[1].save.id"},
		},
		{"PrivateSource", `{"source":{"url":"http://10.0.0.1/a"},` + recipe + `}`, "invalid-request", []string{"source.url"}},
		{"MetadataServiceAsSource", `{"source":{"url":"http://169.254.169.254/latest"},` + recipe + `}`, "invalid-request", []string{"source.url"}},
		{"PrivatePostback", notify(`{"postback":{"url":"http://10.0.0.1/hook"}}`), "invalid-request", []string{"notify[0].postback.url"}},
		{"MetadataServiceAsPostback", notify(`{"postback":{"url":"http://169.254.169.254/"}}`), "invalid-request", []string{"notify[0].postback.url"}},
		{"FTP", `{"source":{"url":"ftp://example.com/a"},` + recipe + `}`, "invalid-request", []string{"source.url"}},
		{"UserInURL", `{"source":{"url":"http://a:b@example.com/a"},` + recipe + `}`, "invalid-request", []string{"source.url"}},
		{"EmptyDataURI", `{"source":{"data":"data:image/png;base64,=="},` + recipe + `}`, "invalid-request", []string{"source.data"}},
		{"MetadataTooLarge", `{` + source + `,` + recipe + `,"metadata":{"a":"` + strings.Repeat("x", 16<<10) + `"}}`, "invalid-request", []string{"metadata"}},
		{"CallbackWithoutMedia", notify(`{"callback":{"url":"http://127.0.0.1:1/"}}`), "invalid-request", []string{"media.id"}},
		{"DocumentTooLarge", `{"metadata":"` + strings.Repeat("x", 1<<20) + `"}`, "too-large", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer := h.in(t).post(tt.body)
			wantProblem(t, answer, tt.kind, tt.fields...)
			if strings.Contains(answer.body, `\u003c`) {
				t.Errorf("escaped as if for a page: %s", answer.body)
			}
		})
	}
}

func TestPostJob_RefusesForms(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *ingest.Config) { c.MaxBody = config.ByteSize(1 << 20) })
	document := part{"job", "application/json", `{"recipe":{"steps":[{"save":{"id":"a"}}]}}`}
	form := func(parts ...part) (string, string) {
		body, contentType := formOf(t, parts...)
		return string(body), contentType
	}
	whole, wholeType := form(document, part{"file", "image/png", "picture"})
	tests := []struct {
		name   string
		send   func() (body, contentType string)
		kind   string
		fields []string
	}{
		{"CutShort", func() (string, string) { return whole[:len(whole)-20], wholeType }, "invalid-request", nil},
		{"OtherBoundary", func() (string, string) { return whole, "multipart/form-data; boundary=other" }, "invalid-request", nil},
		{"NoBoundary", func() (string, string) { return whole, "multipart/form-data" }, "unsupported-media-type", nil},
		{"UnknownPart", func() (string, string) { return form(document, part{"picture", "", "x"}) }, "invalid-request", nil},
		{"TwoFiles", func() (string, string) { return form(document, part{"file", "", "x"}, part{"file", "", "y"}) }, "invalid-request", nil},
		{"NoJob", func() (string, string) { return form(part{"file", "", "x"}) }, "invalid-request", nil},
		{"SourceBesideTheFile", func() (string, string) { return form(part{"job", "", native}, part{"file", "", "x"}) }, "invalid-request", []string{"source"}},
		{"EmptyFile", func() (string, string) { return form(document, part{"file", "", ""}) }, "invalid-request", []string{"file"}},
		{"FileTooLarge", func() (string, string) { return form(document, part{"file", "", strings.Repeat("x", 1<<20+1)}) }, "too-large", nil},
		{"FormTooLarge", func() (string, string) { return form(document, part{"file", "", strings.Repeat("x", 8<<20)}) }, "too-large", nil},
		{"Text", func() (string, string) { return native, "text/plain" }, "unsupported-media-type", nil},
		{"NoContentTypeAtAll", func() (string, string) { return native, "/" }, "unsupported-media-type", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body, contentType := tt.send()
			wantProblem(t, h.in(t).send(http.MethodPost, "/v1/jobs", strings.NewReader(body), "Content-Type", contentType), tt.kind, tt.fields...)
		})
	}
}

func TestPostJob_NeedsTheToken(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for name, authorization := range map[string]string{
		"NoKey": "", "WrongKey": "Bearer wrong", "EmptyKey": "Bearer ", "OtherScheme": "Basic " + h.app.Secrets.Token.Reveal(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := h.in(t).post(native, "Authorization", authorization)
			wantProblem(t, answer, "unauthorized")
			if got := answer.Header.Get("WWW-Authenticate"); got != `Bearer realm="ringback"` {
				t.Errorf("WWW-Authenticate is %q", got)
			}
			if !strings.Contains(answer.body, "<token>") {
				t.Errorf("the sentence is not readable: %s", answer.body)
			}
		})
	}
}

// TestTooMuch_GetsAnAnswer is about clients that write everything before they read anything: closing on them would be a
// reset in the place of an answer.
func TestTooMuch_GetsAnAnswer(t *testing.T) {
	t.Parallel()
	const size = 20 << 20
	h := open(t, nil)
	for name, head := range map[string]string{
		"WithAToken":    "POST /v1/jobs HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Bearer " + h.app.Secrets.Token.Reveal(),
		"WithoutAToken": "POST /v1/jobs HTTP/1.1\r\nContent-Type: application/json",
		"Blitline":      "POST /job HTTP/1.1\r\nContent-Type: application/json",
		"UnknownPath":   "PUT /somewhere HTTP/1.1",
	} {
		want := map[string]int{"WithAToken": 413, "WithoutAToken": 401, "Blitline": 413, "UnknownPath": 404}[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var clients sync.WaitGroup
			for range 20 {
				clients.Go(func() {
					conn := h.in(t).dial()
					defer func() { _ = conn.Close() }()
					_, err := fmt.Fprintf(conn, "%s\r\nHost: h\r\nContent-Length: %d\r\n\r\n", head, size)
					if err == nil {
						_, err = io.Copy(conn, io.LimitReader(endless{}, size))
					}
					if err != nil {
						t.Errorf("write: %v", err)
						return
					}
					answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
					if err != nil {
						t.Errorf("read: %v", err)
						return
					}
					defer func() { _ = answer.Body.Close() }()
					body, err := io.ReadAll(answer.Body)
					if err != nil || answer.StatusCode != want || len(body) == 0 {
						t.Errorf("status %d and %d bytes (%v), want %d", answer.StatusCode, len(body), err, want)
					}
				})
			}
			clients.Wait()
		})
	}
}

// TestLeftovers_AreNotTheNextRequest sends a refused request whose body looks like another one, and a GET with a body.
func TestLeftovers_AreNotTheNextRequest(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	hidden := "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n"
	padding := strings.Repeat("x", 20_000)
	for name, first := range map[string]string{
		"Refused":        fmt.Sprintf("POST /v1/jobs HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", len(hidden), hidden),
		"RefusedLong":    fmt.Sprintf("POST /v1/jobs HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s%s", len(padding+hidden), padding, hidden),
		"RefusedChunked": fmt.Sprintf("POST /v1/jobs HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(hidden), hidden),
		"GET":            fmt.Sprintf("GET /nothing HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", len(hidden), hidden),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := h.in(t).dial()
			defer func() { _ = conn.Close() }()
			reader := bufio.NewReader(conn)
			for i, request := range []string{first, "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n"} {
				if _, err := io.WriteString(conn, request); err != nil {
					t.Fatal(err)
				}
				answer, err := http.ReadResponse(reader, nil)
				if err != nil {
					t.Fatalf("request %d: %v", i, err)
				}
				if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode < 400 {
					t.Fatalf("request %d: status %d, %v: the body was taken for a request", i, answer.StatusCode, err)
				}
			}
		})
	}
	t.Run("LongGETEndsTheConnection", func(t *testing.T) {
		t.Parallel()
		conn := h.in(t).dial()
		defer func() { _ = conn.Close() }()
		if _, err := fmt.Fprintf(conn, "GET /livez HTTP/1.1\r\nHost: h\r\nContent-Length: 9000\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, padding[:9000]); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || !answer.Close {
			t.Errorf("got %v, %v, want an answer that closes", answer, err)
		}
	})
}

func TestPostJob_FullQueue(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.fill("demo", job.Standard)
	for range 2 { // the second without asking the broker
		answer := h.post(native)
		wantProblem(t, answer, "queue-full")
		if got := answer.Header.Get("Retry-After"); got != "5" {
			t.Errorf("Retry-After is %q, want 5", got)
		}
	}
	h.submit(strings.Replace(native, `{"source"`, `{"priority":"high","source"`, 1))
	h.submit(native, "Authorization", "Bearer "+h.other.Secrets.Token.Reveal())
	blitline := h.send(http.MethodPost, "/job", strings.NewReader(h.blitline(`"v":1.21`)))
	if blitline.StatusCode != http.StatusTooManyRequests || blitline.Header.Get("Retry-After") != "5" {
		t.Errorf("Blitline: status %d, Retry-After %q, want 429 and 5", blitline.StatusCode, blitline.Header.Get("Retry-After"))
	}
}

func TestBrokerGone(t *testing.T) {
	t.Parallel()
	b, err := bus.Open(t.Context(), bus.Config{Addr: "127.0.0.1:0", Replicas: 1}, t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h := openOn(t, b, nil)
	h.must(h.stopApplications()) // it knows them by now
	h.must(b.Close())
	begun := time.Now()
	for range 3 {
		wantProblem(t, h.post(native), "unavailable")
		wantProblem(t, h.post(native, "Idempotency-Key", "k"), "unavailable")
		wantProblem(t, h.get("/v1/jobs/"+h.newID("demo").String()), "unavailable")
		wantProblem(t, h.get("/v1/application"), "unavailable")
		wantProblem(t, h.patch(`{}`), "unavailable")
		wantProblem(t, h.send(http.MethodPost, rotateRoute, nil), "unavailable")
		wantProblem(t, h.get("/v1/jobs/"+h.newID("demo").String()+"/events"), "unavailable")
		wantProblem(t, h.get("/v1/events"), "unavailable")
		wantProblem(t, h.bulk(`{"ids":["`+h.newID("demo").String()+`"]}`), "unavailable")
	}
	if got := h.send(http.MethodPost, "/job", strings.NewReader(h.blitline(`"v":1.21`))); got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("Blitline: status %d, want 503", got.StatusCode)
	}
	for _, route := range []string{"/listen/" + h.newID("demo").Blitline(), "/poll?job_id=" + h.newID("demo").Blitline()} {
		if got := h.get(route); got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" {
			t.Errorf("%s: status %d, Retry-After %q, want 503", route, got.StatusCode, got.Header.Get("Retry-After"))
		}
	}
	if took := time.Since(begun); took > soon {
		t.Errorf("answered after %s, want quickly", took)
	}
}

// endless is blanks without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func (h *house) dial() net.Conn {
	h.Helper()
	conn, err := (&net.Dialer{}).DialContext(h.Context(), "tcp", strings.TrimPrefix(h.url, "http://"))
	h.must(err)
	h.must(conn.SetDeadline(time.Now().Add(2 * time.Minute)))
	return conn
}

// blitline is a job of that format with further fields.
func (h *house) blitline(fields string) string {
	return `{"application_id":"` + h.app.Secrets.Token.Reveal() + `","src":"http://127.0.0.1:1/a.jpg",` + fields +
		`,"functions":[{"name":"blur","save":{"image_identifier":"ID"}}]}`
}
