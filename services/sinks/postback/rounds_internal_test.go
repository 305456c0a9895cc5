package postback

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
)

// ofLane names n endpoints of one lane.
func ofLane(lane string, n int) []string {
	var ids []string
	for i := 0; len(ids) < n; i++ {
		if id := fmt.Sprintf("e%d", i); bus.HookLane(id) == lane {
			ids = append(ids, id)
		}
	}
	return ids
}

// TestRounds looks at a few lots in each round, those that wait longest first, and at each again should nothing come of it.
func TestRounds(t *testing.T) {
	t.Parallel()
	const lane, again = "03", time.Hour
	y := newYard(bustest.Open(t), 10, slog.New(slog.DiscardHandler))
	ids := ofLane(lane, 2*roundMost+2)
	paused, later := ids[1], ids[2]
	y.active = func(id string) bool { return id != paused }
	now := time.Now()
	for i, id := range ids {
		due := now.Add(-time.Hour + time.Duration(i)*time.Second)
		if id == later {
			due = now.Add(time.Hour)
		}
		if err := y.plan(t.Context(), y.lot(id), due); err != nil {
			t.Fatal(err)
		}
	}
	want := slices.Concat(ids[:1], ids[3:])
	for _, n := range []int{roundMost, roundMost, 0} {
		lots, err := y.begin(t.Context(), lane, again)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range lots {
			got = append(got, l.id)
		}
		if !slices.Equal(got, want[:n]) {
			t.Errorf("looked at %v, want %v", got, want[:n])
		}
		want = want[n:]
	}
	due := y.rounds[lane].due
	if _, planned := due[y.lot(paused)]; planned {
		t.Error("what is paused is planned")
	}
	if at := due[y.lot(ids[0])]; at.Before(now.Add(again)) {
		t.Errorf("what was looked at is due at %s, want not before %s", at, now.Add(again))
	}
}

// TestRounds_FindWhatAPredecessorLeft asks the broker what rests in the lane, and in no other.
func TestRounds_FindWhatAPredecessorLeft(t *testing.T) {
	t.Parallel()
	const lane = "05"
	b := bustest.Open(t)
	y := newYard(b, 10, slog.New(slog.DiscardHandler))
	y.active = func(string) bool { return true }
	left := ofLane(lane, 2)
	slices.Sort(left)
	for _, id := range slices.Concat(ofLane("06", 1), left) {
		if _, err := b.Publish(t.Context(), bus.Out{Subject: bus.HookParked(id)}); err != nil {
			t.Fatal(err)
		}
	}
	lots, err := y.begin(t.Context(), lane, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range lots {
		got = append(got, l.id)
		if l.count != 1 {
			t.Errorf("%d are parked for %s as far as known, want 1", l.count, l.id)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, left) {
		t.Errorf("found %v, want %v", got, left)
	}
}

// TestRounds_OneTimer stores no timer where one is set for then or earlier.
func TestRounds_OneTimer(t *testing.T) {
	t.Parallel()
	const lane = "01"
	b := bustest.Open(t)
	y := newYard(b, 10, slog.New(slog.DiscardHandler))
	var timers []uint64
	for _, id := range ofLane(lane, 20) {
		if err := y.plan(t.Context(), y.lot(id), time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		m, err := b.Last(t.Context(), bus.Hooks, bus.HookProbe(lane))
		if err != nil {
			t.Fatal(err)
		}
		timers = append(timers, m.Sequence)
	}
	if timers = slices.Compact(timers); len(timers) != 1 {
		t.Errorf("%d timers were stored, want one for all", len(timers))
	}
	if err := y.replan(t.Context(), y.lot(ofLane(lane, 1)[0]), time.Now().Add(roundEvery)); err != nil {
		t.Fatal(err)
	}
	if m, err := b.Last(t.Context(), bus.Hooks, bus.HookProbe(lane)); err != nil || m.Sequence == timers[0] {
		t.Errorf("the timer is %v, %v, want one that fires earlier", m, err)
	}
}
