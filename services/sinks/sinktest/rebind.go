package sinktest

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/outbound"
)

// rebinding answers with an address that may be reached the first time, and then with one that may not.
type rebinding struct{ asked atomic.Int32 }

// LookupNetIP is as the way out asks it.
func (r *rebinding) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	if r.asked.Add(1) == 1 {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 2})}, nil
	}
	return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}, nil
}

// rebound has a name that leads to where posts may go for the first attempt, and to loopback for the next. 127.0.0.2 stands
// for a public address here: it alone is allowed.
func rebound(t *testing.T, sink Sink) {
	h := Open(t)
	h.GoOut(outbound.Deps{Resolver: &rebinding{}}, "127.0.0.2")
	receiver := h.Receive(sink, func(w http.ResponseWriter, _ Arrival, _ <-chan struct{}) {
		w.Header().Set("Connection", "close") // so that the name is asked again
		w.WriteHeader(http.StatusInternalServerError)
	})
	h.Start(sink, 300*time.Millisecond, time.Hour)
	about := h.Tell(sink, strings.Replace(receiver.URL, "127.0.0.1", "rebind.example", 1))
	var blocked LogEntry
	h.Await("the second attempt is logged", func() bool {
		for _, entry := range h.Deliveries() {
			if entry.Job == about && entry.Attempt == 2 {
				blocked = entry
				return true
			}
		}
		return false
	})
	if blocked.Type != events.TypeDeliveryScheduled || blocked.Error != outbound.ClassBlocked || blocked.Status != 0 {
		t.Errorf("log has %+v, want the second attempt blocked", blocked)
	}
	if n := len(receiver.Arrivals()); n != 1 {
		t.Errorf("%d requests came, want the first alone", n)
	}
}
