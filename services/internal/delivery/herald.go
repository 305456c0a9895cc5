package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/outbound"
)

// Herald writes down what becomes of endpoints and tells operators, one after the other and without holding up anybody:
// when half of ten thousand endpoints break at once, deliveries to the others go on meanwhile. It is safe for concurrent
// use.
type Herald struct {
	bus       *bus.Bus
	endpoints *Endpoints
	source    string
	log       *slog.Logger

	mu    sync.Mutex
	tasks []func(context.Context) error
	wake  chan struct{}
}

// NewHerald makes the herald of the sink with the given ce-source; [Herald.Run] must run for it to write anything.
func NewHerald(b *bus.Bus, endpoints *Endpoints, source string, log *slog.Logger) *Herald {
	return &Herald{bus: b, endpoints: endpoints, source: source, log: log, wake: make(chan struct{}, 1)}
}

func (h *Herald) add(task func(context.Context) error) {
	h.mu.Lock()
	h.tasks = append(h.tasks, task)
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, and then once more on what is left.
func (h *Herald) Run(ctx context.Context) {
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

func (h *Herald) work(ctx context.Context) {
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

// Met writes down an endpoint that was not known.
func (h *Herald) Met(application, endpoint, url string) {
	if s, known := h.endpoints.ByID(endpoint); known && s.URL != "" {
		return
	}
	h.add(func(ctx context.Context) error {
		_, err := h.endpoints.Change(ctx, application, endpoint, func(s *Standing) { s.URL = url })
		return err
	})
}

// Turned writes down that an endpoint broke or recovered.
func (h *Herald) Turned(application, endpoint, url string, turn Turn, newest outbound.Attempt) {
	at := time.Now().UTC()
	h.add(func(ctx context.Context) error {
		kind, reason := events.TypeEndpointRecovered, ""
		if turn == Broke {
			kind, reason = events.TypeEndpointFailing, newest.Message
		}
		h.log.Info("endpoint turned", "endpoint", endpoint, "target", url, "failing", turn == Broke, "err", reason)
		s, err := h.endpoints.Change(ctx, application, endpoint, func(s *Standing) {
			s.URL, s.Failing, s.Since = url, turn == Broke, at
			if s.Mode == Active {
				s.Reason = reason
			}
		})
		if err != nil {
			return err
		}
		return h.tell(ctx, kind, s, reason)
	})
}

// Gone disables an address that answered 410: what is for it is held until somebody resumes it.
func (h *Herald) Gone(application, url string, result outbound.Attempt) {
	at, address := time.Now().UTC(), Address(application, url)
	h.add(func(ctx context.Context) error {
		reason := fmt.Sprintf("%s; deliveries are held until it is resumed", result.Message)
		already := false
		s, err := h.endpoints.Change(ctx, application, address, func(s *Standing) {
			already = s.Mode == Disabled
			s.URL, s.Mode, s.Reason, s.Since = Shown(url), Disabled, reason, at
		})
		if err != nil || already {
			return err
		}
		h.log.Warn("endpoint disabled", "endpoint", address, "target", s.URL)
		return h.tell(ctx, events.TypeEndpointDisabled, s, reason)
	})
}

func (h *Herald) tell(ctx context.Context, kind string, s Standing, reason string) error {
	out, err := bus.Event(bus.OperatorSubject(s.Application, s.Endpoint), kind, h.source, s.Endpoint, events.Endpoint{
		ID: s.Endpoint, Application: s.Application, URL: s.URL, Reason: reason, At: s.Since,
	})
	if err != nil {
		return err
	}
	_, err = h.bus.Publish(ctx, out)
	return err
}

// Exhausted tells operators that a delivery has no attempt left.
func (h *Herald) Exhausted(application string, entry events.Delivery) {
	h.add(func(ctx context.Context) error {
		out, err := bus.Event(bus.OperatorSubject(application, entry.Endpoint), events.TypeDeliveryExhausted, h.source, entry.ID, entry)
		if err != nil {
			return err
		}
		_, err = h.bus.Publish(ctx, out)
		return err
	})
}
