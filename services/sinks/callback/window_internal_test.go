package callback

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestDecide has a row for each line of the law, and the days on which it matters.
func TestDecide(t *testing.T) {
	t.Parallel()
	const window = int64(time.Second)
	now := time.Unix(100, 0).UTC()
	next := func(t time.Time) time.Time { return t.Truncate(time.Second).Add(time.Second) }
	first, second := int64(99*time.Second), int64(100*time.Second)
	early := time.Unix(98, 500_000_000).UTC() // before the end of the first window
	for _, tt := range []struct {
		name     string
		now      time.Time
		due      int64
		revision uint64
		last     sent
		want     step
	}{
		{"FirstStateIsSent", now, first, 1, sent{}, step{send: &sent{Window: first, Revision: 1, Attempts: 1}}},
		{"TakenStateIsLeftAlone", now, second, 5, sent{Window: first, Revision: 5, Done: true, Attempts: 1}, step{}},
		{
			"TimerThatFiresTwiceSendsOnce", now, first, 5,
			sent{Window: first, Revision: 5, Done: true, Attempts: 1},
			step{},
		},
		{
			"AttemptUnderWayIsWaitedFor", now, second, 6,
			sent{Window: first, Revision: 5, Attempts: 1, Until: now.Add(3 * time.Second).UnixNano()},
			step{wait: 3 * time.Second},
		},
		{
			"FailedStateIsSentUnderItsOldWindow", now, second, 5,
			sent{Window: first, Revision: 5, Attempts: 2},
			step{send: &sent{Window: first, Revision: 5, Attempts: 3}},
		},
		{
			"KilledAttemptIsRepeatedAsItWas", now, first, 5,
			sent{Window: first, Revision: 5, Attempts: 1, Until: now.Add(-time.Second).UnixNano()},
			step{send: &sent{Window: first, Revision: 5, Attempts: 2, Until: now.Add(-time.Second).UnixNano()}},
		},
		{
			"NewerStateInANewWindowIsSent", now, second, 6,
			sent{Window: first, Revision: 5, Done: true, Attempts: 1},
			step{send: &sent{Window: second, Revision: 6, Attempts: 1}},
		},
		{
			"NewerStateSupersedesAFailedOne", now, second, 6,
			sent{Window: first, Revision: 5, Attempts: 4},
			step{send: &sent{Window: second, Revision: 6, Attempts: 1}},
		},
		{
			"NewerStateAfterAKillWaitsForTheNextWindow", now, first, 6,
			sent{Window: first, Revision: 5, Attempts: 1},
			step{arm: time.Unix(101, 0).UTC()},
		},
		{
			"StaleTimerWaitsForTheNextWindow", now, first - 5*window, 6,
			sent{Window: first, Revision: 5, Done: true, Attempts: 1},
			step{arm: time.Unix(101, 0).UTC()},
		},
		{
			"ClockBehindTheBrokersDoesNotFireForTheSameWindow", early, first, 6,
			sent{Window: first, Revision: 5, Done: true, Attempts: 1},
			step{arm: time.Unix(100, 0).UTC()},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := decide(tt.now, tt.due, tt.revision, tt.last, next)
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(step{})); diff != "" {
				t.Errorf("step (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWindowEnd holds the window to its properties at random times, around leap days and over jumps of the clock.
func TestWindowEnd(t *testing.T) {
	t.Parallel()
	moments := []time.Time{
		time.Date(2028, 2, 28, 23, 59, 59, 999_999_999, time.UTC), time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC),
		time.Date(2028, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2016, 12, 31, 23, 59, 59, 0, time.UTC),
		time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC),
	}
	for range 2000 {
		moments = append(moments, time.Unix(rand.Int64N(4_000_000_000)+100_000, rand.Int64N(1_000_000_000)).UTC())
	}
	for i, at := range moments {
		window := time.Duration(1+rand.Int64N(3600)) * time.Second
		item := "app.item" + strconv.Itoa(i)
		end := windowEnd(at, window, item)
		if !end.After(at) || end.Sub(at) > window {
			t.Fatalf("%s: window of %s ends %s after it, want more than 0 and no more than the window", at, window, end.Sub(at))
		}
		if again := windowEnd(at.In(time.FixedZone("", 3600)), window, item); !again.Equal(end) {
			t.Fatalf("%s: the same moment ends at %s and at %s", at, end, again)
		}
		if begin := end.Add(-window); !windowEnd(begin, window, item).Equal(end) || !windowEnd(end.Add(-1), window, item).Equal(end) {
			t.Fatalf("%s: the whole window from %s does not end at %s", at, begin, end)
		}
		if following := windowEnd(end, window, item); !following.Equal(end.Add(window)) {
			t.Fatalf("%s: the window after ends at %s, want %s", at, following, end.Add(window))
		}
		if back := windowEnd(at.Add(-time.Hour), window, item); back.After(end) {
			t.Fatalf("%s: an hour before ends later, at %s", at, back)
		}
	}
}

// TestWindowEnd_Spreads demands that items are not all due at once.
func TestWindowEnd_Spreads(t *testing.T) {
	t.Parallel()
	const items, buckets = 6000, 60
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	var due [buckets]int
	for i := range items {
		due[int(windowEnd(at, time.Minute, "app."+strconv.Itoa(i)).Sub(at)-1)*buckets/int(time.Minute)]++
	}
	for second, n := range due {
		if n < items/buckets/2 || n > items/buckets*2 {
			t.Errorf("%d items are due in second %d, want about %d", n, second, items/buckets)
		}
	}
}
