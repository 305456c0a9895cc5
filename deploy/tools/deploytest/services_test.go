package deploytest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// picture is a PNG of one pixel.
const picture = "data:image/png;base64," +
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// A service each, with its own user, on three servers: as deploy/compose/cluster.yaml runs them.
//
//nolint:paralleltest // nats-server reads its configuration's variables from the environment of this process
func TestServicesWorkWithTheirUsers(t *testing.T) {
	c := startCluster(t)
	programs := buildPrograms(t)
	told := make(chan string, 100)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Header.Get("X-Amz-Target") == "AWSEvents.PutEvents" {
			_, _ = io.WriteString(w, `{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}`)
			told <- "PutEvents"
			return
		}
		told <- r.URL.Path
	}))
	t.Cleanup(endpoint.Close)

	data := t.TempDir()
	var running []*process
	t.Cleanup(func() {
		if t.Failed() {
			for _, p := range running {
				t.Logf("%s said:\n%s", p.service, p.output())
			}
		}
	})
	addresses := map[string]string{}
	for _, service := range []string{"postback", "callback", "eventbridge", "processor", "ingest"} {
		addresses[service] = fmt.Sprintf("127.0.0.1:%d", freePorts(t, 1)[0])
		p := start(t, filepath.Join(programs, "ringback"), service,
			"RINGBACK_DATA="+data, "RINGBACK_HTTP_ADDR="+addresses[service], "RINGBACK_NATS_URL="+c.urls(service),
			"RINGBACK_OUTBOUND_ALLOW=127.0.0.1", "RINGBACK_CALLBACK_WINDOW=1s", "RINGBACK_RENDER_WORKERS=1",
			"RINGBACK_EVENTBRIDGE_ENDPOINT="+endpoint.URL, "RINGBACK_EVENTBRIDGE_ACCESS_KEY_ID=id", "RINGBACK_EVENTBRIDGE_SECRET_ACCESS_KEY=key")
		running = append(running, p)
		p.waitUntilReady(t, addresses[service]) // the first makes the streams, as in cluster.yaml
	}
	submit(t, addresses["ingest"], token(t, running), endpoint.URL)

	missing := map[string]bool{"/postback": true, "/callback": true, "PutEvents": true}
	for timeout := time.After(60 * time.Second); len(missing) > 0; {
		select {
		case path := <-told:
			delete(missing, path)
		case <-timeout:
			t.Fatalf("these were never told: %v", missing)
		}
	}
	for _, p := range running {
		if complaint := regexp.MustCompile(`(?i).*permissions? violation.*`).FindString(p.output()); complaint != "" {
			t.Errorf("the server forbids what %s needs: %s", p.service, complaint)
		}
	}
}

// buildPrograms builds both executables; Go's cache makes the second time quick.
func buildPrograms(tb testing.TB) string {
	tb.Helper()
	folder := tb.TempDir()
	for program, cgo := range map[string]string{"ringback": "0", "ringback-render": "1"} {
		cmd := exec.CommandContext(tb.Context(), "go", "build", "-buildvcs=false", "-o", filepath.Join(folder, program), "./cmd/"+program)
		cmd.Dir = filepath.Join(deploy, "..", "services")
		cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
		if out, err := cmd.CombinedOutput(); err != nil {
			tb.Fatalf("build %s: %v\n%s", program, err, out)
		}
	}
	return folder
}

// process is one `ringback run`.
type process struct {
	service string

	mu  sync.Mutex
	out bytes.Buffer
}

// Write takes what the process prints.
func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(text)
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// start runs a service until the test ends. It finds nothing of ours in its environment but what is given.
func start(t *testing.T, program, service string, settings ...string) *process {
	t.Helper()
	p := &process{service: service}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, "run", service)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir()}, settings...)
	cmd.Stdout, cmd.Stderr = p, p
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		killer := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
		defer killer.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s did not stop well: %v", service, err)
		}
	})
	return p
}

func (p *process) waitUntilReady(tb testing.TB, address string) {
	tb.Helper()
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); <-time.After(100 * time.Millisecond) {
		request, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, "http://"+address+"/readyz", nil)
		if err != nil {
			tb.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			continue
		}
		_ = response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return
		}
	}
	tb.Fatalf("%s is not ready after a minute", p.service)
}

var tokenLine = regexp.MustCompile(`token +(\S+)`)

// token is the secret of the application that ingest made on its first start.
func token(tb testing.TB, running []*process) string {
	tb.Helper()
	for _, p := range running {
		if match := tokenLine.FindStringSubmatch(p.output()); match != nil {
			return match[1]
		}
	}
	tb.Fatal("no service made an application")
	return ""
}

func submit(tb testing.TB, address, token, endpoint string) {
	tb.Helper()
	body, err := json.Marshal(map[string]any{
		"source": map[string]any{"data": picture},
		"recipe": map[string]any{"steps": []any{map[string]any{"op": "blur", "save": map[string]any{"id": "a"}}}},
		"notify": []any{
			map[string]any{"postback": map[string]any{"url": endpoint + "/postback"}},
			map[string]any{"callback": map[string]any{"url": endpoint + "/callback"}},
			map[string]any{"eventbridge": map[string]any{}},
		},
		"media": map[string]any{"id": "1"},
	})
	if err != nil {
		tb.Fatal(err)
	}
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, "http://"+address+"/v1/jobs", bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", "once")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close()
	if answer, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusAccepted {
		tb.Fatalf("submit a job: %s %s", response.Status, strings.TrimSpace(string(answer)))
	}
}
