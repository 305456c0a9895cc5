package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/seal"
	"github.com/ringback/ringback/services/internal/telemetry"
)

// house is what the services of one process share.
type house struct {
	config    Config
	log       *slog.Logger
	key       seal.Key
	bus       *bus.Bus
	directory *application.Directory
	store     *blob.Store
	outbound  *outbound.Client
	health    *telemetry.Health
	metrics   *telemetry.Metrics
	hooks     Hooks
	closers   []func() error
}

// openHouse makes what the services share, bottom-up. What was made before a failure is closed again.
func openHouse(ctx context.Context, config Config, log *slog.Logger, hooks Hooks) (h *house, err error) {
	h = &house{config: config, log: log, health: telemetry.NewHealth(), metrics: telemetry.NewMetrics(Version()), hooks: hooks}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if err := os.MkdirAll(config.Data, 0o700); err != nil {
		return h, fmt.Errorf("RINGBACK_DATA: make the folder: %w", err)
	}
	if h.key, err = seal.LoadOrCreateKey(config.SealKeyFile); err != nil {
		return h, fmt.Errorf("RINGBACK_SEAL_KEY_FILE: %w", err)
	}
	if h.outbound, err = outbound.New(config.Outbound, outbound.Deps{Version: Version()}); err != nil {
		return h, fmt.Errorf("outbound: %w", err)
	}
	h.onClose(func() error { h.outbound.Close(); return nil })
	if h.bus, err = bus.Open(ctx, config.Bus, config.Data, h.logger("bus")); err != nil {
		return h, err
	}
	h.onClose(h.bus.Close)
	h.health.Add("bus", h.bus.Healthy)
	bucket, err := h.bus.Bucket(ctx, bus.ApplicationBucket)
	if err != nil {
		return h, err
	}
	h.directory = application.NewDirectory(bucket, h.key, h.log)
	return h, nil
}

// pictures opens the blob store for the first service that wants it. The sinks do not, and so run where the bucket cannot be
// reached.
func (h *house) pictures(ctx context.Context) (*blob.Store, error) {
	if h.store != nil {
		return h.store, nil
	}
	store, err := blob.Open(ctx, h.config.Blob, filepath.Join(h.config.Data, "blobs"))
	if err != nil {
		return nil, fmt.Errorf("open the blob store: %w", err)
	}
	h.store = store
	h.onClose(store.Close)
	return store, nil
}

func (h *house) logger(service string) *slog.Logger { return h.log.With("service", service) }

func (h *house) onClose(close func() error) { h.closers = append(h.closers, close) }

// close undoes openHouse and what the services opened, top-down.
func (h *house) close() error {
	var errs []error
	for _, v := range slices.Backward(h.closers) {
		errs = append(errs, v())
	}
	h.closers = nil
	return errors.Join(errs...)
}

func (h *house) listening(address string) {
	h.log.Info("http is served", "address", address)
	if h.hooks.Listening != nil {
		h.hooks.Listening(address)
	}
}

// demoApplication is made on the first start, so that the first minute needs no setup.
const demoApplication = "demo"

// firstApplication makes the demo application where there is none at all, and tells its credentials.
func (h *house) firstApplication(ctx context.Context) error {
	bucket, err := h.bus.Bucket(ctx, bus.ApplicationBucket)
	if err != nil {
		return err
	}
	store := application.NewStore(bucket, h.key)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	list, err := store.List(ctx)
	if err != nil || len(list) > 0 {
		return err
	}
	app, err := store.Add(ctx, demoApplication)
	if errors.Is(err, application.ErrExists) {
		return nil // another process of the cluster was faster
	}
	if err != nil {
		return err
	}
	if h.hooks.FirstApplication != nil {
		h.hooks.FirstApplication(app)
	}
	return nil
}
