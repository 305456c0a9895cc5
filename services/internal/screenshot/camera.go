package screenshot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
)

const (
	// maxPicture bounds the file that the browser writes, in bytes.
	maxPicture = 64 << 20
	// killDelay is how long the pipes of a browser that was killed may stay open.
	killDelay = 2 * time.Second
	// leastDelay is what every page is given: with a millisecond Chromium was seen to wait for ever.
	leastDelay = 500 * time.Millisecond
	// maxNoise is how much of what a browser prints is kept for the log, in bytes.
	maxNoise = 4 << 10
)

var (
	// ErrNoBrowser is returned when no browser is configured. Its text is for the client.
	ErrNoBrowser = errors.New("pages of the web are not drawn by this installation: " +
		"set RINGBACK_CHROMIUM to the path of a Chromium on the processor's machine")
	// ErrNotDrawn is returned when the browser made no picture: it ended, or was killed at the deadline.
	ErrNotDrawn = errors.New("the page could not be drawn")
)

// Camera takes screenshots. It is safe for concurrent use.
type Camera struct {
	config Config
	dialer Dialer
	log    *slog.Logger
	turns  chan struct{}
}

// New makes a camera. It fails as [Config.Validate] does.
func New(config Config, dialer Dialer, log *slog.Logger) (*Camera, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return &Camera{config: config, dialer: dialer, log: log, turns: make(chan struct{}, config.AtATime)}, nil
}

// Shoot draws a page and returns it as a PNG. It fails with [ErrNoBrowser], [ErrNotDrawn], an [*outbound.Error] when the
// page's host cannot be reached or may not be, or with the cause of ctx.
func (c *Camera) Shoot(ctx context.Context, page job.Page) ([]byte, error) {
	if c.config.Chromium == "" {
		return nil, ErrNoBrowser
	}
	if err := c.dialer.CheckURL(page.URL); err != nil {
		return nil, outbound.Classify(err, "the page")
	}
	select {
	case c.turns <- struct{}{}:
		defer func() { <-c.turns }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	folder, err := os.MkdirTemp("", "ringback-screenshot-")
	if err != nil {
		return nil, fmt.Errorf("make profile: %w", err)
	}
	defer func() {
		if err := os.RemoveAll(folder); err != nil {
			c.log.Warn("browser's folder not removed", "err", err)
		}
	}()
	way, err := openProxy(ctx, c.dialer)
	if err != nil {
		return nil, fmt.Errorf("open proxy: %w", err)
	}
	defer way.close()
	file := filepath.Join(folder, "page.png")
	failed := c.run(ctx, page, folder, file, way.address())
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	u, err := url.Parse(page.URL)
	if err != nil {
		return nil, outbound.Classify(err, "the page")
	}
	// A browser draws a page of its own in place of one that it cannot reach, and calls that a success.
	if err := way.failure(strings.ToLower(u.Hostname())); err != nil {
		return nil, outbound.Classify(err, "the page")
	}
	if failed != nil {
		c.log.Info("page not drawn", "err", failed)
		return nil, ErrNotDrawn
	}
	return readPicture(file)
}

// run has the browser draw, and ends all of its processes before it returns.
func (c *Camera) run(ctx context.Context, page job.Page, folder, file, way string) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.config.Chromium, c.arguments(page, folder, file, way)...) //nolint:gosec // configured by the operator
	cmd.Dir = folder
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + folder, "TMPDIR=" + folder, "XDG_RUNTIME_DIR=" + folder, "LANG=C.UTF-8"}
	noise := &tail{}
	cmd.Stdout, cmd.Stderr = noise, noise
	cmd.WaitDelay = killDelay
	group(cmd)
	err := cmd.Run()
	endGroup(cmd) // helpers may outlive the browser itself
	if err != nil {
		return fmt.Errorf("run browser: %w: %s", err, noise.text)
	}
	return nil
}

func (c *Camera) arguments(page job.Page, folder, file, way string) []string {
	args := []string{
		"--headless", "--hide-scrollbars", "--mute-audio", "--no-first-run", "--disable-gpu", "--disable-extensions", "--disable-sync",
		"--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-dev-shm-usage",
		"--disable-quic", "--disable-breakpad", "--disable-crash-reporter",
		// Connections between browsers go past proxies unless they are told not to.
		"--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
		"--proxy-server=http://" + way, "--proxy-bypass-list=<-loopback>",
		"--user-data-dir=" + filepath.Join(folder, "profile"), "--screenshot=" + file,
		fmt.Sprintf("--window-size=%d,%d", page.Width, page.Height),
		fmt.Sprintf("--virtual-time-budget=%d", max(leastDelay, page.Delay).Milliseconds()),
	}
	if c.config.NoSandbox {
		args = append(args, "--no-sandbox")
	}
	return append(args, "--", page.URL)
}

// readPicture reads what the browser wrote, which a page may have made as large as it could.
func readPicture(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, ErrNotDrawn
	}
	defer file.Close() //nolint:errcheck // read only
	data, err := io.ReadAll(io.LimitReader(file, maxPicture+1))
	if err != nil || len(data) == 0 || len(data) > maxPicture {
		return nil, ErrNotDrawn
	}
	return data, nil
}

// tail keeps the end of what is printed.
type tail struct{ text []byte }

// Write never fails.
func (t *tail) Write(text []byte) (int, error) {
	t.text = append(t.text, text...)
	if over := len(t.text) - maxNoise; over > 0 {
		t.text = t.text[over:]
	}
	return len(text), nil
}
