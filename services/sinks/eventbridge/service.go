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
	busy    *busyLanes
	client  putter // nil when there is no bus to send to
}

// eventSource is the ce-source of what the sink emits.
const eventSource = "/ringback/eventbridge"

// sink is the name of the sink in figures and in the log of attempts.
const sink = "eventbridge"

// sinkTries bounds faults of our own, such as an event that cannot be read. What the bus does is not counted here.
const sinkTries = 10

// trimEvery is how often what is done is removed from the lanes.
const trimEvery = 500 * time.Millisecond

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
		busy: newBusyLanes(),
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
		for _, lane := range s.busy.take() {
			floor, err := s.deps.Bus.TrimDone(ctx, bus.Bridge, bus.BridgeConsumer(lane), done[lane])
			if err != nil && ctx.Err() == nil {
				s.deps.Log.Warn("lane not trimmed", "lane", lane, "err", err)
			}
			done[lane] = floor
		}
	}
}

// busyLanes remembers which lanes worked, so that nothing is asked about the others.
type busyLanes struct {
	mu     sync.Mutex
	rounds map[string]int // how many times each lane is still to be named
}

// busyRounds is how often a lane is named after it worked: once more than needed, because the last acknowledgement may
// still be on its way the first time.
const busyRounds = 2

// newBusyLanes begins with every lane: a predecessor may have left something.
func newBusyLanes() *busyLanes {
	b := &busyLanes{rounds: map[string]int{}}
	for _, lane := range bus.LaneNames(bus.BridgeLanes) {
		b.rounds[lane] = busyRounds
	}
	return b
}

func (b *busyLanes) note(lane string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rounds[lane] = busyRounds
}

// take lists the lanes that worked since it was called last.
func (b *busyLanes) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var busy []string
	for lane := range b.rounds {
		busy = append(busy, lane)
		if b.rounds[lane]--; b.rounds[lane] == 0 {
			delete(b.rounds, lane)
		}
	}
	return busy
}
