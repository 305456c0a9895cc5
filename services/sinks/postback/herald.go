package postback

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
)

// herald writes down what becomes of endpoints and tells operators, one after the other and without holding up anybody:
// when half of ten thousand endpoints break at once, deliveries to the others go on meanwhile.
type herald struct {
	bus       *bus.Bus
	endpoints *delivery.Endpoints
	log       *slog.Logger

	mu    sync.Mutex
	tasks []func(context.Context) error
	wake  chan struct{}
}

func newHerald(b *bus.Bus, endpoints *delivery.Endpoints, log *slog.Logger) *herald {
	return &herald{bus: b, endpoints: endpoints, log: log, wake: make(chan struct{}, 1)}
}

func (h *herald) add(task func(context.Context) error) {
	h.mu.Lock()
	h.tasks = append(h.tasks, task)
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// run works until ctx ends, and then once more on what is left.
func (h *herald) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			h.work(ctx)
			return
		case <-h.wake:
			h.work(ctx)
		}
	}
}

func (h *herald) work(ctx context.Context) {
	h.mu.Lock()
	tasks := h.tasks
	h.tasks = nil
	h.mu.Unlock()
	for _, task := range tasks {
		if err := task(ctx); err != nil {
			h.log.Warn("state of an endpoint not written", "err", err)
		}
	}
}

// met writes down an endpoint that was not known.
func (h *herald) met(application, endpoint, url string) {
	if s, known := h.endpoints.ByID(endpoint); known && s.URL != "" {
		return
	}
	h.add(func(ctx context.Context) error {
		_, err := h.endpoints.Change(ctx, application, endpoint, func(s *delivery.Standing) { s.URL = url })
		return err
	})
}

// turned writes down that an endpoint broke or recovered.
func (h *herald) turned(application, endpoint, url string, turn delivery.Turn, newest outbound.Attempt) {
	at := time.Now().UTC()
	h.add(func(ctx context.Context) error {
		kind, reason := events.TypeEndpointRecovered, ""
		if turn == delivery.Broke {
			kind, reason = events.TypeEndpointFailing, newest.Message
		}
		h.log.Info("endpoint turned", "endpoint", endpoint, "target", url, "failing", turn == delivery.Broke, "err", reason)
		s, err := h.endpoints.Change(ctx, application, endpoint, func(s *delivery.Standing) {
			s.URL, s.Failing, s.Since = url, turn == delivery.Broke, at
			if s.Mode == delivery.Active {
				s.Reason = reason
			}
		})
		if err != nil {
			return err
		}
		return h.tell(ctx, kind, s, reason)
	})
}

// gone writes down that an address answered 410.
func (h *herald) gone(p parcel, address string, result outbound.Attempt) {
	at := time.Now().UTC()
	h.add(func(ctx context.Context) error {
		reason := fmt.Sprintf("%s; deliveries are held until it is resumed", result.Message)
		already := false
		s, err := h.endpoints.Change(ctx, p.Application, address, func(s *delivery.Standing) {
			already = s.Mode == delivery.Disabled
			s.URL, s.Mode, s.Reason, s.Since = delivery.Shown(p.URL), delivery.Disabled, reason, at
		})
		if err != nil || already {
			return err
		}
		h.log.Warn("endpoint disabled", "endpoint", address, "target", s.URL)
		return h.tell(ctx, events.TypeEndpointDisabled, s, reason)
	})
}

func (h *herald) tell(ctx context.Context, kind string, s delivery.Standing, reason string) error {
	out, err := bus.Event(bus.OperatorSubject(s.Application, s.Endpoint), kind, eventSource, s.Endpoint, events.Endpoint{
		ID: s.Endpoint, Application: s.Application, URL: s.URL, Reason: reason, At: s.Since,
	})
	if err != nil {
		return err
	}
	_, err = h.bus.Publish(ctx, out)
	return err
}

// exhausted tells operators that a delivery has no attempt left.
func (h *herald) exhausted(application string, entry events.Delivery) {
	h.add(func(ctx context.Context) error {
		out, err := bus.Event(bus.OperatorSubject(application, entry.Endpoint), events.TypeDeliveryExhausted, eventSource, entry.ID, entry)
		if err != nil {
			return err
		}
		_, err = h.bus.Publish(ctx, out)
		return err
	})
}
