package ingest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/certs"
	"github.com/ringback/ringback/services/internal/collection"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/library"
	"github.com/ringback/ringback/services/internal/seal"
	"github.com/ringback/ringback/services/internal/telemetry"
)

// Store keeps uploads and serves outputs. Delete lets go of the upload of a refused job.
type Store interface {
	Put(ctx context.Context, key string, data []byte, contentType string) error
	PutFrom(ctx context.Context, key string, body io.Reader, size int64, contentType string) error
	PresignPut(ctx context.Context, key string, a blob.Announcement) (blob.Presigned, error)
	Stat(ctx context.Context, key string) (blob.Info, error)
	NewReader(ctx context.Context, key string) (*blob.Reader, error)
	Delete(ctx context.Context, key string) error
	List(ctx context.Context, prefix, after string, n int) (list []blob.Listed, next string, err error)
}

// Guard checks the addresses that a client names, before they are used.
type Guard interface {
	CheckURL(rawURL string) error
}

// Deps is what ingest works with.
type Deps struct {
	Bus          *bus.Bus
	Applications *application.Directory
	Key          seal.Key
	Store        Store
	// UploadsKept is for how long a job may name an upload: not longer than they are kept.
	UploadsKept time.Duration
	Guard       Guard
	// Poster sends tests of endpoints: the same that deliveries go through.
	Poster  delivery.Poster
	Health  *telemetry.Health
	Metrics *telemetry.Metrics
	Log     *slog.Logger
	// Listening, if set, is told the address once it is listened on.
	Listening func(address string)
}

// Service is the front door.
type Service struct {
	config       Config
	deps         Deps
	idKey        []byte
	uploadSecret []byte
	publicURL    string

	jobs         *bus.Committer
	bars         *bars
	polls        *polls
	hub          *hub
	inbox        *inbox
	status       *bus.Bucket
	idempotency  *bus.Bucket
	applications *application.Store
	journal      *delivery.Journal
	replays      *delivery.Replays
	endpoints    *delivery.Endpoints
	tests        *tests
	library      *library.Library
	items        *collection.Collection
	chunks       *chunks
	deriving     singleflight.Group
	listener     *onceListener
	tlsListener  *onceListener // nil without HTTPS
	stopping     chan struct{}
}

// stopGrace is how long requests in progress may go on after a stop was asked for; those that wait for results are
// answered at once, and streams end.
const stopGrace = 10 * time.Second

