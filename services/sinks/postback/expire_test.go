package postback_test

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// TestBroken_ExhaustsWhatIsOlderThanItsSchedule holds a delivery that was due two days ago and one that was due an hour
// ago, for an endpoint that still fails when it is probed.
func TestBroken_ExhaustsWhatIsOlderThanItsSchedule(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		schedule time.Duration
		stays    bool // the older
	}{
		{"AndThanADay", time.Second, false},
		{"WhichLastsThreeDays", 72 * time.Hour, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := sinktest.Open(t)
			sink := nativeSink()
			var illness ailing
			illness.status.Store(http.StatusInternalServerError)
			ill := h.Receive(sink, illness.answer)
			id := delivery.Endpoint(sinktest.Application, ill.URL)
			first := h.Start(sink, tt.schedule)
			for range 20 { // some of them break it, and the others are parked
				h.Tell(sink, ill.URL)
			}
			h.Await("it is failing, and known to be", func() bool {
				return parked(h) >= 2 && len(h.Stored(bus.Deliveries, events.Prefix+".opr.>")) > 0
			})
			first.Stop()
			rest := h.Stored(bus.Parked, bus.HookParked(id))
			if err := h.Bus.Trim(t.Context(), bus.Parked, bus.HookParked(id), rest[len(rest)-1].Sequence+1); err != nil {
				t.Fatal(err)
			}
			old, young := aged(t, h, rest[0], 48*time.Hour), aged(t, h, rest[1], time.Hour)
			before := len(ill.Arrivals())
			h.Start(sink, tt.schedule)
			ill.Until(t, "it was probed three times", func(list []sinktest.Arrival) bool { return len(list) >= before+3 })
			h.Await("the rest stays", func() bool {
				held := map[string]bool{}
				for _, m := range h.Stored(bus.Parked, bus.HookParked(id)) { // others are back from their timers
					held[m.Header.Get("Ringback-Delivery")] = true
				}
				return held[young] && held[old] == tt.stays
			})
			if !tt.stays {
				if dead := h.Buried("hook", 1); len(dead) != 1 || dead[0].Header.Get("Ringback-Delivery") != old {
					t.Errorf("buried are %d, want %s alone", len(dead), old)
				}
				h.Await("it is in the log", func() bool { return len(ended(h)) > 0 })
			}
			if all := ended(h); all[young] != "" || (all[old] == "expired") == tt.stays {
				t.Errorf("exhausted are %v, want %s alone, unless its schedule is longer", all, old)
			}
			illness.status.Store(0)
			h.Await("what was held goes out once it is well", func() bool { return len(h.Stored(bus.Parked, bus.HookParked(id))) == 0 })
		})
	}
}

// ended are the deliveries that the log has as exhausted, with the reason.
func ended(h *sinktest.House) map[string]string {
	list := map[string]string{}
	for _, entry := range h.Deliveries() {
		if entry.Type == events.TypeDeliveryExhausted {
			list[entry.ID] = entry.Error
		}
	}
	return list
}

// aged parks a delivery once more, as if it had been due so long ago, and returns its id.
func aged(t *testing.T, h *sinktest.House, m *bus.Message, age time.Duration) string {
	t.Helper()
	header := maps.Clone(m.Header)
	for name := range header {
		if strings.HasPrefix(name, "Nats-") {
			delete(header, name)
		}
	}
	header.Set("Ringback-Due", strconv.FormatInt(time.Now().Add(-age).UnixMilli(), 10))
	if _, err := h.Bus.Publish(t.Context(), bus.Out{Subject: m.Subject, Header: header, Data: m.Data}); err != nil {
		t.Fatal(err)
	}
	return header.Get("Ringback-Delivery")
}
