package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/telemetry"
)

func TestNewLogger(t *testing.T) {
	t.Parallel()
	for format, want := range map[telemetry.Format]string{
		telemetry.FormatAuto: `"msg":"job accepted"`, telemetry.FormatJSON: `"msg":"job accepted"`, telemetry.FormatText: `msg="job accepted"`,
	} {
		var out bytes.Buffer
		logger := telemetry.NewLogger(&out, slog.LevelWarn, format)
		logger.Info("too quiet")
		logger.Warn("job accepted")
		if got := out.String(); !strings.Contains(got, want) || strings.Contains(got, "too quiet") {
			t.Errorf("%s: %s", format, got)
		}
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	telemetry.NewLogger(f, slog.LevelInfo, telemetry.FormatAuto).Info("x")
	if got, err := os.ReadFile(f.Name()); err != nil || !bytes.HasPrefix(got, []byte("{")) {
		t.Errorf("a file that is no terminal got %q, %v, want JSON", got, err)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	cfg := telemetry.DefaultConfig()
	if err := config.Load(&cfg, map[string]string{"RINGBACK_LOG_LEVEL": "debug", "RINGBACK_LOG_FORMAT": "TEXT"}); err != nil {
		t.Fatal(err)
	}
	if cfg != (telemetry.Config{Level: slog.LevelDebug, Format: telemetry.FormatText}) {
		t.Errorf("loaded %+v", cfg)
	}
	err := config.Load(&cfg, map[string]string{"RINGBACK_LOG_FORMAT": "xml"})
	if want := `RINGBACK_LOG_FORMAT="xml": expected auto, text or json`; err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
}

func TestURL_LogValue(t *testing.T) {
	t.Parallel()
	for address, want := range map[telemetry.URL]string{
		"https://example.com/a/b.jpg":                   "https://example.com/a/b.jpg",
		"https://user:pw@example.com:8443/a?sig=secret": "https://example.com:8443/a (shortened)",
		"https://example.com/a#secret":                  "https://example.com/a (shortened)",
		"https://example.com/a%2Fb":                     "https://example.com/a%2Fb",
		"mailto:secret@example.com":                     "(unreadable address)",
		"http://secret bad/":                            "(unreadable address)",
		"http://a/%zzsecret":                            "(unreadable address)",
	} {
		var out strings.Builder
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "url", address)
		if got := address.LogValue().String(); got != want || strings.Contains(out.String(), "secret") {
			t.Errorf("%q: %q, want %q; logged %s", string(address), got, want, out.String())
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := telemetry.NewMetrics("1.2")
	m.JobAccepted("blitline")
	m.JobAccepted("blitline")
	m.ResultPublished("completed")
	m.Rendered(30 * time.Millisecond)
	m.Attempted("postback", "", time.Second)
	m.Attempted("postback", "timeout", 15*time.Second)
	m.Delivered("postback", "delivered")
	done := m.InFlight("render")
	m.InFlight("render")()
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() { m.ResultPublished(fmt.Sprintf("from outside %d", i)) })
	}
	wg.Wait()

	got := scrape(t, m)
	for _, want := range []string{
		`ringback_build_info{version="1.2"} 1`,
		`ringback_jobs_accepted_total{dialect="blitline"} 2`,
		`ringback_results_total{state="completed"} 1`,
		`ringback_results_total{state="other"} 85`,
		`ringback_render_seconds_bucket{le="0.04"} 1`,
		`ringback_attempts_total{class="ok",sink="postback"} 1`,
		`ringback_attempts_total{class="timeout",sink="postback"} 1`,
		`ringback_attempt_seconds_count{sink="postback"} 2`,
		`ringback_deliveries_total{outcome="delivered",sink="postback"} 1`,
		`ringback_in_flight{kind="render"} 1`,
		`go_goroutines `,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s", want)
		}
	}
	done()
	if got := scrape(t, m); !strings.Contains(got, `ringback_in_flight{kind="render"} 0`) {
		t.Error("in flight is not back at 0")
	}
	if strings.Contains(scrape(t, telemetry.NewMetrics("1")), "blitline") {
		t.Error("metrics share a registry")
	}
}

func scrape(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("status %d", w.Code)
	}
	return w.Body.String()
}

func TestHealth(t *testing.T) {
	t.Parallel()
	h := telemetry.NewHealth()
	ran := 0
	h.Add("bus", func(context.Context) error { ran++; return nil })
	if err := h.Ready(t.Context()); !errors.Is(err, telemetry.ErrNotReady) || err.Error() != "not ready: starting" || ran != 0 {
		t.Errorf("at first: %v after %d checks", err, ran)
	}
	h.SetReady()
	if err := h.Ready(t.Context()); err != nil || ran != 1 {
		t.Errorf("ready: %v after %d checks", err, ran)
	}
	full, gone := errors.New("disk is full"), errors.New("no renderer")
	h.Add("blob", func(context.Context) error { return full })
	h.Add("renderer", func(context.Context) error { return gone })
	err := h.Ready(t.Context())
	if !errors.Is(err, full) || !errors.Is(err, gone) || err.Error() != "blob: disk is full\nrenderer: no renderer" {
		t.Errorf("failing: %v", err)
	}
	h.SetNotReady("stopping")
	if err := h.Ready(t.Context()); err == nil || err.Error() != "not ready: stopping" {
		t.Errorf("stopping: %v", err)
	}
}

func TestHealth_HangingCheckEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := telemetry.NewHealth()
		h.SetReady()
		h.Add("bus", func(ctx context.Context) error {
			<-ctx.Done()
			return context.Cause(ctx)
		})
		began := time.Now()
		err := h.Ready(t.Context())
		if !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "bus: readiness checks") {
			t.Errorf("error = %v", err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %s", took)
		}
	})
}
