// Package bustest starts a real embedded broker with the whole topology for tests.
package bustest

import (
	"log/slog"
	"testing"

	"go.uber.org/goleak"

	"github.com/ringback/ringback/services/internal/bus"
)

// Open starts a bus in a folder of the test, on a free port, and stops it when the test ends.
func Open(tb testing.TB) *bus.Bus {
	tb.Helper()
	return OpenIn(tb, tb.TempDir())
}

// OpenIn starts a bus on what is stored in dir.
func OpenIn(tb testing.TB, dir string) *bus.Bus {
	tb.Helper()
	config := bus.DefaultConfig()
	config.Addr = "127.0.0.1:0"
	b, err := bus.Open(tb.Context(), config, dir, slog.New(slog.NewTextHandler(tb.Output(), nil)))
	if err != nil {
		tb.Fatalf("open the bus: %v", err)
	}
	tb.Cleanup(func() {
		if err := b.Close(); err != nil {
			tb.Errorf("close the bus: %v", err)
		}
	})
	return b
}

// ServerRemains is what a stopped nats-server leaves running for a while: a timer of its sourced streams. It is not
// ours to end.
func ServerRemains() goleak.Option {
	return goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.(*stream).trySetupSourceConsumer.func3")
}
