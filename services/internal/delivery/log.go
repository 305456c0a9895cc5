package delivery

import (
	"log/slog"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
)

// States of a delivery in the log.
const (
	Delivered = "delivered"
	Scheduled = "scheduled"
	Exhausted = "exhausted"
)

// Log writes what became of attempts to RINGBACK_DELIVERIES, where people look for it. An entry is a copy of what the
// queue knows: it is sent without waiting, and a lost one loses no delivery.
type Log struct {
	bus    *bus.Bus
	source string
	log    *slog.Logger
}

// NewLog makes a log of the sink with the given ce-source.
func NewLog(b *bus.Bus, source string, log *slog.Logger) *Log {
	return &Log{bus: b, source: source, log: log}
}

// Note writes one entry.
func (l *Log) Note(application, endpoint, state string, d events.Delivery) {
	kind := map[string]string{
		Delivered: events.TypeDeliveryDelivered, Scheduled: events.TypeDeliveryScheduled, Exhausted: events.TypeDeliveryExhausted,
	}[state]
	out, err := bus.Event(bus.DeliverySubject(application, state, endpoint, d.ID), kind, l.source, d.ID, d)
	if err == nil {
		err = l.bus.Announce(out)
	}
	if err != nil {
		l.log.Warn("attempt not logged", "delivery", d.ID, "state", state, "err", err)
	}
}
