package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/telemetry"
)

// Hooks tell whoever started the process what happens; each may be nil.
type Hooks struct {
	// Listening is told the address of HTTP once it is served.
	Listening func(address string)
	// FirstApplication is told the application that was made because there was none.
	FirstApplication func(application.Application)
	// Ready is called once every service runs.
	Ready func()
}

// stageDeadline is how long the services of one stage may take to stop. It is longer than any service's own grace.
const stageDeadline = 30 * time.Second

// Run runs the named services, all of them when none is named, until ctx ends or one of them fails. They start
// bottom-up (bus, sinks, processor, ingest) and stop top-down. The first failure stops the process and is returned with
// the name of its service.
func Run(ctx context.Context, config Config, names []string, log *slog.Logger, hooks Hooks) error {
	if err := config.Validate(names); err != nil {
		return err
	}
	rows, err := pick(names)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(rows, func(row Row) bool { return row.stage != sinkStage }) {
		telemetry.TuneCollector()
	}
	h, err := openHouse(ctx, config, log, hooks)
	if err != nil {
		return err
	}
	return errors.Join(runServices(ctx, h, rows), h.close())
}

func runServices(ctx context.Context, h *house, rows []Row) error {
	failed := make(chan error, len(rows)+2) // one for each service, the directory and the operations' server
	base := newStage(context.WithoutCancel(ctx))
	base.run("applications", h.directory.Run, failed)
	if !hasIngest(rows) {
		base.run("operations", h.serveOperations, failed)
	}
	stages := []*runningStage{base}
	for current := sinkStage; current <= ingestStage; current++ {
		next, err := startStage(ctx, h, rows, current, failed)
		stages = append(stages, next)
		if err != nil {
			return errors.Join(err, stopStages(h, stages))
		}
	}
	h.health.SetReady()
	if h.hooks.Ready != nil {
		h.hooks.Ready()
	}
	var err error
	select {
	case <-ctx.Done():
		h.log.Info("stopping")
	case err = <-failed:
		h.log.Error("a service failed, stopping", "err", err)
	}
	h.health.SetNotReady("stopping")
	return errors.Join(err, stopStages(h, stages))
}

// runningStage is the services that start and stop together.
type runningStage struct {
	ctx     context.Context //nolint:containedctx // the stage is the owner of its goroutines
	cancel  context.CancelFunc
	running sync.WaitGroup
	names   []string
}

func newStage(ctx context.Context) *runningStage {
	ctx, cancel := context.WithCancel(ctx)
	return &runningStage{ctx: ctx, cancel: cancel}
}

func (s *runningStage) run(name string, run func(context.Context) error, failed chan<- error) {
	s.names = append(s.names, name)
	s.running.Go(func() {
		err := run(s.ctx)
		switch {
		case err != nil:
			failed <- fmt.Errorf("service %s: %w", name, err)
		case s.ctx.Err() == nil:
			failed <- fmt.Errorf("service %s ended by itself", name)
		}
	})
}

func startStage(ctx context.Context, h *house, rows []Row, current stage, failed chan<- error) (*runningStage, error) {
	s := newStage(context.WithoutCancel(ctx))
	for _, row := range rows {
		if row.stage != current {
			continue
		}
		runner, err := row.build(ctx, h)
		if err != nil {
			return s, fmt.Errorf("service %s: %w", row.Name, err)
		}
		s.run(row.Name, runner.Run, failed)
		h.log.Info("started", "service", row.Name)
	}
	return s, nil
}

// stopStages stops what was started last first, each stage with its deadline.
func stopStages(h *house, stages []*runningStage) error {
	var errs []error
	for _, s := range slices.Backward(stages) {

		s.cancel()
		stopped := make(chan struct{})
		go func() { s.running.Wait(); close(stopped) }()
		select {
		case <-stopped:
			h.log.Debug("stopped", "services", s.names)
		case <-time.After(stageDeadline):
			errs = append(errs, fmt.Errorf("services %v did not stop within %s", s.names, stageDeadline))
		}
	}
	return errors.Join(errs...)
}

func hasIngest(rows []Row) bool {
	for _, row := range rows {
		if row.stage == ingestStage {
			return true
		}
	}
	return false
}
