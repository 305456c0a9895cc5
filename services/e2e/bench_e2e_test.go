package e2e_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/figure"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/imagingtest"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/sample"
)

const (
	latencyRate  = 200 // jobs a second
	latencyJobs  = 2000
	pictureJobs  = 60
	pictureEdge  = 2000
	storedEvents = 1_000_000
	startRounds  = 5
)

// BenchmarkLatency hands over no-op jobs at a steady rate and times each from its acceptance to its postback.
func BenchmarkLatency(b *testing.B) {
	for b.Loop() {
		in := oneProcess(b)
		token := in.secrets().Token
		arrived := timedReceiver(b)
		accepted := make([]time.Time, latencyJobs)
		ticker := time.NewTicker(time.Second / latencyRate)
		var running sync.WaitGroup
		for i := range latencyJobs {
			<-ticker.C
			running.Go(func() {
				in.submit(token, map[string]any{
					"recipe": map[string]any{"steps": []any{}}, "notify": []any{postbackTo(fmt.Sprintf("%s/%d", arrived.url, i))},
				}, nil)
				accepted[i] = time.Now()
			})
		}
		running.Wait()
		var took []float64
		for i, at := range arrived.wait(b, latencyJobs) {
			took = append(took, max(0, at.Sub(accepted[i]).Seconds()*1000))
		}
		figure.Add("e2e.latency_p50_ms", figure.Quantile(took, 0.5), "ms")
		figure.Add("e2e.latency_p99_ms", figure.Quantile(took, 0.99), "ms")
	}
}

// clock is a receiver that remembers when each path was first posted to.
type clock struct {
	url  string
	done chan struct{}

	mu    sync.Mutex
	first map[int]time.Time
	want  int
}

func timedReceiver(b *testing.B) *clock {
	b.Helper()
	c := &clock{done: make(chan struct{}), first: map[int]time.Time{}, want: -1}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		at := time.Now()
		_, _ = io.Copy(io.Discard, r.Body)
		var n int
		_, _ = fmt.Sscanf(r.URL.Path, "/%d", &n)
		c.mu.Lock()
		defer c.mu.Unlock()
		if _, known := c.first[n]; !known {
			c.first[n] = at
			if len(c.first) == c.want {
				close(c.done)
			}
		}
	}))
	b.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func (c *clock) wait(b *testing.B, n int) map[int]time.Time {
	b.Helper()
	c.mu.Lock()
	if c.want = n; len(c.first) == n {
		close(c.done)
	}
	c.mu.Unlock()
	select {
	case <-c.done:
	case <-time.After(2 * time.Minute):
		b.Fatal("not every postback arrived")
	}
	return c.first
}

// BenchmarkRendererShare compares pictures from HTTP to postback with the renderers alone, on the same files and with
// the same number of renderers. The two take turns.
func BenchmarkRendererShare(b *testing.B) {
	for b.Loop() {
		photo := photograph(b, pictureEdge)
		var whole, alone []float64
		pool := renderers(b)
		in := oneProcess(b, fmt.Sprintf("RINGBACK_RENDER_WORKERS=%d", pool.Slots()))
		token := in.secrets().Token
		for round := range benchRounds {
			alone = append(alone, renderAlone(b, pool, photo))
			whole = append(whole, renderThrough(b, in, token, photo))
			b.Logf("round %d: renderers alone %.1f/s, HTTP to postback %.1f/s", round+1, alone[round], whole[round])
		}
		figure.Add("e2e.renderer_ratio", figure.Median(whole)/figure.Median(alone), "ratio")
		figure.Add("e2e.pictures_per_s", figure.Median(whole), "pictures/s")
	}
}

// shareRecipe makes a large picture and a thumbnail.
var shareRecipe = recipe.Recipe{Steps: []recipe.Step{
	{Op: "fit", Params: []byte(`{"width":800,"height":600}`), Save: &recipe.Save{ID: "large", Format: "jpeg"}},
	{Op: "fill", Params: []byte(`{"width":150,"height":100}`), Save: &recipe.Save{ID: "thumb", Format: "jpeg"}},
}}

