package sinktest

import (
	"context"
	"log/slog"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/seal"
	"github.com/ringback/ringback/services/internal/telemetry"
)

// Runner is a sink at work.
type Runner interface {
	Run(ctx context.Context) error
}

// Deps is what a house gives a sink to work with.
type Deps struct {
	Bus          *bus.Bus
	Applications *application.Directory
	Key          seal.Key
	Poster       *outbound.Client
	Metrics      *telemetry.Metrics
	Log          *slog.Logger
	Schedule     delivery.Schedule
}

// Sink is what a sink declares about itself.
type Sink struct {
	// New makes it. Its attempts must end within five seconds, and a stop must give them a second of grace.
	New func(Deps) (Runner, error)
	// Record is the private half of a job that wants to be told at each of the addresses by this sink.
	Record func(urls ...string) job.Record
	// About tells which job an arrival is about. Each job of the suite has a media item with the job's id.
	About func(Arrival) string
	// Check says what is wrong with an arrival: its form, its signature. It is asked for every single one.
	Check func(Arrival, application.Application) error
	// EventKind and DeliveryKind are its words in RINGBACK_DEAD for an event that cannot be read and for a delivery that
	// has no attempt left.
	EventKind, DeliveryKind string
	// GoneHolds tells that a delivery is held, and not given up, when its endpoint answers 410.
	GoneHolds bool
	// Width reads the width of the newest output from an arrival. It is set by sinks that promise to tell of a media
	// item's states in their order; others leave it nil.
	Width func(Arrival) int
}
