package bus_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
)

// TestTrimmer removes what all lanes are done with, and nothing that one is not: what no lane holds, what is held, and
// what nobody was handed yet.
func TestTrimmer(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	busy := "busy"
	other := elsewhere(busy) // in a lane that nobody works on at first
	subjects := map[string]string{
		"busy": bus.HookFirst(busy), "other": bus.HookFirst(other), "retry": bus.HookRetry(busy, "d"), "cursor": bus.HookCursor,
	}
	waits := func(name string) bool {
		_, err := b.Last(t.Context(), bus.Hooks, subjects[name])
		if err != nil && !errors.Is(err, bus.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	trimmer := b.NewTrimmer(bus.Hooks)
	// trimmed trims until a message is gone, for a second acknowledgement may be on its way.
	trimmed := func(name string) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(10 * time.Millisecond) {
			if err := trimmer.Trim(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !waits(name) {
				return
			}
		}
		t.Fatalf("%s is still there", name)
	}
	claims := make(chan *bus.Claim, 10)
	claimUntilDone(t, b, busy, func(c *bus.Claim) { claims <- c })
	for _, name := range []string{"retry", "cursor", "busy"} {
		publish(t, b, bus.Out{Subject: subjects[name], Data: []byte(name)})
	}
	arrived(t, claims).Settle(nil)
	trimmed("busy")
	if !waits("retry") || !waits("cursor") {
		t.Error("what is in no lane was removed")
	}

	publish(t, b, bus.Out{Subject: subjects["other"]}) // nobody is handed this one
	publish(t, b, bus.Out{Subject: subjects["busy"]})
	held := arrived(t, claims)
	publish(t, b, bus.Out{Subject: subjects["busy"]})
	arrived(t, claims).Settle(nil)
	pending(t, b, busy, 1)
	for range 3 {
		if err := trimmer.Trim(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if !waits("other") || !waits("busy") {
		t.Error("a message that a lane is not done with was removed, or one behind it")
	}
	claimUntilDone(t, b, other, func(c *bus.Claim) { c.Settle(nil) })
	trimmed("other")
	if _, err := b.Next(t.Context(), bus.Hooks, subjects["busy"], 0); err != nil {
		t.Errorf("the held message is gone: %v", err)
	}
	held.Settle(nil)
	trimmed("busy")
}

// elsewhere is an endpoint of another lane.
func elsewhere(endpoint string) string {
	for i := 0; ; i++ {
		if other := "e" + strconv.Itoa(i); bus.HookLane(other) != bus.HookLane(endpoint) {
			return other
		}
	}
}
