package callback

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/collection"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
)

// Deps is what the sink works with.
type Deps = delivery.Deps

// Service is the callback sink.
type Service struct {
	config    Config
	deps      Deps
	log       *delivery.Log
	marks     *bus.Committer
	results   *delivery.Results
	items     *collection.Collection
	endpoints *delivery.Endpoints
	herald    *delivery.Herald
	gate      *gate
	waiting   waiting
}

const (
	// eventSource is the ce-source of what the sink emits.
	eventSource = "/ringback/callback"
	// kind is the word for callbacks in RINGBACK_DEAD.
	kind = "media"
	// sinkTries bounds faults of our own; what the endpoint does is not counted here.
	sinkTries = 10
	// lookEvery is how often the metrics of what waits are renewed.
	lookEvery = 5 * time.Second
)

// New makes the sink; it fails on a config that cannot work.
func New(config Config, deps Deps) (*Service, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return &Service{
		config: config, deps: deps, log: delivery.NewLog(deps.Bus, eventSource, deps.Log), marks: deps.Bus.NewCommitter(),
		results: delivery.NewResults(deps.Bus, deps.Key),
	}, nil
}

// Run gathers and posts until ctx ends; callbacks in progress then get the grace of the config.
func (s *Service) Run(ctx context.Context) error {
	select {
	case <-s.deps.Applications.Loaded(): // nothing may be sent unsigned because a secret was not read yet
	case <-ctx.Done():
		return nil
	}
	bucket, err := s.deps.Bus.Bucket(ctx, bus.EndpointBucket)
	if err == nil {
		s.items, err = collection.Open(ctx, s.deps.Bus, eventSource)
	}
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	s.endpoints = delivery.NewEndpoints(bucket, s.deps.Log)
	s.herald = delivery.NewHerald(s.deps.Bus, s.endpoints, eventSource, s.deps.Log)
	s.gate = newGate(s.config, s.endpoints)
	s.gate.met = func(to spot) { s.herald.Met(to.application, to.endpoint, to.origin) }
	s.gate.turned = func(to spot, turn delivery.Turn, newest outbound.Attempt) {
		s.herald.Turned(to.application, to.endpoint, to.origin, turn, newest)
	}
	return s.run(ctx)
}

// run starts what goes on beside callbacks, then the callbacks; at the end it stops them in the other order, because what
// is in progress needs a place for what becomes of it.
func (s *Service) run(ctx context.Context) error {
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var beside errgroup.Group
	var resuming sync.WaitGroup
	s.endpoints.OnChange(s.changed(func(resumed delivery.Standing) {
		resuming.Go(func() { s.resume(base, resumed) })
	}))
	beside.Go(func() error { return s.marks.Run(base) })
	beside.Go(func() error { s.herald.Run(base); return nil })
	beside.Go(func() error { s.endpoints.Run(base); return nil })
	beside.Go(func() error { s.look(base); return nil })
	select {
	case <-s.endpoints.Loaded(): // nothing may go to an endpoint that was paused
	case <-ctx.Done():
	}
	err := s.work(ctx)
	stop()
	err = errors.Join(err, beside.Wait())
	resuming.Wait()
	return err
}

// work gathers and posts until ctx ends and nothing is in progress any more.
func (s *Service) work(ctx context.Context) error {
	var working errgroup.Group
	working.Go(func() error {
		return s.deps.Bus.Translate(ctx, bus.Translation{
			Stream: bus.Events, Filters: bus.Results(), Reader: bus.CallbackResultReader, Target: bus.Media,
			Cursor: bus.MediaCursor("results"), Newest: true, Kind: kind, Translate: s.result,
		})
	})
	working.Go(func() error {
		return s.deps.Bus.Translate(ctx, bus.Translation{
			Stream: bus.MediaStream, Filters: []string{bus.MediaChanges}, Reader: bus.CallbackChangeReader,
			Target: bus.Media, Cursor: bus.MediaCursor("changes"), Newest: true, Kind: kind, Translate: s.change,
		})
	})
	working.Go(func() error {
		return s.deps.Bus.Work(ctx, bus.Media, bus.CallbackDueConsumer, s.config.InFlight, bus.Duty{
			Handle: s.due, Kind: kind, Tries: sinkTries, Grace: s.config.Grace,
		})
	})
	return working.Wait()
}

// windows are those of an item: of the application's own length, if it has one.
func (s *Service) windows(application, item string) windows {
	length := s.config.Window
	if app, _ := s.deps.Applications.ByID(application); app.Settings.Media != nil && app.Settings.Media.Window != nil {
		length = time.Duration(*app.Settings.Media.Window)
	}
	return windowsOf(length, bus.MediaKey(application, item))
}

// look renews the metrics of what waits, and forgets endpoints that have nothing to do, until ctx ends.
func (s *Service) look(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			held, oldest := s.waiting.overview(now)
			s.deps.Metrics.Waiting("callback", held, oldest)
			s.gate.forget(now)
		}
	}
}
