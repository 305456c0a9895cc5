package callback

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
)

// Deps is what the sink works with.
type Deps = delivery.Deps

// Service is the callback sink.
type Service struct {
	config  Config
	deps    Deps
	log     *delivery.Log
	marks   *bus.Committer
	results *delivery.Results
}

// eventSource is the ce-source of what the sink emits.
const eventSource = "/ringback/callback"

// sinkTries bounds faults of our own; what the endpoint does is not counted here.
const sinkTries = 10

// New makes the sink; it fails on a config that cannot work.
func New(config Config, deps Deps) (*Service, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if deps.Schedule == nil {
		deps.Schedule = delivery.DefaultSchedule()
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
	committing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var marks, working errgroup.Group
	marks.Go(func() error { return s.marks.Run(committing) })
	working.Go(func() error {
		return s.deps.Bus.Translate(ctx, bus.Translation{
			Stream: bus.Events, Filters: bus.Results(), Reader: bus.CallbackResultReader, Target: bus.Media,
			Cursor: bus.MediaCursor("results"), Newest: true, Kind: "media", Translate: s.result,
		})
	})
	working.Go(func() error {
		return s.deps.Bus.Translate(ctx, bus.Translation{
			Stream: bus.MediaStream, Filters: []string{bus.MediaChanges}, Reader: bus.CallbackChangeReader,
			Target: bus.Media, Cursor: bus.MediaCursor("changes"), Newest: true, Kind: "media", Translate: s.change,
		})
	})
	working.Go(func() error {
		return s.deps.Bus.Work(ctx, bus.Media, bus.CallbackDueConsumer, s.config.InFlight, bus.Duty{
			Handle: s.due, Kind: "media", Tries: sinkTries, Grace: s.config.Grace,
		})
	})
	err := working.Wait()
	stop()
	if stopped := marks.Wait(); err == nil {
		err = stopped
	}
	return err
}

// next is the end of the window that now falls into.
func (s *Service) next(application, item string) func(time.Time) time.Time {
	return func(now time.Time) time.Time { return windowEnd(now, s.config.Window, bus.MediaKey(application, item)) }
}
