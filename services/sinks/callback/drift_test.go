package callback_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/figure"
	"github.com/ringback/ringback/services/sinks/callback"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// BenchmarkDrift changes 2,000 items of forty endpoints within one window, and says how long after the ends of their
// windows their callbacks came.
func BenchmarkDrift(b *testing.B) {
	const items, endpoints, window = 2000, 40, 20 * time.Second
	for b.Loop() {
		h := sinktest.Open(b)
		s := sink(window)
		receiver := sinktest.Receive(b, sinktest.Accept, nil)
		h.Start(s)
		for i := range items {
			result := h.NewResult()
			result.Media.ID = fmt.Sprint("item", i)
			if err := h.Publish(result, record(fmt.Sprintf("http://127.0.1.%d%s", i%endpoints+1, receiver.URL[len("http://127.0.0.1"):]))); err != nil {
				b.Fatal(err)
			}
		}
		var late []float64
		for range items {
			a := receiver.Next(b)
			late = append(late, float64(drift(b, fields(a)["id"], window, a))/float64(time.Millisecond))
		}
		p50, p99, most := figure.Quantile(late, 0.5), figure.Quantile(late, 0.99), figure.Quantile(late, 1)
		b.Logf("%d items in a window of %s: p50 %.1f ms, p99 %.1f ms, worst %.1f ms", items, window, p50, p99, most)
		figure.Add("callback.drift_p50_ms", p50, "ms")
		figure.Add("callback.drift_p99_ms", p99, "ms")
	}
}

// drift is how long after the end of its window a callback came, which its id tells.
func drift(tb testing.TB, item string, window time.Duration, a sinktest.Arrival) time.Duration {
	tb.Helper()
	end := callback.WindowEnd(a.At, window, sinktest.Application, item)
	for range 10 {
		if end = end.Add(-window); callback.ID(sinktest.Application, item, end) == a.ID {
			return a.At.Sub(end)
		}
	}
	tb.Fatalf("%s is of no window that ended lately", a.ID)
	return 0
}
