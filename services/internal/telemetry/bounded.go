package telemetry

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// maxValues is how many values a label takes. Those that we use are fewer; more means that a caller passes what comes
	// from outside, which must not fill the memory of whoever stores the metrics.
	maxValues = 16
	// other stands for all values past that.
	other = "other"
)

// bounded lets the first values of a label through.
type bounded struct {
	mu   sync.RWMutex
	seen map[string]bool
}

func newBounded() *bounded { return &bounded{seen: map[string]bool{}} }

func (b *bounded) value(text string) string {
	b.mu.RLock()
	known, full := b.seen[text], len(b.seen) >= maxValues
	b.mu.RUnlock()
	switch {
	case known:
		return text
	case full:
		return other
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.seen[text] && len(b.seen) >= maxValues {
		return other
	}
	b.seen[text] = true
	return text
}

// counter is a counter with bounded labels.
type counter struct {
	vec    *prometheus.CounterVec
	labels []*bounded
}

func newCounter(r *prometheus.Registry, name, help string, labels ...string) *counter {
	c := &counter{vec: prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)}
	for range labels {
		c.labels = append(c.labels, newBounded())
	}
	r.MustRegister(c.vec)
	return c
}

func (c *counter) add(values ...string) { c.grow(1, values...) }

func (c *counter) grow(by float64, values ...string) {
	for i, b := range c.labels {
		values[i] = b.value(values[i]) //nolint:gosec // there is a label for each value
	}
	c.vec.WithLabelValues(values...).Add(by)
}
