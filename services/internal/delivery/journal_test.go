package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
	"github.com/ringback/ringback/services/internal/delivery"
)

// write puts an entry into the log and returns when the broker has it, and when that was.
func write(tb testing.TB, b *bus.Bus, application, state string, d events.Delivery) time.Time {
	tb.Helper()
	if d.Endpoint == "" {
		d.Endpoint = "e"
	}
	out, err := bus.Event(bus.DeliverySubject(application, state, d.Endpoint, d.ID), "dev.ringback.delivery."+state+".v1", "/test", d.ID, d)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := b.Publish(tb.Context(), out); err != nil {
		tb.Fatal(err)
	}
	m, err := b.Last(tb.Context(), bus.Deliveries, out.Subject)
	if err != nil {
		tb.Fatal(err)
	}
	return m.Stored
}

// TestJournal_Read visits the entries of one application in their order, from a place or a time on.
func TestJournal_Read(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	write(t, b, "demo", "scheduled", events.Delivery{ID: "a", Attempt: 1, Error: "dns", Job: "j"})
	second := write(t, b, "demo", "held", events.Delivery{ID: "b", Endpoint: "f"})
	write(t, b, "other", "held", events.Delivery{ID: "x"})
	last := write(t, b, "demo", "delivered", events.Delivery{ID: "a", Attempt: 2})
	if _, err := b.Publish(t.Context(), bus.Out{Subject: bus.DeliverySubject("demo", "held", "e", "z"), Data: []byte("no JSON")}); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		filter delivery.Filter
		from   uint64
		want   []string
	}{
		"Everything": {delivery.Filter{}, 0, []string{"a scheduled", "b held", "a delivered"}},
		"FromAPlace": {delivery.Filter{}, 2, []string{"b held", "a delivered"}},
		"FromATime":  {delivery.Filter{From: second}, 0, []string{"b held", "a delivered"}},
		"ToATime":    {delivery.Filter{To: second}, 0, []string{"a scheduled", "b held"}},
		"Between":    {delivery.Filter{From: second.Add(1), To: last.Add(-1)}, 0, nil},
		"OneState":   {delivery.Filter{State: delivery.Held}, 0, []string{"b held"}},
		"OneClass":   {delivery.Filter{Class: "dns"}, 0, []string{"a scheduled"}},
		"OneJob":     {delivery.Filter{Job: "j"}, 0, []string{"a scheduled"}},
		"OnePlace":   {delivery.Filter{Endpoint: "f"}, 0, []string{"b held"}},
		"One":        {delivery.Filter{Delivery: "a"}, 0, []string{"a scheduled", "a delivered"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			err := delivery.NewJournal(b).Read(t.Context(), "demo", row.filter, row.from, func(e delivery.Logged) bool {
				got = append(got, e.ID+" "+e.State)
				return true
			})
			if diff := cmp.Diff(row.want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	t.Run("StopsWhenTold", func(t *testing.T) {
		t.Parallel()
		visited := 0
		err := delivery.NewJournal(b).Read(t.Context(), "demo", delivery.Filter{}, 0, func(delivery.Logged) bool { visited++; return false })
		if err != nil || visited != 1 {
			t.Errorf("visited %d, %v", visited, err)
		}
	})
	t.Run("RefusesWhatCannotBe", func(t *testing.T) {
		t.Parallel()
		err := delivery.NewJournal(b).Read(t.Context(), "demo", delivery.Filter{State: "lost"}, 0, nil)
		if !errors.Is(err, delivery.ErrInvalidFilter) || err.Error() != `invalid filter: state is "lost", want delivered, scheduled, held or exhausted` {
			t.Errorf("got %v", err)
		}
	})
}

// TestJournal_Page_IsShortButGoesOn looks at no more than 5,000 entries for a page, and finds on the next what lies
// behind them.
func TestJournal_Page_IsShortButGoesOn(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	write(t, b, "demo", "exhausted", events.Delivery{ID: "rare", Error: "tls"})
	var batch []bus.Out
	for i := range 6000 {
		out, err := bus.Event(bus.DeliverySubject("demo", "exhausted", "e", fmt.Sprint(i)), events.TypeDeliveryExhausted, "/test", "x",
			events.Delivery{ID: fmt.Sprint(i), Error: "status"})
		if err != nil {
			t.Fatal(err)
		}
		batch = append(batch, out)
	}
	for _, out := range batch {
		if err := b.Announce(out); err != nil {
			t.Fatal(err)
		}
	}
	write(t, b, "demo", "exhausted", events.Delivery{ID: "end", Error: "status"})
	journal := delivery.NewJournal(b)
	first, next, err := journal.Page(t.Context(), "demo", delivery.Filter{Class: "tls"}, 0, 10)
	if err != nil || len(first) != 0 || next == 0 {
		t.Fatalf("the first page has %v and goes on at %d, %v", first, next, err)
	}
	second, end, err := journal.Page(t.Context(), "demo", delivery.Filter{Class: "tls"}, next, 10)
	if err != nil || len(second) != 1 || second[0].ID != "rare" || end != 0 {
		t.Errorf("the second page has %v and goes on at %d, %v", second, end, err)
	}
}

func TestJournal_Attempts(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	for i := range 3 {
		write(t, b, "demo", "scheduled", events.Delivery{ID: "a", Attempt: i + 1})
		write(t, b, "demo", "scheduled", events.Delivery{ID: "b", Attempt: i + 1})
	}
	list, err := delivery.NewJournal(b).Attempts(t.Context(), "demo", "a")
	var got []string
	for _, e := range list {
		got = append(got, fmt.Sprint(e.ID, e.Attempt))
	}
	if diff := cmp.Diff([]string{"a1", "a2", "a3"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := delivery.NewJournal(b).Attempts(t.Context(), "other", "a"); !errors.Is(err, bus.ErrNotFound) {
		t.Errorf("another application's: %v", err)
	}
}

// resent remembers what a replay made again.
type resent struct {
	ids  []string
	fail error
}

func (r *resent) resend(_ context.Context, _, id, _ string) error {
	if r.fail != nil {
		return r.fail
	}
	r.ids = append(r.ids, id)
	if id == "gone" {
		return delivery.ErrNotReplayable
	}
	return nil
}

// stepUntilDone makes the steps of a replay as the sink does, and returns how many it took.
func stepUntilDone(t *testing.T, b *bus.Bus, r *delivery.Replays, p delivery.Replay, to *resent) (steps int, done delivery.Replay) {
	t.Helper()
	for done = p; done.State == delivery.ReplayRunning; steps++ {
		due := &bus.Message{Subject: bus.HookReplay("demo", p.ID), Sequence: 1}
		if err := r.Step(t.Context(), due, to.resend); err != nil {
			t.Fatal(err)
		}
		var err error
		if done, err = r.Get(t.Context(), "demo", p.ID); err != nil {
			t.Fatal(err)
		}
	}
	return steps, done
}

// TestReplays_Step goes through the log at its rate, without what went on since or came after the order.
func TestReplays_Step(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	replays, err := delivery.NewReplays(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b", "gone", "c", "went on"} {
		write(t, b, "demo", "exhausted", events.Delivery{ID: id})
	}
	write(t, b, "demo", "delivered", events.Delivery{ID: "went on"})
	write(t, b, "other", "exhausted", events.Delivery{ID: "theirs"})
	order := delivery.Order{Filter: delivery.Filter{State: delivery.Exhausted}, Rate: 2}
	for most, want := range map[int]int{100: 4, 3: 3} {
		if n, err := replays.Count(t.Context(), "demo", order, most); err != nil || n != want {
			t.Errorf("counted %d of at most %d, %v; want %d", n, most, err, want)
		}
	}
	p, err := replays.Start(t.Context(), "demo", order)
	if err != nil {
		t.Fatal(err)
	}
	write(t, b, "demo", "exhausted", events.Delivery{ID: "later"})
	var to resent
	steps, done := stepUntilDone(t, b, replays, p, &to)
	if diff := cmp.Diff([]string{"a", "b", "gone", "c"}, to.ids); diff != "" {
		t.Errorf("made again (-want +got):\n%s", diff)
	}
	if done.State != delivery.ReplayDone || done.Sent != 3 || done.Skipped != 2 || steps != 3 {
		t.Errorf("after %d steps: %+v", steps, done)
	}
}

// TestReplays_ByID makes what is named again, in its order, and comes back to a step that the broker did not take.
func TestReplays_ByID(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	replays, err := delivery.NewReplays(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	p, err := replays.Start(t.Context(), "demo", delivery.Order{IDs: []string{"c", "gone", "a"}})
	if err != nil || p.Order.Rate != delivery.DefaultReplayRate {
		t.Fatalf("begun: %+v, %v", p, err)
	}
	to := resent{fail: bus.ErrUnavailable}
	if err := replays.Step(t.Context(), &bus.Message{Subject: bus.HookReplay("demo", p.ID)}, to.resend); err == nil || bus.Rejected(err) {
		t.Errorf("the broker is away: %v, want to come back later", err)
	}
	to.fail = nil
	_, done := stepUntilDone(t, b, replays, p, &to)
	if diff := cmp.Diff([]string{"c", "gone", "a"}, to.ids); diff != "" || done.Sent != 2 || done.Skipped != 1 {
		t.Errorf("%+v (-want +got):\n%s", done, diff)
	}
	if again, err := replays.Cancel(t.Context(), "demo", p.ID); err != nil || again.State != delivery.ReplayDone {
		t.Errorf("cancelled when it was done: %+v, %v", again, err)
	}
	if _, err := replays.Get(t.Context(), "other", p.ID); !errors.Is(err, bus.ErrNotFound) {
		t.Errorf("another application sees it: %v", err)
	}
	if err := replays.Step(t.Context(), &bus.Message{Subject: bus.HookReplay("demo", "none")}, to.resend); !bus.Rejected(err) {
		t.Errorf("a step of no replay: %v, want it rejected", err)
	}
}
