package app_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ringback/ringback/services/internal/app"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus/bustest"
)

// withoutPixels are the services that need no renderer.
var withoutPixels = []string{"postback", "callback", "eventbridge", "ingest"}

func config(tb testing.TB) app.Config {
	tb.Helper()
	data := tb.TempDir()
	c, err := app.LoadConfig(map[string]string{
		"RINGBACK_DATA": data, "RINGBACK_NATS_ADDR": "127.0.0.1:0", "RINGBACK_HTTP_ADDR": "127.0.0.1:0",
	})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestRun(t *testing.T) { //nolint:paralleltest // counts goroutines
	t.Run("StartsAndStopsAndLeavesNothing", func(t *testing.T) {
		defer goleak.VerifyNone(t, goleak.IgnoreCurrent(), // what the server's libraries keep for the whole process
			goleak.IgnoreTopFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
			goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"), // sleeps up to ten seconds
			bustest.ServerRemains())
		c := config(t)
		var made []string
		for range 3 {
			ctx, cancel := context.WithCancel(t.Context())
			err := app.Run(ctx, c, withoutPixels, quiet(), app.Hooks{
				FirstApplication: func(a application.Application) { made = append(made, a.ID) }, Ready: cancel,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if len(made) != 1 || made[0] != "demo" {
			t.Errorf("made applications %v, want demo once", made)
		}
	})

	t.Run("StopBeforeStartEnds", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := app.Run(ctx, config(t), withoutPixels, quiet(), app.Hooks{}); err != nil && !strings.Contains(err.Error(), "canceled") {
			t.Error(err)
		}
	})

	t.Run("FirstFailureIsNamed", func(t *testing.T) {
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		c := config(t)
		c.Ingest.Addr = taken.Addr().String()
		err = app.Run(t.Context(), c, withoutPixels, quiet(), app.Hooks{})
		if err == nil || !strings.Contains(err.Error(), "service ingest") || !strings.Contains(err.Error(), "RINGBACK_HTTP_ADDR") {
			t.Errorf("got %v, want the service and the setting named", err)
		}
	})

	t.Run("MissingRendererIsNamed", func(t *testing.T) {
		c := config(t)
		c.Render.Executable = "/nowhere/ringback-render"
		err := app.Run(t.Context(), c, nil, quiet(), app.Hooks{})
		if err == nil || !strings.Contains(err.Error(), "service processor") || !strings.Contains(err.Error(), "ringback-render") {
			t.Errorf("got %v, want the service and the program named", err)
		}
	})

	t.Run("ProcessWithoutIngestServesItsHealth", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		address, ready, ended := make(chan string, 1), make(chan struct{}), make(chan error, 1)
		go func() {
			ended <- app.Run(ctx, config(t), []string{"postback"}, quiet(), app.Hooks{
				Listening: func(a string) { address <- a }, Ready: func() { close(ready) },
			})
		}()
		<-ready
		base := "http://" + <-address
		for path, want := range map[string]int{"/livez": 200, "/readyz": 200, "/metrics": 200, "/v1/jobs": 404} {
			if got := get(t, base+path); got != want {
				t.Errorf("%s answered %d, want %d", path, got, want)
			}
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func get(tb testing.TB, url string) int {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		tb.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer answer.Body.Close()
	return answer.StatusCode
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
