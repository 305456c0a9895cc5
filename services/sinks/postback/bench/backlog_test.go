package bench_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/figure"
)

const (
	backlog = 100_000
	// neighbours are the endpoints beside the dead one, number 0.
	neighbours = 99
)

// BenchmarkBacklog lets a hundred thousand deliveries wait for one dead endpoint, looks at the others meanwhile, and times
// how all of them arrive once it lives again.
func BenchmarkBacklog(b *testing.B) {
	for b.Loop() {
		h := openHouse(b)
		sink := h.sink()
		h.receiver.ask("from 1")
		h.tell(0, 1+neighbours, span{0, 1 + neighbours})
		h.arrived(1+neighbours, time.Minute)
		before := h.beside(500)
		h.receiver.ask("dead 1 0")
		h.tell(0, backlog, span{0, 1})
		most := h.parkAll(sink, backlog)
		during := h.beside(500)
		h.receiver.ask("reset")
		h.receiver.ask("dead 0 0")
		begun := time.Now()
		r := h.arrived(backlog, 10*time.Minute)
		b.Logf("others: p99 %s before, %s while %d waited; at most %d attempts and %d unacknowledged at the dead one; all arrived within %s of its return, %d of them twice",
			time.Duration(before.P99), time.Duration(during.P99), backlog, most.attempts, most.pending,
			time.Since(begun).Round(time.Second), r.Count-r.Unique)
		figure.Add("delivery.backlog_p99_ratio", float64(during.P99)/float64(before.P99), "ratio")
		figure.Add("delivery.backlog_attempts", float64(most.attempts), "attempts")
		figure.Add("delivery.backlog_lost", float64(backlog-r.Unique), "deliveries")
		figure.Add("delivery.backlog_drain_s", time.Since(begun).Seconds(), "s")
	}
}

// beside makes events for the neighbours alone, for ten seconds, and returns how late they were.
func (h *house) beside(perSecond int) report {
	h.tb.Helper()
	h.receiver.ask("reset")
	told := h.tellAt(perSecond, 10*time.Second, span{1, neighbours}, nil)
	return h.arrived(told, time.Minute)
}

// pressure is what a dead endpoint took at most.
type pressure struct {
	attempts int // in progress at a time
	pending  int // handed to the sink and not acknowledged
}

// parkAll waits until so many deliveries are parked.
func (h *house) parkAll(sink *child, n int) pressure {
	h.tb.Helper()
	var most pressure
	deadline := time.Now().Add(5 * time.Minute)
	for {
		counts, err := h.bus.Counts(h.tb.Context(), bus.Parked, bus.HookParkedFilter)
		if err != nil {
			h.tb.Fatal(err)
		}
		if attempts, err := strconv.Atoi(sink.ask("inflight")); err == nil {
			most.attempts = max(most.attempts, attempts)
		}
		parked := 0
		for _, count := range counts {
			parked += int(count)
		}
		waiting, err := h.bus.Pending(h.tb.Context(), bus.Hooks, bus.HookConsumer(bus.HookLane(delivery.Endpoint(tenant, address(0, h.port)))))
		if err != nil {
			h.tb.Fatal(err)
		}
		most.pending = max(most.pending, waiting)
		if parked >= n-retriesAside {
			return most
		}
		if time.Now().After(deadline) {
			h.tb.Fatalf("%d of %d deliveries are parked", parked, n)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// retriesAside is how many deliveries may be timers of their own: those that were tried before the endpoint broke.
const retriesAside = 10
