package sinktest

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
	"github.com/ringback/ringback/services/internal/figure"
	"github.com/ringback/ringback/services/internal/telemetry"
)

// RunLifecycle starts and stops a sink many times, at once and at work, and leaves goroutines to the caller's goleak.
func RunLifecycle(t *testing.T, sink Sink) {
	t.Helper()
	h := Open(t)
	receiver := h.Receive(sink, Accept)
	var told []string
	for i := range 20 {
		told = append(told, h.Tell(sink, receiver.URL))
		instance := h.Start(sink)
		if i%3 == 0 {
			receiver.Next(t)
		}
		instance.Stop()
	}
	h.Start(sink)
	eachOnce(t, sink, receiver, told)
}

// Unfed makes a sink whose directory of applications never gets anything.
func (h *House) Unfed(sink Sink) Runner {
	h.tb.Helper()
	bucket, err := h.Bus.Bucket(h.tb.Context(), bus.ApplicationBucket)
	if err != nil {
		h.tb.Fatal(err)
	}
	runner, err := sink.New(Deps{
		Bus: h.Bus, Applications: application.NewDirectory(bucket, h.Key, h.Logger()), Key: h.Key, Poster: h.Outbound,
		Metrics: telemetry.NewMetrics("test"), Log: h.Logger(),
	})
	if err != nil {
		h.tb.Fatal(err)
	}
	return runner
}

// Main runs a package's tests, prints what its benchmarks measured, and fails it when anything that they started still
// runs.
func Main(m *testing.M) {
	// The broker's own wait for the source of a stream ends by its own timer, after the broker has.
	goleak.VerifyTestMain(printing{m}, bustest.ServerRemains())
}

// printing runs tests and benchmarks, and then prints the figures of these.
type printing struct{ m *testing.M }

// Run is as goleak calls it.
func (p printing) Run() int {
	code := p.m.Run()
	figure.Print(os.Stdout)
	return code
}
