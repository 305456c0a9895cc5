package postback

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/collection"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
)

// Deps is what the sink works with.
type Deps = delivery.Deps

// Service is the postback sink.
type Service struct {
	config     Config
	deps       Deps
	log        *delivery.Log
	store      *bus.Committer
	results    *delivery.Results
	endpoints  *delivery.Endpoints
	dispatcher *dispatcher
	yard       *yard
	trimmer    *bus.Trimmer
	herald     *delivery.Herald
	replays    *delivery.Replays
	journal    *delivery.Journal
	items      *collection.Collection

	base    context.Context //nolint:containedctx // of what goes on beside attempts; ends when Run does
	spawned sync.WaitGroup
}

const (
	// kind is the word for deliveries in RINGBACK_DEAD.
	kind = "hook"
	// sinkTries bounds faults of our own, such as a delivery that cannot be read. What the endpoint does is not counted here.
	sinkTries = 10
	// replaysAtATime is how many replays make a step at the same time.
	replaysAtATime = 4
	// lookEvery is how often the metrics of what waits are renewed, and lost timers.
	lookEvery = 5 * time.Second
)

// New makes the sink; it fails on a config that cannot work.
func New(config Config, deps Deps) (*Service, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	s := &Service{
		config: config, deps: deps, log: delivery.NewLog(deps.Bus, eventSource, deps.Log), store: deps.Bus.NewCommitter(),
		results: delivery.NewResults(deps.Bus, deps.Key),
	}
	s.trimmer = deps.Bus.NewTrimmer(bus.Hooks)
	s.yard = newYard(deps.Bus, config.EndpointQuota, deps.Log)
	s.yard.noted = s.parked
	return s, nil
}

// Run delivers until ctx ends; attempts in progress then get the grace of the config.
func (s *Service) Run(ctx context.Context) error {
	select {
	case <-s.deps.Applications.Loaded(): // nothing may be sent unsigned because a secret was not read yet
	case <-ctx.Done():
		return nil
	}
	bucket, err := s.deps.Bus.Bucket(ctx, bus.EndpointBucket)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	s.journal = delivery.NewJournal(s.deps.Bus)
	s.replays, err = delivery.NewReplays(ctx, s.deps.Bus)
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
	s.dispatcher = s.newDispatcher()
	s.endpoints.OnChange(s.dispatcher.changed)
	s.yard.empty, s.yard.active = s.dispatcher.calm, s.active
	return s.run(ctx)
}

func (s *Service) newDispatcher() *dispatcher {
	return &dispatcher{
		config: s.config, standings: s.endpoints, attempt: s.attempt, park: s.yard.park, aside: s.aside,
		drained: s.refill, worked: s.trimmer.Worked, endpoints: map[string]*endpoint{}, held: map[string]int{}, flow: newFlow(s.config),
		met: func(e *endpoint) { s.herald.Met(e.application, e.id, e.url) },
		turned: func(e *endpoint, turn delivery.Turn, newest outbound.Attempt) {
			s.herald.Turned(e.application, e.id, e.url, turn, newest)
		},
	}
}

// run starts what goes on beside deliveries, then the lanes; at the end it stops them in the other order, because what is
// in progress needs a place for what becomes of it.
func (s *Service) run(ctx context.Context) error {
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	s.base = base
	var beside errgroup.Group
	beside.Go(func() error { return s.store.Run(base) })
	beside.Go(func() error { return s.yard.store.Run(base) })
	beside.Go(func() error { s.yard.run(base); return nil })
	beside.Go(func() error { s.herald.Run(base); return nil })
	beside.Go(func() error { s.dispatcher.watch(base); return nil })
	beside.Go(func() error { s.look(base); return nil })
	beside.Go(func() error { s.endpoints.Run(base); return nil })
	select {
	case <-s.endpoints.Loaded(): // nothing may go to an endpoint that was paused
	case <-ctx.Done():
	}
	defer context.AfterFunc(ctx, s.dispatcher.stop)()
	err := s.work(ctx)
	s.dispatcher.running.Wait()
	s.spawned.Wait()
	stop()
	return errors.Join(err, beside.Wait())
}

