package callback

import (
	"math/rand/v2"
	"slices"
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
	w := windows{length: time.Second}
	first, second := int64(99*time.Second), int64(100*time.Second)
	early := time.Unix(98, 500_000_000).UTC()  // before the end of the first window
	within := time.Unix(99, 500_000_000).UTC() // in the one after it
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
			"NewerStateAfterAKillWaitsForTheNextWindow", within, first, 6,
			sent{Window: first, Revision: 5, Attempts: 1},
			step{arm: time.Unix(100, 0).UTC(), window: second},
		},
		{
			"NewerStateAfterALongAttemptIsSentForTheWindowThatEndedMeanwhile", now, first, 6,
			sent{Window: first, Revision: 5, Attempts: 1},
			step{send: &sent{Window: second, Revision: 6, Attempts: 1}},
		},
		{
			"NewerStateDoesNotWaitForTheRepeatOfAnOlderOne", now, second, 6,
			sent{Window: first, Revision: 5, Attempts: 3, Next: now.Add(time.Hour).UnixNano()},
			step{send: &sent{Window: second, Revision: 6, Attempts: 1}},
		},
		{
			"RepeatThatIsNotDueIsLeftToItsTime", now, first, 5,
			sent{Window: first, Revision: 5, Attempts: 3, Next: now.Add(time.Hour).UnixNano()},
			step{arm: now.Add(time.Hour), window: first},
		},
		{
			"RepeatThatIsDueIsSent", now, first, 5,
			sent{Window: first, Revision: 5, Attempts: 3, Next: now.UnixNano()},
			step{send: &sent{Window: first, Revision: 5, Attempts: 4}},
		},
		{
			"StaleTimerWaitsForTheNextWindow", within, first - 5*window, 6,
			sent{Window: first, Revision: 5, Done: true, Attempts: 1},
			step{arm: time.Unix(100, 0).UTC(), window: second},
		},
		{
			"ClockBehindTheBrokersDoesNotFireForTheSameWindow", early, first, 6,
			sent{Window: first, Revision: 5, Done: true, Attempts: 1},
			step{arm: time.Unix(100, 0).UTC(), window: second},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := decide(tt.now, tt.due, tt.revision, tt.last, w)
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(step{})); diff != "" {
				t.Errorf("step (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDecide_Bound plays random histories of an item whose endpoint takes, refuses or is silent for a time, and demands
// that no state waits for longer than its window and one attempt, however far away repeats are, and that windows hold one
// callback.
func TestDecide_Bound(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 1))
		h := history{
			t: t, seed: seed, random: random, now: time.Unix(1_000_000, 0).UTC(),
			w: windows{length: time.Second + time.Duration(random.Int64N(int64(9*time.Second))), phase: time.Duration(random.Int64N(int64(time.Second)))},
		}
		for range 100 {
			h.next = append(h.next, h.now.Add(time.Duration(random.Int64N(int64(5*time.Minute)))))
		}
		slices.SortFunc(h.next, time.Time.Compare)
		h.play()
	}
}

// history is an item with its one timer and what was sent last, and a clock that jumps from one event to the next.
type history struct {
	t      *testing.T
	seed   uint64
	random *rand.Rand
	w      windows
	now    time.Time
	// next are the changes to come, and untold when those were made that no attempt has told of.
	next, untold []time.Time
	revision     uint64
	timer        time.Time
	window       int64
	fired        int64 // the window of a timer that fired and was not looked at
	last         sent
	over         time.Time // when the last attempt was
}

const longestAttempt = 3 * time.Second

func (h *history) play() {
	h.t.Helper()
	for len(h.next) > 0 || !h.timer.IsZero() || h.fired != 0 {
		if len(h.next) > 0 && h.fired == 0 && (h.timer.IsZero() || h.next[0].Before(h.timer)) {
			h.change()
			continue
		}
		due := h.fired
		if h.fired == 0 {
			due, h.now, h.timer = h.window, later(h.now, h.timer), time.Time{}
		}
		h.fired = 0
		step := decide(h.now, due, h.revision, h.last, h.w)
		if !step.arm.IsZero() {
			h.set(step.arm, step.window)
		}
		if step.send != nil {
			h.attempt(*step.send)
		}
	}
	if h.last.Revision != h.revision {
		h.t.Fatalf("seed %d: the last state was never told", h.seed)
	}
}

func (h *history) set(at time.Time, window int64) { h.timer, h.window = at, window }

func (h *history) change() {
	h.now = later(h.now, h.next[0])
	if !h.timer.IsZero() && !h.timer.After(h.now) {
		h.fired = h.window // during an attempt: it waits for its end
	}
	h.revision++
	h.untold, h.next = append(h.untold, h.next[0]), h.next[1:]
	end := h.w.end(h.now)
	h.set(end, end.UnixNano())
}

// attempt takes its time, in which changes may come, and fails or not, as the sink does.
func (h *history) attempt(try sent) {
	h.t.Helper()
	if try.Revision != h.last.Revision && try.Window <= h.last.Window || try.Window > h.now.UnixNano() {
		h.t.Fatalf("seed %d: callback for %d after one for %d", h.seed, try.Window, h.last.Window)
	}
	for _, changed := range h.untold {
		if latest := later(h.w.end(changed), h.over); h.now.After(latest) {
			h.t.Fatalf("seed %d: a state of %s was told at %s, want it when its window or the attempt then was over, %s", h.seed, changed, h.now, latest)
		}
	}
	h.untold = nil
	over := h.now.Add(time.Duration(h.random.Int64N(int64(longestAttempt))))
	for len(h.next) > 0 && h.next[0].Before(over) {
		h.change()
	}
	h.now, h.over = over, over
	h.last = try
	if h.last.Done = h.random.IntN(2) == 0; h.last.Done || try.Attempts == 3 {
		return
	}
	repeat := over.Add(time.Hour)
	h.last.Next = repeat.UnixNano()
	h.set(repeat, try.Window)
	if h.revision != try.Revision {
		turn := h.w.turn(over, try.Window)
		h.set(turn, turn.UnixNano())
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
		end := endOf(at, window, item)
		if !end.After(at) || end.Sub(at) > window {
			t.Fatalf("%s: window of %s ends %s after it, want more than 0 and no more than the window", at, window, end.Sub(at))
		}
		if again := endOf(at.In(time.FixedZone("", 3600)), window, item); !again.Equal(end) {
			t.Fatalf("%s: the same moment ends at %s and at %s", at, end, again)
		}
		if begin := end.Add(-window); !endOf(begin, window, item).Equal(end) || !endOf(end.Add(-1), window, item).Equal(end) {
			t.Fatalf("%s: the whole window from %s does not end at %s", at, begin, end)
		}
		if following := endOf(end, window, item); !following.Equal(end.Add(window)) {
			t.Fatalf("%s: the window after ends at %s, want %s", at, following, end.Add(window))
		}
		if back := endOf(at.Add(-time.Hour), window, item); back.After(end) {
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
		due[int(endOf(at, time.Minute, "app."+strconv.Itoa(i)).Sub(at)-1)*buckets/int(time.Minute)]++
	}
	for second, n := range due {
		if n < items/buckets/2 || n > items/buckets*2 {
			t.Errorf("%d items are due in second %d, want about %d", n, second, items/buckets)
		}
	}
}

func endOf(t time.Time, window time.Duration, item string) time.Time {
	return windowsOf(window, item).end(t)
}
