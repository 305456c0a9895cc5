//go:build clients

package e2e_test

import (
	"bufio"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/internal/sample"
)

// TestPythonReceiver lets the example in Python be called, and wants it to purge what was denied.
func TestPythonReceiver(t *testing.T) {
	t.Parallel()
	p := openProject(t, oneProcess(t))
	receiver := exec.CommandContext(t.Context(), "python3", "../../events/examples/mediacallback/receiver.py")
	receiver.Env = append(os.Environ(), "ADDR=127.0.0.1:0", "SECRETS="+p.secrets.WebhookSecret)
	receiver.Stderr = os.Stderr
	out, err := receiver.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := receiver.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	settings := marshal(t, map[string]any{"media": map[string]any{"callback_url": lines.Text()}})
	status, body, err := p.do(http.MethodPatch, "/v1/application/settings", "application/json", p.secrets.Token, settings)
	if err != nil || status != http.StatusOK {
		t.Fatalf("settings: %d %s %v", status, body, err)
	}
	id := p.upload("portrait.jpg", sample.Portrait, "a")
	p.call("media.setModerationStatus", url.Values{"id": {id}, "status": {"2"}})
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "purge "+id {
			return
		}
	}
	t.Errorf("the receiver ended without a word: %v", lines.Err())
}
