package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/services/ingest"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/retention"
	"github.com/ringback/ringback/services/internal/screenshot"
	"github.com/ringback/ringback/services/processor"
	"github.com/ringback/ringback/services/sinks/callback"
	"github.com/ringback/ringback/services/sinks/eventbridge"
	"github.com/ringback/ringback/services/sinks/postback"
)

// Runner is a service at work. Run returns nil when it ended because ctx did; any error ends the process.
type Runner interface {
	Run(ctx context.Context) error
}

// stage is when a service starts: lower stages first, and they stop last.
type stage int

const (
	sinkStage stage = iota
	processorStage
	ingestStage
)

// Row is one service.
type Row struct {
	// Name is what `ringback run` takes.
	Name string
	// Summary is what the service does, in a line.
	Summary string

	stage    stage
	validate func(Config) error
	build    func(context.Context, *house) (Runner, error)
}

// Services is the one list of services. The command line, the README and the files in deploy are read from it or
// checked against it.
var Services = []Row{
	{
		Name: "postback", Summary: "tells clients of results by signed HTTP posts", stage: sinkStage,
		validate: func(c Config) error { return errors.Join(c.Outbound.Validate(), c.Postback.Validate()) },
		build:    buildPostback,
	},
	{
		Name: "callback", Summary: "tells clients of changed media items by XML, once a window", stage: sinkStage,
		validate: func(c Config) error { return errors.Join(c.Outbound.Validate(), c.Callback.Validate()) },
		build:    buildCallback,
	},
	{
		Name: "eventbridge", Summary: "tells clients of results by events on an AWS EventBridge bus", stage: sinkStage,
		validate: func(c Config) error { return c.EventBridge.Validate() },
		build:    buildEventBridge,
	},
	{
		Name: "processor", Summary: "fetches, renders and stores pictures, and removes old ones", stage: processorStage,
		validate: func(c Config) error {
			return errors.Join(c.Outbound.Validate(), c.Blob.Validate(), c.Retention.Validate(), c.Processor.Validate(),
				c.Render.Validate(), c.Screenshot.Validate())
		},
		build: buildProcessor,
	},
	{
		Name: "ingest", Summary: "takes jobs over HTTP and answers for them", stage: ingestStage,
		validate: func(c Config) error {
			return errors.Join(c.Outbound.Validate(), c.Blob.Validate(), c.Ingest.Validate())
		},
		build: buildIngest,
	},
}

// ErrUnknownService is returned when a service is named that does not exist.
var ErrUnknownService = errors.New("unknown service")

// Names lists every service.
func Names() []string {
	names := make([]string, len(Services))
	for i, row := range Services {
		names[i] = row.Name
	}
	return names
}

// pick finds the named services, in the order of the table; all of them when none is named.
func pick(names []string) ([]Row, error) {
	if len(names) == 0 {
		return Services, nil
	}
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	var rows []Row
	for _, row := range Services {
		if wanted[row.Name] {
			rows = append(rows, row)
			delete(wanted, row.Name)
		}
	}
	for name := range wanted {
		return nil, fmt.Errorf("%w %q: there are %s", ErrUnknownService, name, strings.Join(Names(), ", "))
	}
	return rows, nil
}

func buildPostback(_ context.Context, h *house) (Runner, error) {
	return postback.New(h.config.Postback, postback.Deps{
		Bus: h.bus, Applications: h.directory, Key: h.key, Poster: h.outbound, Metrics: h.metrics, Log: h.logger("postback"),
	})
}

func buildCallback(_ context.Context, h *house) (Runner, error) {
	return callback.New(h.config.Callback, callback.Deps{
		Bus: h.bus, Applications: h.directory, Key: h.key, Poster: h.outbound, Metrics: h.metrics, Log: h.logger("callback"),
	})
}

func buildEventBridge(_ context.Context, h *house) (Runner, error) {
	return eventbridge.New(h.config.EventBridge, eventbridge.Deps{
		Bus: h.bus, Applications: h.directory, Key: h.key, Metrics: h.metrics, Log: h.logger("eventbridge"),
	})
}

func buildProcessor(ctx context.Context, h *house) (Runner, error) {
	store, err := h.pictures(ctx)
	if err != nil {
		return nil, err
	}
	pool, err := imaging.NewPool(h.config.Render, h.logger("render"))
	if err != nil {
		return nil, err
	}
	h.onClose(func() error { pool.Close(); return nil })
	camera, err := screenshot.New(h.config.Screenshot, h.outbound, h.logger("screenshot"))
	if err != nil {
		return nil, err
	}
	sweeper, err := retention.New(h.config.Retention, retention.Deps{
		Bus: h.bus, Store: store, Metrics: h.metrics, Log: h.logger("retention"),
	})
	if err != nil {
		return nil, err
	}
	worker, err := processor.New(h.config.Processor, processor.Deps{
		Bus: h.bus, Applications: h.directory, Key: h.key, Renderer: pool, Camera: camera, Fetcher: h.outbound, Sender: h.outbound, Store: store,
		Metrics: h.metrics, Log: h.logger("processor"),
	})
	if err != nil {
		return nil, err
	}
	return together{worker, sweeper}, nil
}

// together is a service of several parts that start and end as one.
type together []Runner

// Run runs all parts; the first that fails ends the others.
func (t together) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, part := range t {
		group.Go(func() error { return part.Run(ctx) })
	}
	return group.Wait()
}

func buildIngest(ctx context.Context, h *house) (Runner, error) {
	if err := h.firstApplication(ctx); err != nil {
		return nil, err
	}
	store, err := h.pictures(ctx)
	if err != nil {
		return nil, err
	}
	settings := h.config.Ingest
	settings.UploadMaxSize = min(settings.UploadMaxSize, config.ByteSize(h.config.Render.MaxMemory))
	return ingest.New(ctx, settings, ingest.Deps{
		Bus: h.bus, Applications: h.directory, Key: h.key, Store: store, UploadsKept: h.config.Retention.UploadsUsable(),
		Guard: h.outbound.Guard(), Poster: h.outbound, Health: h.health,
		Metrics: h.metrics, Log: h.logger("ingest"), Listening: h.listening,
	})
}
