package bus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
)

func TestWorkBatches(t *testing.T) {
	t.Parallel()

	t.Run("WhatWaitsComesTogetherAndNoMoreThanMost", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		for i := range 25 {
			publish(t, b, bus.Out{Subject: bus.BridgeFirst("demo"), Data: fmt.Append(nil, i)})
		}
		sizes, handled := make(chan int, 25), make(chan string, 25)
		stop := workBatches(t, b, bus.BatchDuty{Most: 10, Linger: time.Second, Handle: func(_ context.Context, batch []*bus.Message) []error {
			sizes <- len(batch)
			for _, m := range batch {
				handled <- string(m.Data)
			}
			return make([]error, len(batch))
		}})
		seen := map[string]bool{}
		for range 25 {
			seen[arrived(t, handled)] = true
		}
		stop()
		got := []int{<-sizes, <-sizes, <-sizes}
		slices.Sort(got)
		if len(seen) != 25 || !slices.Equal(got, []int{5, 10, 10}) {
			t.Errorf("%d messages in batches of %v, want 25 in 5, 10 and 10", len(seen), got)
		}
		left(t, b)
	})

	t.Run("ALoneMessageGoesAfterTheLinger", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		handled := make(chan int, 1)
		stop := workBatches(t, b, bus.BatchDuty{Most: 10, Linger: 5 * time.Millisecond, Handle: func(_ context.Context, batch []*bus.Message) []error {
			handled <- len(batch)
			return make([]error, len(batch))
		}})
		publish(t, b, bus.Out{Subject: bus.BridgeFirst("demo")})
		if n := arrived(t, handled); n != 1 {
			t.Errorf("came in a batch of %d", n)
		}
		stop()
	})

	t.Run("EachMessageHasItsOwnVerdict", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		for _, text := range []string{"done", "later", "reject", "again"} {
			publish(t, b, bus.Out{Subject: bus.BridgeFirst("demo"), Data: []byte(text), Header: bus.Header{bus.HeaderApplication: {"demo"}}})
		}
		var mu sync.Mutex
		seen := map[string][]int{}
		again := make(chan string, 10)
		stop := workBatches(t, b, bus.BatchDuty{Most: 10, Linger: 200 * time.Millisecond, Handle: func(_ context.Context, batch []*bus.Message) []error {
			verdicts := make([]error, len(batch))
			mu.Lock()
			defer mu.Unlock()
			for i, m := range batch {
				text := string(m.Data)
				if seen[text] = append(seen[text], m.Attempt); len(seen[text]) > 1 {
					again <- text
					continue
				}
				verdicts[i] = map[string]error{
					"later": bus.Later(errors.New("not now"), 50*time.Millisecond), "reject": bus.Reject(errors.New("never")),
					"again": errors.New("bad luck"),
				}[text]
			}
			return verdicts
		}})
		back := []string{arrived(t, again), arrived(t, again)}
		dead := make(chan *bus.Message, 1)
		go watchDead(t, b, "bridge", "demo", dead)
		if m := arrived(t, dead); string(m.Data) != "reject" || m.Header.Get("Ringback-Reason") != "never" {
			t.Errorf("dead letter %v %q, want the one that was rejected", m.Header, m.Data)
		}
		stop()
		slices.Sort(back)
		if !slices.Equal(back, []string{"again", "later"}) {
			t.Errorf("%v came back, want what was put off and what failed", back)
		}
		// Being put off is not counted; a failure is.
		if got := fmt.Sprint(seen["later"], seen["again"], seen["done"], seen["reject"]); got != "[1 1] [1 2] [1] [1]" {
			t.Errorf("attempts of later, again, done, reject: %s", got)
		}
	})

	t.Run("PanicFailsItsMessageAlone", func(t *testing.T) {
		t.Parallel()
		single(t, "handler panicked: no", func([]*bus.Message) []error { panic("no") })
	})

	t.Run("MissingVerdictFailsItsMessageAlone", func(t *testing.T) {
		t.Parallel()
		single(t, "handler returned 0 verdicts for 1 messages", func([]*bus.Message) []error { return nil })
	})

	t.Run("StopGivesBackWhatWaitsAndWhatIsCut", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		for i := range 9 {
			publish(t, b, bus.Out{Subject: bus.BridgeFirst("demo"), Data: fmt.Append(nil, i)})
		}
		begun := make(chan int, 9)
		stop := workBatches(t, b, bus.BatchDuty{Most: 2, Handle: func(ctx context.Context, batch []*bus.Message) []error {
			begun <- len(batch)
			<-ctx.Done()
			return slices.Repeat([]error{bus.Reject(context.Cause(ctx))}, len(batch))
		}})
		arrived(t, begun)
		stop()
		handled := make(chan string, 20)
		stop = workBatches(t, b, bus.BatchDuty{Most: 10, Handle: func(_ context.Context, batch []*bus.Message) []error {
			for _, m := range batch {
				handled <- fmt.Sprint(string(m.Data), m.Attempt)
			}
			return make([]error, len(batch))
		}})
		before, seen := time.Now(), map[string]bool{}
		for range 9 {
			seen[arrived(t, handled)] = true
		}
		stop()
		if len(seen) != 9 {
			t.Errorf("%d of 9 came back: %v", len(seen), seen)
		}
		if took := time.Since(before); took > 9*time.Second {
			t.Errorf("they came back after %s, want at once: well within the ack wait", took)
		}
	})

	t.Run("WhatWaitsBehindSlowWorkIsNotHandedOutTwice", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		for i := range 12 {
			publish(t, b, bus.Out{Subject: bus.BridgeFirst("demo"), Data: fmt.Append(nil, i)})
		}
		var handled atomic.Int32
		release, first := make(chan struct{}), make(chan struct{}, 12)
		stop := workBatches(t, b, bus.BatchDuty{Most: 2, Handle: func(_ context.Context, batch []*bus.Message) []error {
			handled.Add(int32(len(batch)))
			first <- struct{}{}
			<-release
			return make([]error, len(batch))
		}})
		arrived(t, first)
		<-time.After(12 * time.Second) // longer than the ack wait: only heartbeats keep them here
		close(release)
		left(t, b)
		stop()
		if n := handled.Load(); n != 12 {
			t.Errorf("handled %d messages, want each of 12 once", n)
		}
	})
}