func renderers(b *testing.B) *imaging.Pool {
	b.Helper()
	config := imaging.DefaultConfig()
	config.Executable = filepath.Join(bin, "ringback-render")
	pool, err := imaging.NewPool(config, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	return pool
}

func renderAlone(b *testing.B, pool *imaging.Pool, photo []byte) float64 {
	b.Helper()
	jobs := make(chan int)
	var running sync.WaitGroup
	begun := time.Now()
	for range pool.Slots() {
		running.Go(func() {
			for range jobs {
				if _, err := pool.Render(b.Context(), imaging.Request{Recipe: shareRecipe, Source: photo}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range pictureJobs {
		jobs <- i
	}
	close(jobs)
	running.Wait()
	return pictureJobs / time.Since(begun).Seconds()
}

func renderThrough(b *testing.B, in *installation, token string, photo []byte) float64 {
	b.Helper()
	arrived := timedReceiver(b)
	var running sync.WaitGroup
	begun := time.Now()
	for i := range pictureJobs {
		running.Go(func() {
			in.submit(token, map[string]any{
				"recipe": shareRecipe, "notify": []any{postbackTo(fmt.Sprintf("%s/%d", arrived.url, i))},
			}, photo)
		})
	}
	running.Wait()
	arrived.wait(b, pictureJobs)
	return pictureJobs / time.Since(begun).Seconds()
}

// photograph is the portrait, scaled up.
func photograph(b *testing.B, edge int) []byte {
	b.Helper()
	large, err := imagingtest.Photograph(sample.Portrait, edge, edge, 1)
	if err != nil {
		b.Fatal(err)
	}
	return large
}

// BenchmarkStart times `ringback run` until it is ready: on an empty folder, and on a folder with a million results.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		var empty []float64
		for range startRounds {
			empty = append(empty, startOn(b, b.TempDir()))
		}
		figure.Add("start.ready_ms", figure.Median(empty), "ms")
		full := b.TempDir()
		storeResults(b, full, storedEvents)
		var stored []float64
		for range 3 {
			stored = append(stored, startOn(b, full))
		}
		figure.Add("start.ready_1e6_ms", figure.Median(stored), "ms")
	}
}

// startOn starts on a folder and returns the milliseconds until /readyz answers 200.
func startOn(b *testing.B, folder string) float64 {
	b.Helper()
	port := freePort(b)
	in := &installation{tb: b, data: folder, base: fmt.Sprintf("http://127.0.0.1:%d", port)}
	environ := append(in.settings(), "RINGBACK_NATS_ADDR=127.0.0.1:0", "RINGBACK_HTTP_ADDR="+strings.TrimPrefix(in.base, "http://"))
	begun := time.Now()
	p := launch(b, nil, environ...)
	for time.Since(begun) < time.Minute {
		if status, _, err := in.do(http.MethodGet, "/readyz", "", "", nil); err == nil && status == http.StatusOK {
			took := time.Since(begun).Seconds() * 1000
			p.stop()
			return took
		}
	}
	b.Fatal("not ready within a minute")
	return 0
}

func storeResults(b *testing.B, folder string, n int) {
	b.Helper()
	broker, err := bus.Open(b.Context(), bus.Config{Addr: "127.0.0.1:0", Replicas: 1}, folder, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer broker.Close()
	body := []byte(`{"id":"x","state":"completed","outputs":[],"timing":{"queued_ms":0,"fetch_ms":0,"render_ms":0,"store_ms":0}}`)
	for done := 0; done < n; done += bus.MaxBatch {
		batch := make([]bus.Out, bus.MaxBatch)
		for i := range batch {
			batch[i] = bus.Out{Subject: events.ResultSubject("demo", fmt.Sprintf("%026d", done+i)), Data: body}
		}
		if _, err := broker.PublishAtomic(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
}
