package sinktest

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/seal"
	"github.com/ringback/ringback/services/internal/telemetry"
)

// Application is the one that the suite's jobs belong to.
const Application = "demo"

// House is a broker on a folder, with what sinks need beside it. It can be torn down and put up again.
type House struct {
	Bus       *bus.Bus
	Key       seal.Key
	Directory *application.Directory
	Outbound  *outbound.Client

	tb      testing.TB
	dir     string
	down    func()
	running []*Instance
	log     logBook
}

// Open puts up a house that ends with the test.
func Open(tb testing.TB) *House {
	tb.Helper()
	h := OpenIn(tb, tb.TempDir())
	h.Adopt()
	return h
}

// OpenIn puts up a house on a folder that was used before.
func OpenIn(tb testing.TB, dir string) *House {
	tb.Helper()
	h := &House{tb: tb, dir: dir, log: logBook{to: tb.Output()}}
	key, err := seal.LoadOrCreateKey(dir + "/seal.key")
	if err != nil {
		tb.Fatalf("make the key: %v", err)
	}
	h.Key = key
	h.GoOut(outbound.Deps{}, "127.0.0.0/8")
	h.raise()
	tb.Cleanup(func() { h.Crash(); h.Outbound.Close() })
	return h
}

// GoOut changes the way out for sinks that are started from now on: what it depends on, and what may be reached beside
// public addresses.
func (h *House) GoOut(deps outbound.Deps, allow ...string) {
	h.tb.Helper()
	config := outbound.DefaultConfig()
	config.Allow = allow
	client, err := outbound.New(config, deps)
	if err != nil {
		h.tb.Fatalf("open the way out: %v", err)
	}
	if h.Outbound != nil {
		h.Outbound.Close()
	}
	h.Outbound = client
}

// Set changes the settings of the application and waits until the sinks know them.
func (h *House) Set(change func(*application.Settings)) {
	h.tb.Helper()
	app, err := h.store().Change(h.tb.Context(), Application, func(s *application.Settings) error { change(s); return nil })
	if err != nil {
		h.tb.Fatal(err)
	}
	h.Await("the new settings are known", func() bool {
		known, _ := h.Directory.ByID(Application)
		return reflect.DeepEqual(known.Settings, app.Settings)
	})
}

// SetStorage gives the application an account for buckets and waits until the sinks know it.
func (h *House) SetStorage(account application.StorageAccount) {
	h.tb.Helper()
	if _, err := h.store().SetStorage(h.tb.Context(), Application, account); err != nil {
		h.tb.Fatal(err)
	}
	h.Await("the account is known", func() bool {
		known, _ := h.Directory.ByID(Application)
		return len(known.Secrets.Storage) > 0
	})
}

func (h *House) raise() {
	h.tb.Helper()
	config := bus.DefaultConfig()
	config.Addr = "127.0.0.1:0"
	b, err := bus.Open(h.tb.Context(), config, h.dir, h.Logger())
	if err != nil {
		h.tb.Fatalf("open the bus: %v", err)
	}
	h.Bus = b
	h.follow()
}

func (h *House) store() *application.Store {
	h.tb.Helper()
	bucket, err := h.Bus.Bucket(h.tb.Context(), bus.ApplicationBucket)
	if err != nil {
		h.tb.Fatalf("open the applications: %v", err)
	}
	return application.NewStore(bucket, h.Key)
}

// Endpoints opens what is known of endpoints.
func (h *House) Endpoints() *delivery.Endpoints {
	h.tb.Helper()
	bucket, err := h.Bus.Bucket(h.tb.Context(), bus.EndpointBucket)
	if err != nil {
		h.tb.Fatalf("open the endpoints: %v", err)
	}
	return delivery.NewEndpoints(bucket, h.Logger())
}

// Rotate gives the application new secrets and waits until the sinks sign with them.
func (h *House) Rotate() application.Application {
	h.tb.Helper()
	app, err := h.store().Rotate(h.tb.Context(), Application, application.Everything, application.DefaultOverlap)
	if err != nil {
		h.tb.Fatal(err)
	}
	h.Await("the new secrets are known", func() bool {
		known, _ := h.Directory.ByID(Application)
		return known.Secrets.WebhookSecret == app.Secrets.WebhookSecret
	})
	return app
}

// Crash takes the broker away from under everything, as a kill does, and ends what is left of the sinks.
func (h *House) Crash() {
	if h.down == nil {
		return
	}
	h.down()
	h.down = nil
	for _, instance := range h.running {
		instance.Stop()
	}
	h.running = nil
}

// Rebuild puts the house up again on what is stored, after a crash.
func (h *House) Rebuild() {
	h.tb.Helper()
	h.Crash()
	h.raise()
}

// Logger logs to the test, and keeps a copy.
func (h *House) Logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(&h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Logged is everything that was logged so far.
func (h *House) Logged() []byte { return h.log.copy() }

// Await looks until it is so.
func (h *House) Await(what string, so func() bool) {
	h.tb.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !so() {
		select {
		case <-tick.C:
		case <-deadline:
			h.tb.Fatalf("still not: %s", what)
		}
	}
}

// Instance is a running sink.
type Instance struct {
	tb     testing.TB
	cancel context.CancelFunc
	ended  chan error
	once   sync.Once
}

// Start runs a sink. Failed attempts are repeated after pauses, in this order.
func (h *House) Start(sink Sink, pauses ...time.Duration) *Instance {
	h.tb.Helper()
	runner, err := sink.New(Deps{
		Bus: h.Bus, Applications: h.Directory, Key: h.Key, Poster: h.Outbound, Metrics: telemetry.NewMetrics("test"),
		Log: h.Logger(), Schedule: delivery.Schedule(pauses),
	})
	if err != nil {
		h.tb.Fatalf("make the sink: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	i := &Instance{tb: h.tb, cancel: cancel, ended: make(chan error, 1)}
	go func() { i.ended <- runner.Run(ctx) }()
	h.running = append(h.running, i)
	return i
}

// Stop asks the sink to end and waits until it has.
func (i *Instance) Stop() {
	i.once.Do(func() {
		i.cancel()
		select {
		case err := <-i.ended:
			if err != nil {
				i.tb.Errorf("the sink ended with %v", err)
			}
		case <-time.After(patience):
			i.tb.Errorf("the sink does not end")
		}
	})
}

// logBook writes to the test and keeps a copy.
type logBook struct {
	mu   sync.Mutex
	to   io.Writer
	kept bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept.Write(p)
	return l.to.Write(p)
}

func (l *logBook) copy() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.kept.Bytes())
}
