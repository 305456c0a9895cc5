package bench_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/seal"
	"github.com/ringback/ringback/services/internal/telemetry"
	"github.com/ringback/ringback/services/sinks/postback"
)

// What a sink's process is told.
const (
	brokerURL = "RINGBACK_BENCH_BROKER"
	keyFile   = "RINGBACK_BENCH_KEY"
)

// sink is the sink's process: what `ringback run postback` does, with its memory to be asked for.
func sink() error {
	telemetry.TuneCollector()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	key, err := seal.LoadOrCreateKey(os.Getenv(keyFile))
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	b, err := bus.Open(ctx, bus.Config{URL: config.Secret(os.Getenv(brokerURL)), Replicas: 1}, "", log)
	if err != nil {
		return err
	}
	defer b.Close()
	bucket, err := b.Bucket(ctx, bus.ApplicationBucket)
	if err != nil {
		return err
	}
	directory := application.NewDirectory(bucket, key, log)
	go func() { _ = directory.Run(ctx) }()
	settings := outbound.DefaultConfig()
	settings.Allow = []string{"127.0.0.0/8"}
	client, err := outbound.New(settings, outbound.Deps{})
	if err != nil {
		return err
	}
	defer client.Close()
	poster := &countingPoster{Client: client}
	service, err := postback.New(postback.DefaultConfig(), postback.Deps{
		Bus: b, Applications: directory, Key: key, Poster: poster, Metrics: telemetry.NewMetrics("bench"), Log: log,
	})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	fmt.Println("ready")
	profile := newProfile()
	commands(func(words []string) string {
		switch words[0] {
		case "profile":
			return profile.begin(words[1])
		case "inflight":
			return strconv.FormatInt(poster.inFlight.Load(), 10)
		}
		return strconv.Itoa(runtime.NumGoroutine())
	})
	profile.end()
	stop()
	return <-ended
}

// countingPoster counts the attempts that are in progress.
type countingPoster struct {
	*outbound.Client
	inFlight atomic.Int64
}

func (p *countingPoster) Post(ctx context.Context, r outbound.Request) (outbound.Attempt, error) {
	p.inFlight.Add(1)
	defer p.inFlight.Add(-1)
	return p.Client.Post(ctx, r)
}

func marshal(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}
