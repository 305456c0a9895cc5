package eventbridge

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
)

// Deps is what the sink works with. It has a way out of its own, so the Poster is not used.
type Deps = delivery.Deps

// Service is the EventBridge sink.
type Service struct {
	config  Config
	deps    Deps
	log     *delivery.Log
	timers  *bus.Committer
	results *delivery.Results
	slots   chan struct{} // one for each request that may be in progress
	brake   *brake
	trimmer *bus.Trimmer
	client  putter // nil when there is no bus to send to
}

// eventSource is the ce-source of what the sink emits.
const eventSource = "/ringback/eventbridge"

// sink is the name of the sink in figures and in the log of attempts.
const sink = "eventbridge"

// sinkTries bounds faults of our own, such as an event that cannot be read. What the bus does is not counted here.
const sinkTries = 10

// linger is how long an event waits for others to share its request with. Those that are there already take no longer
// than that to be handed over, and nobody notices it on a lone one.
const linger = 3 * time.Millisecond

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
		results: delivery.NewResults(deps.Bus, deps.Key), slots: make(chan struct{}, config.InFlight), brake: newBrake(),
		trimmer: deps.Bus.NewTrimmer(bus.Bridge),
	}, nil
}

// Run sends until ctx ends; requests in progress then get the grace of the config. It fails when the AWS settings of the
// machine cannot be read.
func (s *Service) Run(ctx context.Context) error {
	select {
	case <-s.deps.Applications.Loaded(): // what an application wants is in its settings
	case <-ctx.Done():
		return nil
	}
	if s.config.Enabled() {
		client, closeIdle, err := newClient(ctx, s.config)
		if err != nil {
			return err
		}
		defer closeIdle()
		s.client = client
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
			Stream: bus.Events, Filters: bus.Results(), Reader: bus.EventBridgeReader, Target: bus.Bridge,
			Cursor: bus.BridgeCursor, Kind: "event", Translate: s.translate,
		})
	})
	for _, lane := range bus.LaneNames(bus.BridgeLanes) {
		run(func() error {
			return s.deps.Bus.WorkBatches(ctx, bus.Bridge, bus.BridgeConsumer(lane), s.config.InFlight, bus.BatchDuty{
				Handle: s.handle, Most: maxEntries, Linger: linger,
				Duty: bus.Duty{Kind: "bridge", Tries: sinkTries, Grace: s.config.Grace},
			})
		})
	}
	run(func() error { s.trimmer.Run(ctx); return nil })
	working.Wait()
	stop()
	return group.Wait()
}
