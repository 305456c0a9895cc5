package bus_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
)

func TestClaim(t *testing.T) {
	t.Parallel()

	t.Run("SettledMessageIsNotHandedOutAgain", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		claims := make(chan *bus.Claim, 10)
		stop := claimUntilDone(t, b, "e", func(c *bus.Claim) { claims <- c })
		publish(t, b, bus.Out{Subject: bus.HookFirst("e"), Data: []byte("1")})
		c := arrived(t, claims)
		pending(t, b, "e", 1)
		c.Settle(nil)
		pending(t, b, "e", 0)
		stop()
		claimUntilDone(t, b, "e", func(c *bus.Claim) { claims <- c })
		publish(t, b, bus.Out{Subject: bus.HookFirst("e"), Data: []byte("2")})
		next := arrived(t, claims)
		if string(next.Message.Data) != "2" {
			t.Errorf("got %q, want what was not settled", next.Message.Data)
		}
		next.Settle(nil)
	})

	t.Run("GivenBackMessageComesAtOnceAndUncounted", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		claims := make(chan *bus.Claim, 10)
		claimUntilDone(t, b, "e", func(c *bus.Claim) { claims <- c })
		publish(t, b, bus.Out{Subject: bus.HookFirst("e"), Data: []byte("1")})
		arrived(t, claims).GiveBack()
		given := time.Now()
		again := arrived(t, claims)
		if took := time.Since(given); took > 9*time.Second || !again.Message.Redelivered || again.Message.Attempt != 1 {
			t.Errorf("came after %s, redelivered %v, attempt %d; want at once and as the first", took, again.Message.Redelivered, again.Message.Attempt)
		}
		again.Settle(nil)
	})

	t.Run("StopWaitsForWhatIsHeldAndTheNextGetsIt", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		claims := make(chan *bus.Claim, 10)
		ctx, cancel := context.WithCancel(t.Context())
		finished := claim(ctx, b, "e", func(c *bus.Claim) { claims <- c })
		publish(t, b, bus.Out{Subject: bus.HookFirst("e"), Data: []byte("1")})
		held := arrived(t, claims)
		cancel()
		arrived(t, held.Context().Done())
		select {
		case err := <-finished:
			t.Errorf("returned %v while a message was held", err)
		default:
		}
		held.Settle(context.Cause(held.Context()))
		if err := arrived(t, finished); err != nil {
			t.Error(err)
		}
		claimUntilDone(t, b, "e", func(c *bus.Claim) { claims <- c })
		again := arrived(t, claims)
		if string(again.Message.Data) != "1" || !again.Message.Redelivered {
			t.Errorf("got %q, redelivered %v, want what the other held", again.Message.Data, again.Message.Redelivered)
		}
		again.Settle(nil)
	})

	t.Run("NoMoreAreHeldThanTheWindow", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		claims := make(chan *bus.Claim, 2*bus.HookWindow)
		claimUntilDone(t, b, "e", func(c *bus.Claim) { claims <- c })
		outs := make([]bus.Out, bus.HookWindow+10)
		for i := range outs {
			outs[i] = bus.Out{Subject: bus.HookFirst("e"), Data: fmt.Append(nil, i)}
		}
		if _, err := b.PublishAtomic(t.Context(), outs); err != nil {
			t.Fatal(err)
		}
		var held []*bus.Claim
		for range bus.HookWindow {
			held = append(held, arrived(t, claims))
		}
		pending(t, b, "e", bus.HookWindow)
		select {
		case c := <-claims:
			t.Errorf("%q came beyond the window", c.Message.Data)
			c.Settle(nil)
		case <-time.After(300 * time.Millisecond):
		}
		for range len(outs) - len(held) { // each that is settled makes room for one more
			held[0].Settle(nil)
			held = append(held[1:], arrived(t, claims))
		}
		for _, c := range held {
			c.Settle(nil)
		}
		pending(t, b, "e", 0)
	})
}

// claim takes what comes for an endpoint's lane.
func claim(ctx context.Context, b *bus.Bus, endpoint string, take func(*bus.Claim)) <-chan error {
	finished := make(chan error, 1)
	duty := bus.Duty{Kind: "hook", Tries: 3}
	go func() { finished <- b.Claim(ctx, bus.Hooks, bus.HookConsumer(bus.HookLane(endpoint)), duty, take) }()
	return finished
}

// claimUntilDone is claim until it is stopped, or the test ends.
func claimUntilDone(t *testing.T, b *bus.Bus, endpoint string, take func(*bus.Claim)) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	finished := claim(ctx, b, endpoint, take)
	return func() {
		t.Helper()
		cancel()
		if err := arrived(t, finished); err != nil {
			t.Error(err)
		}
	}
}

// pending waits until a lane has so many messages in hand.
func pending(t *testing.T, b *bus.Bus, endpoint string, want int) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for {
		got, err := b.Pending(t.Context(), bus.Hooks, bus.HookConsumer(bus.HookLane(endpoint)))
		if err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d messages are in hand, want %d", got, want)
		}
	}
}
