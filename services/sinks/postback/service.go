package postback

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
)

// Deps is what the sink works with.
type Deps = delivery.Deps

// Service is the postback sink.
type Service struct {
	config  Config
	deps    Deps
	log     *delivery.Log
	timers  *bus.Committer
	results *delivery.Results
	gates   *gates
}

// sinkTries bounds faults of our own, such as a delivery that cannot be read. What the endpoint does is not counted here.
const sinkTries = 10

// trimEvery is how often what is done is removed from the lanes.
const trimEvery = 500 * time.Millisecond

// New makes the sink; it fails on a config that cannot work.
func New(config Config, deps Deps) (*Service, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if deps.Schedule == nil {
		deps.Schedule = delivery.DefaultSchedule()
	}
	return &Service{
		config: config, deps: deps, log: delivery.NewLog(deps.Bus, eventSource, deps.Log), timers: deps.Bus.NewCommitter(),
		results: delivery.NewResults(deps.Bus, deps.Key), gates: newGates(config.EndpointInFlight),
	}, nil
}

// Run delivers until ctx ends; attempts in progress then get the grace of the config.
func (s *Service) Run(ctx context.Context) error {
	select {
	case <-s.deps.Applications.Loaded(): // nothing may be sent unsigned because a secret was not read yet
	case <-ctx.Done():
		return nil
	}
	committing, stop := context.WithCancel(context.WithoutCancel(ctx))
	var group errgroup.Group
	group.Go(func() error { return s.timers.Run(committing) })
	var working sync.WaitGroup
	run := func(work func() error) {
		working.Add(1)
		group.Go(func() error { defer working.Done(); return work() })
	}
	run(func() error {
		return s.deps.Bus.Translate(ctx, bus.Translation{
			Stream: bus.Events, Filters: bus.Results(), Reader: bus.PostbackReader, Target: bus.Hooks,
			Cursor: bus.HookCursor, Kind: "event", Translate: s.translate,
		})
	})
	for _, lane := range bus.LaneNames(bus.HookLanes) {
		run(func() error {
			return s.deps.Bus.Work(ctx, bus.Hooks, bus.HookConsumer(lane), s.config.LaneInFlight, bus.Duty{
				Handle: s.attempt, Kind: "hook", Tries: sinkTries, Grace: s.config.Grace,
			})
		})
	}
	run(func() error { s.trim(ctx); return nil })
	working.Wait()
	stop()
	return group.Wait()
}

// trim removes what is done. The stream keeps its messages, because to remove each on its acknowledgement would cost a
// write to disk for each.
func (s *Service) trim(ctx context.Context) {
	ticker := time.NewTicker(trimEvery)
	defer ticker.Stop()
	done := map[string]uint64{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, lane := range s.gates.busyLanes() {
			floor, err := s.deps.Bus.TrimDone(ctx, bus.Hooks, bus.HookConsumer(lane), done[lane])
			if err != nil && ctx.Err() == nil {
				s.deps.Log.Warn("lane not trimmed", "lane", lane, "err", err)
			}
			done[lane] = floor
		}
	}
}
