package telemetry

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts what the services do, on a registry of its own. Labels are bounded: no application, endpoint or job is
// one, and a label takes a limited number of values whatever a caller passes. Safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	accepted   *counter
	results    *counter
	deliveries *counter
	attempts   *counter
	removed    *counter
	freed      *counter
	render     prometheus.Histogram
	attempt    *prometheus.HistogramVec
	lag        *prometheus.HistogramVec
	held       *prometheus.GaugeVec
	oldest     *prometheus.GaugeVec
	inFlight   *prometheus.GaugeVec
	kinds      *bounded
	sinks      *bounded
}

// NewMetrics makes metrics that start at zero and name the version of the program.
func NewMetrics(version string) *Metrics {
	r := prometheus.NewRegistry()
	m := &Metrics{
		registry:   r,
		accepted:   newCounter(r, "ringback_jobs_accepted_total", "Jobs accepted, by dialect.", "dialect"),
		results:    newCounter(r, "ringback_results_total", "Results published, by state.", "state"),
		deliveries: newCounter(r, "ringback_deliveries_total", "Deliveries that came to an end, by sink and outcome.", "sink", "outcome"),
		attempts:   newCounter(r, "ringback_attempts_total", "Attempts at deliveries, by sink and class of failure; ok when there was none.", "sink", "class"),
		removed:    newCounter(r, "ringback_blobs_removed_total", "Blobs that were removed because they were old or too many, by area.", "area"),
		freed:      newCounter(r, "ringback_blobs_removed_bytes_total", "Size of the blobs that were removed, by area.", "area"),
		render: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "ringback_render_seconds", Help: "Time to render one job.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 14), // 5 ms to 41 s
		}),
		attempt: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ringback_attempt_seconds", Help: "Time of one attempt at a delivery, by sink.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 15), // 1 ms to 16 s, past the deadline of a post
		}, []string{"sink"}),
		lag: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "ringback_delivery_lag_seconds",
			Help:    "Time from when an attempt was due to its begin, by sink; what was held or put off counts from when it was due first.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 14), // 1 ms to 18 h
		}, []string{"sink"}),
		held: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ringback_deliveries_held", Help: "Deliveries that are parked because their endpoint cannot take them now, as far as this process knows, by sink.",
		}, []string{"sink"}),
		oldest: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ringback_delivery_overdue_seconds", Help: "How long the oldest delivery that waits in this process is overdue, by sink.",
		}, []string{"sink"}),
		inFlight: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ringback_in_flight", Help: "What is being worked on now, by kind.",
		}, []string{"kind"}),
		kinds: newBounded(), sinks: newBounded(),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "ringback_build_info", Help: "1, with the version of the program.",
	}, []string{"version"})
	build.WithLabelValues(version).Set(1)
	r.MustRegister(m.render, m.attempt, m.lag, m.held, m.oldest, m.inFlight, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// JobAccepted counts a job that was accepted through a dialect.
func (m *Metrics) JobAccepted(dialect string) { m.accepted.add(dialect) }

// ResultPublished counts a job that ended in a state.
func (m *Metrics) ResultPublished(state string) { m.results.add(state) }

// BlobsRemoved counts blobs of an area that were removed, and their bytes.
func (m *Metrics) BlobsRemoved(area string, blobs int, bytes int64) {
	m.removed.grow(float64(blobs), area)
	m.freed.grow(float64(bytes), area)
}

// Rendered notes how long one job took to render.
func (m *Metrics) Rendered(took time.Duration) { m.render.Observe(took.Seconds()) }

// Attempted counts one attempt of a sink and how long it took. class is "" when it succeeded.
func (m *Metrics) Attempted(sink, class string, took time.Duration) {
	if class == "" {
		class = "ok"
	}
	m.attempts.add(sink, class)
	m.attempt.WithLabelValues(m.sinks.value(sink)).Observe(took.Seconds())
}

// Lagged notes how long after it was due an attempt of a sink began.
func (m *Metrics) Lagged(sink string, late time.Duration) {
	m.lag.WithLabelValues(m.sinks.value(sink)).Observe(max(late, 0).Seconds())
}

// Waiting tells how many deliveries of a sink are parked, and how long the oldest that waits is overdue.
func (m *Metrics) Waiting(sink string, parked int, overdue time.Duration) {
	m.held.WithLabelValues(m.sinks.value(sink)).Set(float64(parked))
	m.oldest.WithLabelValues(m.sinks.value(sink)).Set(max(overdue, 0).Seconds())
}

// Delivered counts a delivery that came to an end: delivered, exhausted, held and so on.
func (m *Metrics) Delivered(sink, outcome string) { m.deliveries.add(sink, outcome) }

// InFlight counts one more thing of a kind as being worked on, until the function that it returns is called.
func (m *Metrics) InFlight(kind string) (done func()) {
	gauge := m.inFlight.WithLabelValues(m.kinds.value(kind))
	gauge.Inc()
	return gauge.Dec
}

// Handler serves the metrics in the Prometheus text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