// New makes the front door and takes its address, so that links can name it; it fails on a config that cannot work and
// on a taken address.
func New(ctx context.Context, config Config, deps Deps) (*Service, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	status, err := deps.Bus.Bucket(ctx, bus.StatusBucket)
	if err != nil {
		return nil, err
	}
	idempotency, err := deps.Bus.Bucket(ctx, bus.IdempotencyBucket)
	if err != nil {
		return nil, err
	}
	applications, err := deps.Bus.Bucket(ctx, bus.ApplicationBucket)
	if err != nil {
		return nil, err
	}
	endpoints, err := deps.Bus.Bucket(ctx, bus.EndpointBucket)
	if err != nil {
		return nil, err
	}
	replays, err := delivery.NewReplays(ctx, deps.Bus)
	if err != nil {
		return nil, err
	}
	assets, err := library.Open(ctx, deps.Bus)
	if err != nil {
		return nil, err
	}
	items, err := collection.Open(ctx, deps.Bus, eventSource)
	if err != nil {
		return nil, err
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", config.Addr)
	if err != nil {
		return nil, fmt.Errorf("RINGBACK_HTTP_ADDR %s cannot be listened on; set it to another address: %w", config.Addr, err)
	}
	tlsListener, err := listenTLS(ctx, config)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	publicURL := config.PublicURL
	if publicURL == "" {
		publicURL = "http://" + listener.Addr().String()
	}
	return &Service{
		config: config, deps: deps, idKey: deps.Key.Derive("job ids"), uploadSecret: deps.Key.Derive("uploads"), publicURL: publicURL,
		jobs: deps.Bus.NewCommitter(), bars: newBars(config.Rate), polls: newPolls(config.PollRate), hub: newHub(config),
		inbox: newInbox(), status: status, idempotency: idempotency,
		applications: application.NewStore(applications, deps.Key), listener: &onceListener{Listener: listener}, tlsListener: tlsListener,
		journal: delivery.NewJournal(deps.Bus), replays: replays, endpoints: delivery.NewEndpoints(endpoints, deps.Log),
		tests:   newTests(),
		library: assets, items: items, chunks: &chunks{bucket: idempotency, store: deps.Store, most: int64(config.MaxBody)},
		stopping: make(chan struct{}),
	}, nil
}

// listenTLS listens for HTTPS, nil when it is not wanted.
func listenTLS(ctx context.Context, config Config) (*onceListener, error) {
	if config.TLSAddr == "" {
		return nil, nil
	}
	secure, err := certs.Config(certs.Files{Cert: config.CertFile, Key: config.KeyFile})
	if err != nil {
		return nil, fmt.Errorf("RINGBACK_HTTPS_ADDR: %w; 'ringback tls' makes a certificate for development", err)
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", config.TLSAddr)
	if err != nil {
		return nil, fmt.Errorf("RINGBACK_HTTPS_ADDR %s cannot be listened on; set it to another address: %w", config.TLSAddr, err)
	}
	return &onceListener{Listener: tls.NewListener(listener, secure)}, nil
}

// closeListeners lets nobody in any more.
func (s *Service) closeListeners() error {
	err := s.listener.Close()
	if s.tlsListener != nil {
		err = errors.Join(err, s.tlsListener.Close())
	}
	return err
}

// Run serves until ctx ends; then it takes no more requests and finishes those it has. It runs once: the address is gone
// afterwards.
func (s *Service) Run(ctx context.Context) error {
	stopListening, err := s.deps.Bus.Listen(live, s.hub.note)
	if err != nil {
		return errors.Join(err, s.closeListeners())
	}
	defer stopListening()
	defer s.deps.Bus.OnGap(s.hub.missed)()
	select {
	case <-s.deps.Applications.Loaded():
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		return s.closeListeners()
	}
	app := s.routes() //nolint:contextcheck // requests have contexts of their own
	committing, stop := context.WithCancel(context.WithoutCancel(ctx))
	var group errgroup.Group
	group.Go(func() error { return s.jobs.Run(committing) })
	group.Go(func() error { return s.items.Run(committing) })
	group.Go(func() error {
		defer stop()
		return s.serve(ctx, app)
	})
	return group.Wait()
}

func (s *Service) serve(ctx context.Context, app *fiber.App) error {
	stopped := make(chan error, 1)
	defer context.AfterFunc(ctx, func() {
		close(s.stopping)
		s.hub.stop()
		// First, and by us: the server knows nothing of its listener until it has begun to accept.
		err := s.closeListeners()
		stopped <- errors.Join(err, app.ShutdownWithTimeout(stopGrace))
	})()
	if s.deps.Listening != nil {
		s.deps.Listening(s.listener.Addr().String())
	}
	var serving errgroup.Group
	// One that breaks takes the other along: half a front door would look like a whole one.
	run := func(serve func() error) {
		serving.Go(func() error { return errors.Join(serve(), s.closeListeners()) })
	}
	run(func() error { return app.Listener(s.listener) })
	if s.tlsListener != nil {
		s.deps.Log.Info("https is served", "address", s.tlsListener.Addr().String())
		run(func() error { return app.Server().Serve(s.tlsListener) })
	}
	if err := serving.Wait(); err != nil {
		return fmt.Errorf("serve http: %w", err)
	}
	if err := <-stopped; err != nil {
		s.deps.Log.Warn("requests were cut", "err", err)
	}
	return nil
}

// onceListener can be closed by us and by the server, which takes a second close for a failure.
type onceListener struct {
	net.Listener
	once sync.Once
	err  error
}

// Close closes the listener once and says each time how that went.
func (l *onceListener) Close() error {
	l.once.Do(func() { l.err = l.Listener.Close() })
	return l.err
}
