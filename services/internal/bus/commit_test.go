package bus_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
)

// TestCommitter_TimerThatALaterOneReplaces sets a timer twice in one write: both are told that it is stored, and the later
// is the one that fires.
func TestCommitter_TimerThatALaterOneReplaces(t *testing.T) {
	t.Parallel()
	const others = 30 // enough for one write together
	b := bustest.Open(t)
	committer := b.NewCommitter()
	acks := make([]bus.Ack, others+2)
	stored := make(chan error, len(acks))
	submit := func(i int, out bus.Out) {
		t.Helper()
		done := func(ack bus.Ack, err error) { acks[i] = ack; stored <- err }
		if err := committer.Submit(t.Context(), done, out); err != nil {
			t.Fatal(err)
		}
	}
	timer := func(data string, after time.Duration) bus.Out {
		return bus.Out{Subject: bus.HookRetry("e", "timer"), Target: bus.HookLate("e"), At: time.Now().Add(after), Data: []byte(data)}
	}
	for i := range len(acks) {
		switch i {
		case 5:
			submit(i, timer("earlier", 500*time.Millisecond))
		case 20:
			submit(i, timer("later", time.Second))
		default:
			submit(i, bus.Out{Subject: bus.HookRetry("e", strconv.Itoa(i)), Data: fmt.Append(nil, i)})
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	finished := make(chan error, 1)
	go func() { finished <- committer.Run(ctx) }()
	for range acks {
		if err := arrived(t, stored); err != nil {
			t.Error(err)
		}
	}
	cancel()
	if err := arrived(t, finished); err != nil {
		t.Error(err)
	}
	for i, ack := range acks {
		want := uint64(i + 1)
		if i >= 5 {
			want = uint64(i) // the earlier timer has no place of its own
		}
		if ack.Sequence != want {
			t.Errorf("unit %d is at %d, want %d: all went in one write", i, ack.Sequence, want)
		}
	}
	fired := make(chan string, 2)
	claimUntilDone(t, b, "e", func(c *bus.Claim) { fired <- string(c.Message.Data); c.Settle(nil) })
	if got := arrived(t, fired); got != "later" {
		t.Errorf("%q fired, want the later timer", got)
	}
}
