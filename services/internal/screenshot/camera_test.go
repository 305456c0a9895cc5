package screenshot

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
)

// camera has a script for a browser.
func camera(t *testing.T, script string) *Camera {
	t.Helper()
	config := DefaultConfig()
	if script != "" {
		config.Chromium = filepath.Join(t.TempDir(), "browser")
		if err := os.WriteFile(config.Chromium, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	config.Timeout = 2 * time.Second
	c, err := New(config, newDialer(t, "127.0.0.1"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCamera_StartsTheBrowser holds what a browser is told and may know, and that nothing of it stays.
func TestCamera_StartsTheBrowser(t *testing.T) {
	t.Setenv("RINGBACK_SECRET", "in the environment")
	c := camera(t, `for a in "$@"; do case "$a" in --screenshot=*) out="${a#*=}";; esac; done; { echo "$@"; env; pwd; } > "$out"`)
	said, err := c.Shoot(t.Context(), job.Page{URL: "http://127.0.0.1/a?--b", Width: 300, Height: 200, Delay: 1500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	text := string(said)
	for _, part := range []string{
		"--headless", "--window-size=300,200", "--virtual-time-budget=1500", "--proxy-server=http://127.0.0.1:", "--proxy-bypass-list=<-loopback>",
		"-- http://127.0.0.1/a?--b\n",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s in %s", part, text)
		}
	}
	if strings.Contains(text, "RINGBACK") || strings.Contains(text, "--no-sandbox") {
		t.Errorf("the browser knows too much: %s", text)
	}
	folder := strings.TrimSpace(text[strings.LastIndex(strings.TrimSpace(text), "\n")+1:])
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", folder, err)
	}
}

func TestCamera_Fails(t *testing.T) {
	t.Parallel()
	page := job.Page{URL: "http://127.0.0.1/", Width: 300, Height: 200}
	for name, row := range map[string]struct {
		script, url string
		want        error
	}{
		"WithoutBrowser": {"", page.URL, ErrNoBrowser},
		"Crash":          {"exit 3", page.URL, ErrNotDrawn},
		"NoPicture":      {"exit 0", page.URL, ErrNotDrawn},
		"Endless":        {"sleep 600 & sleep 600", page.URL, ErrNotDrawn},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := camera(t, row.script).Shoot(t.Context(), page); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
	_, err := camera(t, "exit 0").Shoot(t.Context(), job.Page{URL: "http://10.0.0.1/", Width: 300, Height: 200})
	if refused, ok := errors.AsType[*outbound.Error](err); !ok || refused.Class != outbound.ClassBlocked {
		t.Errorf("got %v, want it blocked", err)
	}
}