// single gives a handler that fails at one of three messages, and wants that one buried and the others done.
func single(t *testing.T, reason string, fail func([]*bus.Message) []error) {
	t.Helper()
	b := bustest.Open(t)
	for _, text := range []string{"good", "bad", "fine"} {
		publish(t, b, bus.Out{Subject: bus.BridgeFirst("demo"), Data: []byte(text), Header: bus.Header{bus.HeaderApplication: {"demo"}}})
	}
	handled := make(chan string, 10)
	stop := workBatches(t, b, bus.BatchDuty{
		Most: 10, Linger: 200 * time.Millisecond, Handle: func(_ context.Context, batch []*bus.Message) []error {
			for _, m := range batch {
				if string(m.Data) == "bad" {
					return fail(batch)
				}
			}
			for _, m := range batch {
				handled <- string(m.Data)
			}
			return make([]error, len(batch))
		}, Duty: bus.Duty{Tries: 1},
	})
	got := []string{arrived(t, handled), arrived(t, handled)}
	dead := make(chan *bus.Message, 1)
	go watchDead(t, b, "bridge", "demo", dead)
	if m := arrived(t, dead); string(m.Data) != "bad" || !strings.HasPrefix(m.Header.Get("Ringback-Reason"), reason) {
		t.Errorf("dead letter %v %q, want the message at fault", m.Header, m.Data)
	}
	stop()
	if slices.Sort(got); !slices.Equal(got, []string{"fine", "good"}) {
		t.Errorf("handled %v, want the other two", got)
	}
}

// workBatches works on the lane of the application demo, two batches at a time, until stop is called.
func workBatches(tb testing.TB, b *bus.Bus, duty bus.BatchDuty) (stop func()) {
	tb.Helper()
	duty.Kind = "bridge"
	if duty.Tries == 0 {
		duty.Tries = 3
	}
	ctx, cancel := context.WithCancel(tb.Context())
	finished := make(chan error, 1)
	go func() {
		finished <- b.WorkBatches(ctx, bus.Bridge, bus.BridgeConsumer(bus.BridgeLane("demo")), 2, duty)
	}()
	return func() {
		cancel()
		if err := arrived(tb, finished); err != nil {
			tb.Error(err)
		}
	}
}

// left waits until everything is acknowledged and removed.
func left(tb testing.TB, b *bus.Bus) {
	tb.Helper()
	trimmer := b.NewTrimmer(bus.Bridge)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		if err := trimmer.Trim(tb.Context()); err != nil {
			tb.Fatal(err)
		}
		if _, err := b.Last(tb.Context(), bus.Bridge, bus.BridgeFirst("demo")); errors.Is(err, bus.ErrNotFound) {
			return
		}
	}
	tb.Error("the last message is still there")
}