// work translates results and delivers until ctx ends and nothing is in hand any more.
func (s *Service) work(ctx context.Context) error {
	var group errgroup.Group
	group.Go(func() error {
		return s.deps.Bus.Translate(ctx, bus.Translation{
			Stream: bus.Events, Filters: bus.Results(), Reader: bus.PostbackReader, Target: bus.Hooks,
			Cursor: bus.HookCursor, Kind: "event", Translate: s.translate,
		})
	})
	for _, lane := range bus.LaneNames(bus.HookLanes) {
		group.Go(func() error {
			duty := bus.Duty{Kind: kind, Tries: sinkTries, Grace: s.config.Grace}
			return s.deps.Bus.Claim(ctx, bus.Hooks, bus.HookConsumer(lane), duty, s.take)
		})
	}
	group.Go(func() error {
		duty := bus.Duty{Handle: s.replay, Kind: kind, Tries: sinkTries, Grace: s.config.Grace}
		return s.deps.Bus.Work(ctx, bus.Hooks, bus.ReplayConsumer, replaysAtATime, duty)
	})
	group.Go(func() error { s.trimmer.Run(ctx); return nil })
	return group.Wait()
}

// take is handed every message of the lanes.
func (s *Service) take(c *bus.Claim) {
	turn, whose, ok := bus.ParseHook(c.Message.Subject)
	if !ok {
		c.Settle(bus.Reject(errors.New("not a delivery")))
		return
	}
	//nolint:contextcheck // the message's own context, which outlives a stop by the grace
	switch turn {
	case "round":
		s.trimmer.Worked()
		s.spawn(func(context.Context) { c.Settle(s.round(c.Context(), whose)) })
		return
	case "wake":
		s.trimmer.Worked()
		s.spawn(func(context.Context) {
			c.Settle(s.wake(c.Context(), whose, c.Message.Header.Get(bus.HeaderApplication)))
		})
		return
	}
	if released := c.Message.Header.Get(headerReleased); released != "" {
		s.yard.cameBack(released)
	}
	s.dispatcher.take(&item{
		message: c.Message, address: c.Message.Header.Get(headerAddress), late: turn != "first",
		replay: c.Message.Header.Get(headerReplay), work: c.Context(), settle: c.Settle, giveBack: c.GiveBack,
	})
}

// spawn runs what Run waits for before it ends.
func (s *Service) spawn(f func(context.Context)) {
	s.spawned.Go(func() { f(s.base) })
}

// parked logs that a delivery is held, or had no place any more.
func (s *Service) parked(it *item, reason string, over bool) {
	p, err := s.unpack(it.message)
	if err != nil {
		return // the attempt rejects it, and says why
	}
	entry := events.Delivery{
		ID: p.ID, Job: p.Job, Sink: "postback", Endpoint: it.endpoint.id, Target: delivery.Shown(p.URL),
		Attempt: made(it.message), Reason: reason, Replay: it.replay,
	}
	if it.attempted != nil {
		entry = delivery.Entry(entry, *it.attempted)
	}
	if over {
		s.exhaust(p, it, entry, errQuota.Error())
		return
	}
	s.log.Note(p.Application, it.endpoint.id, delivery.Held, entry)
}

// look renews the metrics of what waits, and timers that were lost, until ctx ends.
func (s *Service) look(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			s.yard.tend(ctx)
			parked, oldest := s.yard.overview()
			if waiting := s.dispatcher.oldest(); oldest.IsZero() || !waiting.IsZero() && waiting.Before(oldest) {
				oldest = waiting
			}
			overdue := time.Duration(0)
			if !oldest.IsZero() {
				overdue = now.Sub(oldest)
			}
			s.deps.Metrics.Waiting("postback", parked, overdue)
		}
	}
}
