package processor

import (
	"context"
	"log/slog"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/collection"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/library"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/seal"
	"github.com/ringback/ringback/services/internal/storage"
	"github.com/ringback/ringback/services/internal/telemetry"
)

// Renderer turns one picture into others.
type Renderer interface {
	Render(ctx context.Context, request imaging.Request) (imaging.Response, error)
	Slots() int
	// Limits are those that sources and recipes have to keep.
	Limits() recipe.Limits
}

// Fetcher gets a source over the network, guarded.
type Fetcher interface {
	Fetch(ctx context.Context, url string) (outbound.Body, error)
}

// Camera draws pages of the web.
type Camera interface {
	Shoot(ctx context.Context, page job.Page) ([]byte, error)
}

// Store keeps pictures.
type Store interface {
	Put(ctx context.Context, key string, data []byte, contentType string) error
	Get(ctx context.Context, key string) (data []byte, contentType string, err error)
	Delete(ctx context.Context, key string) error
}

// Deps is what the processor works with.
type Deps struct {
	Bus *bus.Bus
	// Applications and Key are for what is read from and written to buckets of the applications'.
	Applications *application.Directory
	Key          seal.Key
	Renderer     Renderer
	Fetcher      Fetcher
	Camera       Camera
	Sender       storage.Sender
	Store        Store
	Metrics      *telemetry.Metrics
	Log          *slog.Logger
}

// Service is the processor.
type Service struct {
	config  Config
	deps    Deps
	results *bus.Committer
	library *library.Library
	items   *collection.Collection
}

// New makes a processor; it fails on a config that cannot work.
func New(config Config, deps Deps) (*Service, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return &Service{config: config, deps: deps, results: deps.Bus.NewCommitter()}, nil
}

// Run works on jobs until ctx ends; jobs in progress then get the grace of the config.
func (s *Service) Run(ctx context.Context) error {
	select {
	case <-s.deps.Applications.Loaded(): // an account that was not read yet would be taken for none
	case <-ctx.Done():
		return nil
	}
	assets, err := library.Open(ctx, s.deps.Bus)
	if err == nil {
		s.items, err = collection.Open(ctx, s.deps.Bus, eventSource)
	}
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	s.library = assets
	// Results must still be stored while the last jobs end.
	committing, stop := context.WithCancel(context.WithoutCancel(ctx))
	var group errgroup.Group
	group.Go(func() error { return s.results.Run(committing) })
	group.Go(func() error {
		defer stop()
		return s.deps.Bus.TakeJobs(ctx, jobsFor(s.deps.Renderer.Slots()), bus.Duty{
			Handle: s.handle, Buried: s.bury, Kind: "job", Tries: s.config.Tries, Confirm: true, Grace: s.config.Grace,
		})
	})
	return group.Wait()
}

// jobsFor is how many jobs may be in progress: one for each renderer, and as many again that fetch or store meanwhile,
// so that no renderer waits for the network or the disk.
func jobsFor(renderers int) int { return 2 * renderers }
