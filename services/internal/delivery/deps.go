package delivery

import (
	"context"
	"log/slog"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/seal"
	"github.com/ringback/ringback/services/internal/telemetry"
)

// Poster makes one attempt.
type Poster interface {
	Post(ctx context.Context, request outbound.Request) (outbound.Attempt, error)
}

// Applications knows the secrets that sign.
type Applications interface {
	ByID(id string) (application.Application, bool)
	// Loaded is closed once every secret that was stored is known: nothing may be sent unsigned before.
	Loaded() <-chan struct{}
}

// Deps is what a sink that posts works with.
type Deps struct {
	Bus          *bus.Bus
	Applications Applications
	Key          seal.Key
	Poster       Poster
	Metrics      *telemetry.Metrics
	Log          *slog.Logger
	// Schedule is when failed attempts are repeated; [DefaultSchedule] when it is nil.
	Schedule Schedule
}
