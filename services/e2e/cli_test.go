package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/sample"
)

// TestNatsCommandLineLooksInside uses the pinned nats command line with the context that `ringback nats` prints, as a
// person would.
func TestNatsCommandLineLooksInside(t *testing.T) {
	t.Parallel()
	in := oneProcess(t)
	token := in.secrets().Token
	folder := t.TempDir()
	contextFile := filepath.Join(folder, "ringback.json")
	if err := os.WriteFile(contextFile, []byte(in.ringback("nats")), 0o600); err != nil {
		t.Fatal(err)
	}
	nats := buildNats(t, folder)
	ask := func(args ...string) (string, error) {
		command := exec.CommandContext(t.Context(), nats, append([]string{"--context", contextFile, "--timeout", "2s"}, args...)...)
		command.Env = []string{"HOME=" + folder}
		output, err := command.CombinedOutput()
		return string(output), err
	}

	live := exec.CommandContext(t.Context(), nats, "--context", contextFile, "sub", "ringback.live.>", "--count", "2")
	live.Env = []string{"HOME=" + folder}
	heard := make(chan string, 1)
	go func() {
		output, err := live.CombinedOutput()
		if err != nil {
			output = append(output, err.Error()...)
		}
		heard <- string(output)
	}()

	var job string
	deadline := time.After(time.Minute)
	for len(heard) == 0 { // the subscriber takes a moment to start
		accepted := in.submit(token, map[string]any{"recipe": twoPictures}, sample.Portrait)
		job = in.await(token, accepted.ID).ID
		select {
		case <-deadline:
			t.Fatal("the subscriber heard nothing")
		case <-time.After(200 * time.Millisecond):
		}
	}
	if output := <-heard; !strings.Contains(output, "ringback.live.demo.") {
		t.Errorf("sub 'ringback.live.>' printed %s", output)
	}
	if output, err := ask("stream", "ls"); err != nil || !strings.Contains(output, "RINGBACK_EVENTS") {
		t.Errorf("stream ls: %v\n%s", err, output)
	}
	if output, err := ask("kv", "get", "status", "demo."+job, "--raw"); err != nil || !strings.Contains(output, `"state":"completed"`) {
		t.Errorf("kv get status: %v\n%s", err, output)
	}
	for _, forbidden := range [][]string{
		{"kv", "get", "applications", "demo"},
		{"stream", "get", "RINGBACK_EVENTS", "--last-for", "ringback.prv.demo." + job},
		{"sub", "ringback.prv.>", "--count", "1", "--wait", "1s"},
		{"pub", "ringback.evt.demo.result.x", "forged"},
	} {
		output, err := ask(forbidden...)
		if err == nil && !strings.Contains(strings.ToLower(output), "violation") {
			t.Errorf("%v was allowed:\n%s", forbidden, output)
		}
	}
	stranger := exec.CommandContext(t.Context(), nats, "--server", serverOf(t, contextFile), "--timeout", "2s", "stream", "ls")
	stranger.Env = []string{"HOME=" + folder}
	if output, err := stranger.CombinedOutput(); err == nil || !strings.Contains(string(output), "uthorization") {
		t.Errorf("without credentials: %v\n%s", err, output)
	}
}

// buildNats builds the pinned tool of the workspace.
func buildNats(tb testing.TB, folder string) string {
	tb.Helper()
	path := filepath.Join(folder, "nats")
	command := exec.CommandContext(tb.Context(), "go", "build", "-o", path, "github.com/nats-io/natscli/nats")
	if output, err := command.CombinedOutput(); err != nil {
		tb.Fatalf("build the nats command line: %v\n%s", err, output)
	}
	return path
}

func serverOf(tb testing.TB, contextFile string) string {
	tb.Helper()
	return parse[struct {
		URL string `json:"url"`
	}](tb, readFile(tb, contextFile)).URL
}
