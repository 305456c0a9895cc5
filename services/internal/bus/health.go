package bus

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/nats-io/nats.go/jetstream"
)

// Healthy fails when jobs cannot be stored: no connection, a stream without a leader, or a stream that froze because
// its disk refused a write. A frozen stream stays so until its server is started again.
func (b *Bus) Healthy(ctx context.Context) error {
	if !b.nc.IsConnected() {
		return fmt.Errorf("%w: not connected", ErrUnavailable)
	}
	if b.server != nil {
		if err := b.server.healthy(); err != nil {
			return err
		}
	}
	if err := b.refused.Load(); err != nil {
		return *err
	}
	for _, name := range []string{Jobs, Events, Hooks, Parked, Media, Bridge} {
		s, err := b.js.Stream(ctx, name)
		if err != nil {
			return fmt.Errorf("%w: stream %s: %w", ErrUnavailable, name, err)
		}
		if cluster := s.CachedInfo().Cluster; cluster != nil && cluster.Name != "" && cluster.Leader == "" {
			return fmt.Errorf("%w: stream %s has no leader", ErrUnavailable, name)
		}
	}
	return nil
}

// noteRefusal remembers that the broker refused to write, until it writes again: a frozen stream of an external server
// shows nowhere else.
func (b *Bus) noteRefusal(err error) error {
	var api *jetstream.APIError
	if errors.Is(err, ErrUnavailable) && errors.As(err, &api) && api.Code == http.StatusServiceUnavailable {
		b.refused.Store(&err)
	}
	return err
}

func (b *Bus) noteStored() {
	if b.refused.Load() != nil {
		b.refused.Store(nil)
	}
}

// healthy asks the embedded server in the way that its monitoring port would.
func (e *embedded) healthy() error {
	answer := httptest.NewRecorder()
	request, err := http.NewRequest(http.MethodGet, "/healthz", nil) //nolint:noctx // answered in this process
	if err != nil {
		return fmt.Errorf("ask the embedded server: %w", err)
	}
	e.server.HandleHealthz(answer, request)
	if answer.Code != http.StatusOK {
		return fmt.Errorf("%w: the embedded server says %s", ErrUnavailable, answer.Body.String())
	}
	return nil
}
