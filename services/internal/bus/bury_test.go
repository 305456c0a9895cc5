package bus_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
	"github.com/ringback/ringback/services/internal/job"
)

// TestRejectedJobLeavesTheBrokersWordToo finds, beside our copy, the advisory by which the broker says that a message
// was terminated: also what a handler forgets to bury does not end silently.
func TestRejectedJobLeavesTheBrokersWordToo(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	stop := take(t, b, bus.Duty{Tries: 1, Kind: "job", Handle: func(context.Context, *bus.Message) error {
		return bus.Reject(errors.New("never"))
	}})
	defer stop()
	publish(t, b, bus.Out{Subject: bus.JobSubject(job.High, "demo"), Data: []byte("x")})
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		advisory, err := b.Last(t.Context(), bus.Dead, "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED."+bus.Jobs+".>")
		if err == nil {
			if !strings.Contains(string(advisory.Data), `"reason":"never"`) {
				t.Errorf("the advisory says %s", advisory.Data)
			}
			return
		}
	}
	t.Error("no advisory was captured")
}

// TestStopGivesBackWhatWasNotBegun stops a worker whose only slot is taken: what waited behind it goes to the next
// worker at once, and not after the ack wait of ten seconds.
func TestStopGivesBackWhatWasNotBegun(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	for i := range 3 {
		item := fmt.Sprint("item", i)
		publish(t, b, bus.Out{Subject: bus.MediaDue("demo", item), Data: []byte(item)})
	}
	begun := make(chan string, 3)
	run := func(handle bus.Handler) (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		finished := make(chan error, 1)
		go func() {
			finished <- b.Work(ctx, bus.Media, bus.CallbackDueConsumer, 1, bus.Duty{Kind: "media", Tries: 1, Handle: handle})
		}()
		return func() {
			cancel()
			if err := <-finished; err != nil {
				t.Error(err)
			}
		}
	}
	stop := run(func(ctx context.Context, m *bus.Message) error {
		begun <- string(m.Data)
		<-ctx.Done()
		return ctx.Err()
	})
	<-begun
	stop()
	handled := make(chan string, 3)
	stop = run(func(_ context.Context, m *bus.Message) error { handled <- string(m.Data); return nil })
	defer stop()
	seen := map[string]bool{}
	timeout := time.After(time.Minute)
	for len(seen) < 3 {
		select {
		case item := <-handled:
			seen[item] = true
		case <-timeout:
			t.Fatalf("after five seconds only %v came back", seen)
		}
	}
}
