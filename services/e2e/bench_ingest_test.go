package e2e_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/figure"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/seal"
)

const (
	benchClients = 64
	benchRounds  = 3
	benchRound   = 4 * time.Second
)

// BenchmarkIngest compares the front door with the handler that publishes once a request, both with every write synced,
// and with what the disk itself can do. The three take turns.
func BenchmarkIngest(b *testing.B) {
	for b.Loop() {
		in := &installation{tb: b, data: b.TempDir()}
		in.environ = append(in.settings(), "RINGBACK_NATS_ADDR=127.0.0.1:0", "RINGBACK_LOG_LEVEL=error", "RINGBACK_LOG_FORMAT=text")
		in.processes = []*process{launch(b, []string{"ingest"}, append(in.environ, "RINGBACK_LOG_LEVEL=info", "RINGBACK_LOG_FORMAT=json")...)}
		in.base = in.processes[0].base()
		tokens := in.applications(benchClients)
		plain := servePlain(b)
		var ours, theirs, syncs []float64
		for round := range benchRounds {
			ours = append(ours, in.load(in.base+"/v1/jobs", tokens))
			theirs = append(theirs, in.load(plain+"/v1/jobs", tokens))
			syncs = append(syncs, syncsPerSecond(b))
			b.Logf("round %d: ringback %.0f/s, a publish for each request %.0f/s, fsync %.0f/s", round+1, ours[round], theirs[round], syncs[round])
		}
		figure.Add("ingest.accepted_ratio", figure.Median(ours)/figure.Median(theirs), "ratio")
		figure.Add("ingest.accepted_per_s", figure.Median(ours), "jobs/s")
		figure.Add("ingest.fsync_ratio", figure.Median(ours)/figure.Median(syncs), "ratio")
	}
}

// applications makes n applications, so that no queue fills up while nobody works on it.
func (in *installation) applications(n int) []string {
	in.tb.Helper()
	logins, err := bus.ReadLogins(in.data)
	if err != nil {
		in.tb.Fatal(err)
	}
	broker, err := bus.Dial(logins.ServicesURL(), slog.New(slog.DiscardHandler))
	if err != nil {
		in.tb.Fatal(err)
	}
	defer broker.Close()
	key, err := seal.LoadOrCreateKey(filepath.Join(in.data, "seal.key"))
	if err != nil {
		in.tb.Fatal(err)
	}
	bucket, err := broker.Bucket(in.tb.Context(), bus.ApplicationBucket)
	if err != nil {
		in.tb.Fatal(err)
	}
	store := application.NewStore(bucket, key)
	tokens := make([]string, n)
	for i := range tokens {
		a, err := store.Add(in.tb.Context(), fmt.Sprintf("load-%d", i))
		if err != nil {
			in.tb.Fatal(err)
		}
		tokens[i] = a.Secrets.Token.Reveal()
	}
	return tokens
}

// load sends jobs of 1 KiB from one client for each token for a round, and returns how many were accepted a second.
func (in *installation) load(url string, tokens []string) float64 {
	in.tb.Helper()
	body := marshal(in.tb, map[string]any{
		"recipe": map[string]any{"steps": []any{}}, "metadata": map[string]any{"pad": fmt.Sprintf("%0960d", 7)},
	})
	client := &fasthttp.Client{MaxConnsPerHost: len(tokens)}
	var accepted, refused atomic.Int64
	var running sync.WaitGroup
	begun := time.Now()
	for _, token := range tokens {
		running.Go(func() {
			request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			request.SetRequestURI(url)
			request.Header.SetMethod(fasthttp.MethodPost)
			request.Header.SetContentType("application/json")
			request.Header.Set("Authorization", "Bearer "+token)
			for time.Since(begun) < benchRound {
				request.SetBody(body)
				if err := client.Do(request, response); err != nil || response.StatusCode() != fasthttp.StatusAccepted {
					refused.Add(1)
					continue
				}
				accepted.Add(1)
			}
		})
	}
	running.Wait()
	if refused.Load() > 0 {
		in.tb.Errorf("%s refused %d jobs", url, refused.Load())
	}
	return float64(accepted.Load()) / time.Since(begun).Seconds()
}

// servePlain is the yardstick: parse, publish, wait for the disk, answer.
func servePlain(b *testing.B) string {
	b.Helper()
	broker, err := bus.Open(b.Context(), bus.Config{Addr: "127.0.0.1:0", Replicas: 1}, b.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	var n atomic.Int64
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Post("/v1/jobs", func(c *fiber.Ctx) error {
		var document map[string]any
		if err := json.Unmarshal(c.Body(), &document); err != nil {
			return err
		}
		id := fmt.Sprint(n.Add(1))
		out := bus.Out{Subject: bus.JobSubject(job.Standard, "plain-"+id[len(id)-1:]+c.Get("Authorization")[7:]), Data: c.Body(), ID: id}
		if _, err := broker.Publish(c.UserContext(), out); err != nil {
			return err
		}
		return c.SendStatus(fiber.StatusAccepted)
	})
	port := freePort(b)
	address := fmt.Sprintf("127.0.0.1:%d", port)
	listening := make(chan struct{})
	app.Hooks().OnListen(func(fiber.ListenData) error { close(listening); return nil })
	go func() { _ = app.Listen(address) }()
	<-listening
	b.Cleanup(func() {
		_ = app.Shutdown()
		_ = broker.Close()
	})
	return "http://" + address
}

// syncsPerSecond is how often the disk can write 1 KiB and be sure of it.
func syncsPerSecond(b *testing.B) float64 {
	b.Helper()
	file, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	block, n, begun := make([]byte, 1024), 0, time.Now()
	for time.Since(begun) < time.Second {
		if _, err := file.Write(block); err != nil {
			b.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
		n++
	}
	return float64(n) / time.Since(begun).Seconds()
}
