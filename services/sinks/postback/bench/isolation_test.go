package bench_test

import (
	"fmt"
	"slices"
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

// windows and window say for how long a state is looked at that lasts. The figure is the median of the windows: a disk that
// stops for a moment falls into one or two of them, and not upon the ratio.
const (
	windows = 7
	window  = 8 * time.Second
)

// BenchmarkIsolation measures the healthy endpoints while all are healthy, then while the others fall silent, and then
// once they are probed as seldom as after some minutes.
func BenchmarkIsolation(b *testing.B) {
	const rate, falls, settling = 300, 30 * time.Second, 90 * time.Second
	for b.Loop() {
		h := openHouse(b)
		sink := h.sink()
		h.receiver.ask(fmt.Sprintf("from %d", deadOnes+drippingOnes))
		h.tell(0, isolated, span{0, isolated})
		h.arrived(isolated, time.Minute)
		watch := &sinkWatch{sink: sink}
		measure := func(name string, phase time.Duration) time.Duration {
			h.receiver.ask("reset")
			watch.reset()
			h.tellAt(rate, phase, span{0, isolated}, watch.look)
			r := h.report()
			b.Logf("%-12s p50 %s, p99 %s, worst %s; %.0f MiB, %d goroutines, %d requests unanswered", name,
				time.Duration(r.P50), time.Duration(r.P99), time.Duration(r.Max), watch.rss, watch.goroutines, r.Silent)
			return time.Duration(r.P99)
		}
		typical := func(name string) float64 {
			var p99 []time.Duration
			for range windows {
				p99 = append(p99, measure(name, window))
			}
			slices.Sort(p99)
			return float64(p99[windows/2])
		}
		healthy := typical("all healthy")
		before := watch.rss
		h.receiver.ask(fmt.Sprintf("dead %d %d", deadOnes, drippingOnes))
		falling := float64(measure("falling", falls))
		growth, goroutines := watch.rss-before, watch.goroutines
		measure("settling", settling)
		silent := typical("half silent")
		figure.Add("delivery.isolation_p99_ratio", silent/healthy, "ratio")
		figure.Add("delivery.isolation_p99_ratio_falling", falling/healthy, "ratio")
		figure.Add("delivery.isolation_p99_ms", silent/1e6, "ms")
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
