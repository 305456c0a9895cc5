package bench_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/figure"
)

// Of ten thousand endpoints half fall silent and one in a hundred answers a byte a second; the others are measured.
const (
	isolated     = 10_000
	deadOnes     = isolated / 2
	drippingOnes = isolated / 100
)

// BenchmarkIsolation measures the healthy endpoints while all are healthy, then while the others fall silent, and then
// once they are probed as seldom as after some minutes.
func BenchmarkIsolation(b *testing.B) {
	const rate, phase, settling = 300, 30 * time.Second, 90 * time.Second
	for b.Loop() {
		h := openHouse(b)
		sink := h.sink()
		h.receiver.ask(fmt.Sprintf("from %d", deadOnes+drippingOnes))
		h.tell(0, isolated, span{0, isolated})
		h.arrived(isolated, time.Minute)
		watch := &sinkWatch{sink: sink}
		measure := func(name string, phase time.Duration) report {
			h.receiver.ask("reset")
			watch.reset()
			h.tellAt(rate, phase, span{0, isolated}, watch.look)
			r := h.report()
			b.Logf("%-12s p50 %s, p99 %s, worst %s; %.0f MiB, %d goroutines, %d requests unanswered", name,
				time.Duration(r.P50), time.Duration(r.P99), time.Duration(r.Max), watch.rss, watch.goroutines, r.Silent)
			return r
		}
		healthy := measure("all healthy", phase)
		before := watch.rss
		h.receiver.ask(fmt.Sprintf("dead %d %d", deadOnes, drippingOnes))
		falling := measure("falling", phase)
		growth, goroutines := watch.rss-before, watch.goroutines
		measure("settling", settling)
		silent := measure("half silent", phase)
		figure.Add("delivery.isolation_p99_ratio", float64(silent.P99)/float64(healthy.P99), "ratio")
		figure.Add("delivery.isolation_p99_ratio_falling", float64(falling.P99)/float64(healthy.P99), "ratio")
		figure.Add("delivery.isolation_p99_ms", float64(silent.P99)/1e6, "ms")
		figure.Add("delivery.isolation_rss_growth_mb", max(growth, watch.rss-before), "MiB")
		figure.Add("delivery.isolation_goroutines", float64(max(goroutines, watch.goroutines)), "goroutines")
		figure.Add("delivery.rss_mb_10k", before, "MiB")
	}
}

// sinkWatch keeps the most that a sink took.
type sinkWatch struct {
	sink       *child
	rss        float64
	goroutines int
}

func (w *sinkWatch) reset() { w.rss, w.goroutines = 0, 0 }

func (w *sinkWatch) look() {
	w.rss = max(w.rss, w.sink.rss())
	if n, err := strconv.Atoi(w.sink.ask("goroutines")); err == nil {
		w.goroutines = max(w.goroutines, n)
	}
}
