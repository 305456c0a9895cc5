package bench_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/figure"
)

const (
	rounds = 3
	posts  = 30_000
)

// BenchmarkRate delivers stored events, and lets the bare client post as much, in turn, at one, a hundred and ten thousand
// endpoints.
func BenchmarkRate(b *testing.B) {
	for b.Loop() {
		h := openHouse(b)
		client := start(b, "bare")
		client.line()
		for _, endpoints := range sizes() {
			var ours, theirs, ratios, costs []float64
			for round := range rounds {
				rate, memory, cost := h.deliver(endpoints)
				ours, costs = append(ours, rate), append(costs, cost)
				h.receiver.ask("reset")
				client.ask(fmt.Sprintf("%d %d %d", endpoints, h.port, posts))
				theirs = append(theirs, h.report().perSecond())
				ratios = append(ratios, ours[round]/theirs[round])
				b.Logf("%d endpoints, round %d: %.0f deliveries/s (%.0f MiB, %.0f µs of processor each), bare client %.0f/s", endpoints, round+1, rate, memory, cost, theirs[round])
			}
			name := fmt.Sprintf("delivery.%%s.%d", endpoints)
			figure.Add(fmt.Sprintf(name, "per_s"), figure.Median(ours), "deliveries/s")
			figure.Add(fmt.Sprintf(name, "bare_per_s"), figure.Median(theirs), "posts/s")
			figure.Add(fmt.Sprintf(name, "bare_ratio"), figure.Median(ratios), "ratio")
			figure.Add(fmt.Sprintf(name, "sink_cpu_us"), figure.Median(costs), "us")
		}
	}
}

// deliver stores events while no sink runs, starts one, and returns how many a second it delivered, what memory it took,
// and how many microseconds each delivery kept a processor busy in the sink's process alone.
func (h *house) deliver(endpoints int) (perSecond, memory, cost float64) {
	h.tb.Helper()
	h.receiver.ask("reset")
	h.tell(0, posts, span{0, endpoints})
	sink := h.sink()
	if path := os.Getenv("RINGBACK_BENCH_PROFILE"); path != "" {
		sink.ask("profile " + path)
	}
	perSecond = h.arrived(posts, 2*time.Minute).perSecond()
	memory, cost = sink.rss(), float64(sink.cpu().Microseconds())/posts
	sink.stop()
	return perSecond, memory, cost
}

// sizes are the numbers of endpoints that are measured; RINGBACK_BENCH_ENDPOINTS picks one.
func sizes() []int {
	if one, err := strconv.Atoi(os.Getenv("RINGBACK_BENCH_ENDPOINTS")); err == nil {
		return []int{one}
	}
	return []int{1, 100, 10_000}
}
