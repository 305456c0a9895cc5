package delivery

import (
	"log/slog"
	"strings"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/outbound"
)

// States of a delivery in the log.
const (
	Delivered = "delivered"
	Scheduled = "scheduled"
	Exhausted = "exhausted"
	Held      = "held"
)

// Entry adds to an entry of the log what an attempt found out.
func Entry(d events.Delivery, a outbound.Attempt) events.Delivery {
	d.Status, d.Error, d.TookMS, d.Addr = a.Status, a.Class, a.Total.Milliseconds(), a.Addr
	d.Timing = &events.AttemptTiming{
		DNS: ms(a.DNS), Connect: ms(a.Connect), TLS: ms(a.TLS), FirstByte: ms(a.FirstByte), Total: ms(a.Total),
	}
	d.Answer = strings.ToValidUTF8(string(a.Body), "\uFFFD")
	return d
}

// ms is a duration in milliseconds, to the microsecond.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

var kinds = map[string]string{
	Delivered: events.TypeDeliveryDelivered, Scheduled: events.TypeDeliveryScheduled, Held: events.TypeDeliveryHeld,
	Exhausted: events.TypeDeliveryExhausted,
}

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
	out, err := bus.Event(bus.DeliverySubject(application, state, endpoint, d.ID), kinds[state], l.source, d.ID, d)
	if err == nil {
		err = l.bus.Announce(out)
	}
	if err != nil {
		l.log.Warn("attempt not logged", "delivery", d.ID, "state", state, "err", err)
	}
}
