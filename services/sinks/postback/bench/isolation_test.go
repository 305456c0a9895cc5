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

// windows and window say for how long a state is looked at that lasts. The figures are medians of the windows: a disk that
// stops for a moment falls into one or two of them, and not upon the ratio.
const (
	windows = 7
	window  = 16 * time.Second
)

// isolation is two houses that are told the same, each with a sink of its own on the same machine: in one of them
// endpoints fall silent, and nothing ever does in the other. What the machine does to one it does to the other as well.
type isolation struct {
	struck, control *house
	watch           *sinkWatch
}

// BenchmarkIsolation measures the healthy endpoints beside those of a house where all are healthy: before the others fall
// silent, while they do, and then once they are probed as seldom as after some minutes.
func BenchmarkIsolation(b *testing.B) {
	const falls, settling = 30 * time.Second, 90 * time.Second
	for b.Loop() {
		pair := openIsolation(b)
		_, alike := pair.typical("all healthy", 3)
		before := pair.watch.rss
		pair.struck.receiver.ask(fmt.Sprintf("dead %d %d", deadOnes, drippingOnes))
		_, falling := pair.measure("falling", falls)
		growth, goroutines := pair.watch.rss-before, pair.watch.goroutines
		pair.measure("settling", settling)
		p99, ratio := pair.typical("half silent", windows)
		figure.Add("delivery.isolation_p99_ratio", ratio, "ratio")
		figure.Add("delivery.isolation_p99_ratio_falling", falling, "ratio")
		figure.Add("delivery.isolation_p99_ratio_healthy", alike, "ratio")
		figure.Add("delivery.isolation_p99_ms", p99, "ms")
		figure.Add("delivery.isolation_rss_growth_mb", max(growth, pair.watch.rss-before), "MiB")
		figure.Add("delivery.isolation_goroutines", float64(max(goroutines, pair.watch.goroutines)), "goroutines")
		figure.Add("delivery.rss_mb_10k", before, "MiB")
	}
}

// openIsolation opens both houses and lets them get to know all their endpoints.
func openIsolation(b *testing.B) *isolation {
	b.Helper()
	pair := &isolation{struck: openHouse(b), control: openHouse(b)}
	pair.watch = &sinkWatch{sink: pair.struck.sink()}
	pair.control.sink()
	for _, h := range []*house{pair.struck, pair.control} {
		h.receiver.ask(fmt.Sprintf("from %d", deadOnes+drippingOnes))
		h.tell(0, isolated, span{0, isolated})
		h.arrived(isolated, time.Minute)
	}
	return pair
}

// measure makes as many events for both houses. It returns the p99 of the struck one's healthy endpoints in milliseconds,
// and what that is over the p99 of the same endpoints of the other.
func (i *isolation) measure(name string, phase time.Duration) (p99, ratio float64) {
	const rate = 150
	i.watch.reset()
	i.struck.receiver.ask("reset")
	i.control.receiver.ask("reset")
	told := make(chan int)
	go func() { told <- i.control.tellAt(rate, phase, span{0, isolated}, nil) }()
	i.struck.tellAt(rate, phase, span{0, isolated}, i.watch.look)
	<-told
	ours, control := i.struck.report(), i.control.report()
	i.struck.tb.Logf("%-11s p50 %s, p99 %s, worst %s, all healthy p99 %s; %.0f MiB, %d goroutines, %d requests unanswered",
		name, short(ours.P50), short(ours.P99), short(ours.Max), short(control.P99), i.watch.rss, i.watch.goroutines, ours.Silent)
	return float64(ours.P99) / 1e6, float64(ours.P99) / float64(control.P99)
}

// typical measures some windows of a state that lasts, and returns the medians.
func (i *isolation) typical(name string, n int) (p99, ratio float64) {
	var all, ratios []float64
	for range n {
		p99, ratio := i.measure(name, window)
		all, ratios = append(all, p99), append(ratios, ratio)
	}
	return figure.Median(all), figure.Median(ratios)
}

// short is a time in nanoseconds for people.
func short(ns int64) time.Duration { return time.Duration(ns).Round(100 * time.Microsecond) }

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
