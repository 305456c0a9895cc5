//go:build clients

package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// npm is a folder with packages that were installed as they are published.
type npm struct {
	tb     testing.TB
	folder string
}

func newNPM(tb testing.TB, folder string, packages ...string) npm {
	tb.Helper()
	n := npm{tb, folder}
	n.do("npm", append([]string{"install", "--no-audit", "--no-fund", "--no-save"}, packages...))
	return n
}

func (n npm) do(name string, args []string, environ ...string) []byte {
	n.tb.Helper()
	command := exec.CommandContext(n.tb.Context(), name, args...)
	command.Dir = n.folder
	command.Env = append(os.Environ(), environ...)
	said, err := command.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		n.tb.Fatalf("%s %v: %v\n%s%s", name, args, err, said, exit.Stderr)
	}
	if err != nil {
		n.tb.Fatalf("%s %v: %v", name, args, err)
	}
	return said
}

// program is where a program of ours lies.
func (n npm) program(name string) string {
	n.tb.Helper()
	here, err := filepath.Abs("clients")
	if err != nil {
		n.tb.Fatal(err)
	}
	return filepath.Join(here, name)
}

// run runs a program of ours beside the packages, where it finds them, and returns what it says.
func (n npm) run(name string, environ ...string) []byte {
	n.tb.Helper()
	if err := os.WriteFile(filepath.Join(n.folder, name), readFile(n.tb, n.program(name)), 0o600); err != nil {
		n.tb.Fatal(err)
	}
	return n.do("node", []string{name}, environ...)
}

// TestBlitlineClientsFromNPM installs Blitline's own clients as they are published, with only the way to their hard-coded
// hosts changed, and gets pictures by them.
func TestBlitlineClientsFromNPM(t *testing.T) {
	t.Parallel()
	b := openBlitline(t)
	source := pictureServer(t) + "/portrait.jpg"
	npm := newNPM(t, t.TempDir(), "simple_blitline_node@3.0.1", "blitline@1.1.6")
	client := func(program string, environ ...string) []answer {
		t.Helper()
		said := npm.run(program, append(environ,
			"NODE_OPTIONS=--require "+npm.program("redirect.js"),
			"RINGBACK_SECURE="+b.secure, "NODE_EXTRA_CA_CERTS="+filepath.Join(b.data, "tls", "ca.pem"))...)
		return parse[[]answer](t, parse[envelope](t, said).Results)
	}
	pictures := func(id string, want ...string) {
		t.Helper()
		text := b.listen(id) // no version, so JSON in a string
		var inner string
		if json.Unmarshal(text, &inner) == nil {
			text = json.RawMessage(inner)
		}
		made := parse[answer](t, text).images(t)
		if len(made) != len(want) {
			t.Fatalf("%s made %s", id, text)
		}
		for i, name := range want {
			if made[i].Identifier != name || made[i].Meta.Width != 100 {
				t.Errorf("made %+v, want %s", made[i], name)
			}
			response, err := http.Get(made[i].S3)
			if err != nil || response.StatusCode != http.StatusOK {
				t.Errorf("picture %s: %v %v", made[i].S3, response, err)
			}
		}
	}

	t.Run("simple_blitline_node", func(t *testing.T) {
		job := fmt.Sprintf(`{"application_id":%q,"src":%q,"v":1.21,"functions":[{"name":"resize_to_fit","params":{"width":100},"save":{"image_identifier":"small"}}]}`,
			b.token, source)
		answers := client("simple.js", "JOB="+job)
		if len(answers) != 2 || answers[0].JobID == "" || answers[1].Error == "" {
			t.Fatalf("answers %+v", answers)
		}
		pictures(answers[0].JobID, "small")
	})

	t.Run("blitline", func(t *testing.T) {
		answers := client("old.js", "TOKEN="+b.token, "SRC="+source)
		if len(answers) != 1 || answers[0].JobID == "" {
			t.Fatalf("answers %+v", answers)
		}
		pictures(answers[0].JobID, "small", "old")
	})
}
