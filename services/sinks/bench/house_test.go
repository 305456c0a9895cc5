package bench_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/figure"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/seal"
	"github.com/ringback/ringback/services/internal/telemetry"
)

func TestMain(m *testing.M) {
	code := m.Run()
	figure.Print(os.Stdout)
	os.Exit(code)
}

const tenant = "demo"

// house is a broker with every write synced, an application, and a receiver of its callbacks and postbacks.
type house struct {
	tb        testing.TB
	bus       *bus.Bus
	key       seal.Key
	directory *application.Directory
	poster    *outbound.Client
	port      int
	url       string
}

// endpoints are the places that postbacks go to: enough of them that none sets the pace.
const endpoints = 100

// address is one of the endpoints, which are one receiver.
func (h *house) address(i int) string {
	return fmt.Sprintf("http://127.1.0.%d:%d/hook", i%endpoints+1, h.port)
}

func open(tb testing.TB, window time.Duration, receive http.HandlerFunc) *house {
	tb.Helper()
	h := &house{tb: tb}
	dir, log := tb.TempDir(), slog.New(slog.DiscardHandler)
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	settings := bus.DefaultConfig()
	settings.Addr = "127.0.0.1:0"
	var err error
	h.bus, err = bus.Open(tb.Context(), settings, dir, log)
	must(err)
	tb.Cleanup(func() { _ = h.bus.Close() })
	h.key, err = seal.LoadOrCreateKey(filepath.Join(dir, "seal.key"))
	must(err)
	listener, err := net.Listen("tcp4", "0.0.0.0:0")
	must(err)
	server := &http.Server{Handler: receive, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	tb.Cleanup(func() { _ = server.Close() })
	h.port = listener.Addr().(*net.TCPAddr).Port
	h.url = h.address(0)

	bucket, err := h.bus.Bucket(tb.Context(), bus.ApplicationBucket)
	must(err)
	store := application.NewStore(bucket, h.key)
	_, err = store.Add(tb.Context(), tenant)
	must(err)
	length := config.Duration(window)
	_, err = store.Change(tb.Context(), tenant, func(s *application.Settings) error {
		s.Media = &application.Media{CallbackURL: h.url, Window: &length}
		return nil
	})
	must(err)
	h.directory = application.NewDirectory(bucket, h.key, log)
	h.run(h.directory.Run)
	<-h.directory.Loaded()
	way := outbound.DefaultConfig()
	way.Allow = []string{"127.0.0.0/8"}
	h.poster, err = outbound.New(way, outbound.Deps{})
	must(err)
	tb.Cleanup(h.poster.Close)
	return h
}

// run runs something until the returned function is called, or the benchmark ends.
func (h *house) run(run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(h.tb.Context()))
	var running sync.WaitGroup
	running.Go(func() { _ = run(ctx) })
	stop = func() { cancel(); running.Wait() }
	h.tb.Cleanup(stop)
	return stop
}

// cost is what a part of a benchmark took of the machine, everything in the process included: broker, sink and receiver.
type cost struct {
	begun time.Time
	cpu   time.Duration
	peak  uint64
	stop  chan struct{}
	done  sync.WaitGroup
}

func begin() *cost {
	runtime.GC()
	c := &cost{begun: time.Now(), cpu: processor(), stop: make(chan struct{})}
	c.done.Go(func() {
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			c.peak = max(c.peak, m.HeapInuse+m.StackInuse)
			select {
			case <-time.After(250 * time.Millisecond):
			case <-c.stop:
				return
			}
		}
	})
	return c
}

// end notes the figures: seconds, processor time for each change, and the most memory that was in use.
func (c *cost) end(name string, changes int) {
	close(c.stop)
	c.done.Wait()
	took := time.Since(c.begun)
	figure.Add(name+"_s", took.Seconds(), "s")
	figure.Add(name+"_cpu_us_per_change", float64((processor()-c.cpu).Microseconds())/float64(changes), "us")
	figure.Add(name+"_memory_mib", float64(c.peak)/(1<<20), "MiB")
}

func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it knows its own process
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func metrics() *telemetry.Metrics { return telemetry.NewMetrics("bench") }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// drain reads a request to its end, so that its connection is kept.
func drain(r *http.Request) []byte {
	body, _ := io.ReadAll(r.Body) // what was cut is counted as nothing
	return body
}
