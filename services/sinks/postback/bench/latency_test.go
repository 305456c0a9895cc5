package bench_test

import (
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/figure"
)

// BenchmarkLatency makes five thousand events a second for a thousand endpoints, and times each at the receiver.
func BenchmarkLatency(b *testing.B) {
	const rate, endpoints = 5000, 1000
	for b.Loop() {
		h := openHouse(b)
		h.sink()
		h.tell(0, endpoints, span{0, endpoints})
		h.arrived(endpoints, time.Minute)
		h.receiver.ask("reset")
		told := h.tellAt(rate, 15*time.Second, span{0, endpoints}, nil)
		r := h.arrived(told, time.Minute)
		b.Logf("%d events at %d/s: p50 %s, p99 %s, worst %s", told, rate, time.Duration(r.P50), time.Duration(r.P99), time.Duration(r.Max))
		figure.Add("delivery.p50_ms_at_5000", float64(r.P50)/1e6, "ms")
		figure.Add("delivery.p99_ms_at_5000", float64(r.P99)/1e6, "ms")
	}
}
