package delivery_test

import (
	"fmt"
	"testing"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
	"github.com/ringback/ringback/services/internal/delivery"
)

// benchEntries is how long the log is that pages are read from; docs/DELIVERIES.md has the figures for a million.
const benchEntries = 20_000

// BenchmarkJournal_Page reads pages of fifty: the first, one behind it, a rare state, and a class that only the oldest
// entry has.
func BenchmarkJournal_Page(b *testing.B) {
	broker := bustest.Open(b)
	write(b, broker, "demo", "held", events.Delivery{ID: "rare", Error: "tls"})
	for i := range benchEntries {
		out, err := bus.Event(bus.DeliverySubject("demo", "delivered", fmt.Sprint("e", i%100), fmt.Sprint("d", i)), events.TypeDeliveryDelivered,
			"/bench", "d", events.Delivery{ID: fmt.Sprint("d", i), Endpoint: fmt.Sprint("e", i%100), Attempt: 1, Status: 200, Target: "http://h/"})
		if err != nil {
			b.Fatal(err)
		}
		if err := broker.Announce(out); err != nil {
			b.Fatal(err)
		}
	}
	write(b, broker, "demo", "delivered", events.Delivery{ID: "newest"})
	journal := delivery.NewJournal(broker)
	for _, row := range []struct {
		name   string
		filter delivery.Filter
		before uint64
	}{
		{"First", delivery.Filter{}, 0},
		{"Behind", delivery.Filter{}, benchEntries / 2},
		{"RareState", delivery.Filter{State: delivery.Held}, 0},
		{"Endpoint", delivery.Filter{Endpoint: "e7"}, 0},
		{"LeftOut", delivery.Filter{Class: "tls"}, 0},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := journal.Page(b.Context(), "demo", row.filter, row.before, 50); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
