package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
)

func (in *installation) command(args ...string) *exec.Cmd {
	command := exec.CommandContext(in.tb.Context(), filepath.Join(bin, "ringback"), args...)
	command.Env = in.environ
	return command
}

// secrets are the demo application's credentials, as a person on the machine reads them.
type secrets struct {
	ID            string `json:"id"`
	Token         string `json:"token"`
	APIKey        string `json:"api_key"`
	APISecret     string `json:"api_secret"`
	WebhookSecret string `json:"webhook_secret"`
}

func (in *installation) secrets() secrets {
	in.tb.Helper()
	var s secrets
	if err := json.Unmarshal([]byte(in.ringback("app", "show", "demo", "--json", "--secrets")), &s); err != nil {
		in.tb.Fatal(err)
	}
	return s
}

// do sends a request and returns the status and the body.
func (in *installation) do(method, path, contentType, token string, body []byte) (int, []byte, error) {
	request, err := http.NewRequestWithContext(in.tb.Context(), method, in.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	return answer.StatusCode, raw, err
}

// send sends a prepared request and reads the id of the accepted job. Unlike the rest of the client it may fail: its
// server may be dead.
func send(request *http.Request, body []byte) (id string, err error) {
	request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	if answer.StatusCode != http.StatusAccepted {
		return "", fmt.Errorf("%s: %s", answer.Status, raw)
	}
	var reply events.Result
	err = json.Unmarshal(raw, &reply)
	return reply.ID, err
}

// submit hands over a native job with a picture, which must be accepted.
func (in *installation) submit(token string, job map[string]any, picture []byte) events.Result {
	in.tb.Helper()
	contentType, body := "application/json", marshal(in.tb, job)
	if picture != nil {
		contentType, body = form(in.tb, body, picture)
	}
	status, raw, err := in.do(http.MethodPost, "/v1/jobs", contentType, token, body)
	if err != nil || status != http.StatusAccepted {
		in.tb.Fatalf("submit: %d %s %v", status, raw, err)
	}
	return parse[events.Result](in.tb, raw)
}

// await polls until a job has ended.
func (in *installation) await(token, id string) events.Result {
	in.tb.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		status, raw, err := in.do(http.MethodGet, "/v1/jobs/"+id+"?wait=30", "", token, nil)
		if err != nil || status != http.StatusOK {
			in.tb.Fatalf("status of %s: %d %s %v", id, status, raw, err)
		}
		if result := parse[events.Result](in.tb, raw); result.State != events.StateQueued {
			return result
		}
	}
	in.tb.Fatalf("job %s did not end", id)
	return events.Result{}
}

func form(tb testing.TB, document, picture []byte) (contentType string, body []byte) {
	tb.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, data := range map[string][]byte{"job": document, "file": picture} {
		part, err := w.CreateFormFile(name, name)
		if err != nil {
			tb.Fatal(err)
		}
		_, _ = part.Write(data) // into memory
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

func marshal(tb testing.TB, value any) []byte {
	tb.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func parse[T any](tb testing.TB, raw []byte) T {
	tb.Helper()
	var value T
	if err := json.Unmarshal(raw, &value); err != nil {
		tb.Fatalf("%v in %s", err, raw)
	}
	return value
}

// arrival is a request that a receiver got.
type arrival struct {
	at     time.Time
	header http.Header
	body   string
}

func (a arrival) id() string { return a.header.Get("Webhook-Id") }

// receiver is somebody's server that is told of results.
type receiver struct {
	url string

	mu       sync.Mutex
	arrivals map[string][]arrival // by path
	news     chan struct{}
	answer   func(path string, n int) int
}

// receive starts a receiver. answer decides the status of the n-th request to a path, from 1; nil takes everything.
func receive(tb testing.TB, answer func(path string, n int) int) *receiver {
	tb.Helper()
	r := &receiver{arrivals: map[string][]arrival{}, news: make(chan struct{}, 1), answer: answer}
	server := httptest.NewServer(http.HandlerFunc(r.serve))
	tb.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *receiver) serve(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // the sender was killed
	}
	path := strings.TrimPrefix(request.URL.Path, "/")
	r.mu.Lock()
	r.arrivals[path] = append(r.arrivals[path], arrival{at: time.Now(), header: request.Header, body: string(body)})
	n := len(r.arrivals[path])
	r.mu.Unlock()
	if r.answer != nil {
		w.WriteHeader(r.answer(path, n))
	}
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// wait returns what arrived on a path once there are n requests.
func (r *receiver) wait(tb testing.TB, path string, n int) []arrival {
	tb.Helper()
	timeout := time.After(2 * time.Minute)
	for {
		if got := r.got(path); len(got) >= n {
			return got
		}
		select {
		case <-r.news:
		case <-time.After(100 * time.Millisecond): // another waiter may have taken the news
		case <-timeout:
			tb.Fatalf("%d requests on %s after two minutes, want %d", len(r.got(path)), path, n)
		}
	}
}

func (r *receiver) got(path string) []arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]arrival{}, r.arrivals[path]...)
}
