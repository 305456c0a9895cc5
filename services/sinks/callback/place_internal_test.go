package callback

import (
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
)

var (
	taken  = outbound.Attempt{Status: 200, Total: 5 * time.Millisecond}
	silent = outbound.Attempt{Class: outbound.ClassTimeout, Total: 15 * time.Second}
)

// at makes a place that has had answers, each a second after the one before, and the time after the last.
func at(most int, answers ...outbound.Attempt) (*place, time.Time) {
	p, now := newPlace(most), time.Unix(1_000_000, 0)
	for _, answer := range answers {
		p.begin(now)
		now = now.Add(time.Second)
		p.note(now, now.Add(-time.Second), answer)
		p.end(now.Add(-time.Second))
	}
	return p, now
}

func TestPlace_Judge(t *testing.T) {
	t.Parallel()
	asked := outbound.Attempt{Status: 503, Class: outbound.ClassStatus, RetryAfter: time.Hour}
	for _, tt := range []struct {
		name    string
		answers []outbound.Attempt
		begun   int
		after   time.Duration
		reason  string
		base    time.Duration // since the answers
	}{
		{"NewEndpointGetsOne", nil, 0, 0, "", 0},
		{"NewEndpointGetsNoSecond", nil, 1, 0, reasonFull, 0},
		{"AnswersEarnPlaces", []outbound.Attempt{taken, taken, taken}, 3, 0, "", 0},
		{"NoMoreThanTheCap", []outbound.Attempt{taken, taken, taken, taken, taken}, 4, 0, reasonFull, 0},
		{"SilenceTwiceBreaks", []outbound.Attempt{silent, silent}, 0, 0, reasonBroken, 5 * time.Second},
		{"ProbeGoesOut", []outbound.Attempt{silent, silent}, 0, 6 * time.Second, "", 0},
		{"ProbeIsAlone", []outbound.Attempt{silent, silent}, 1, 6 * time.Second, reasonBroken, 7 * time.Second},
		{"RetryAfterIsForTheWholeEndpoint", []outbound.Attempt{taken, taken, asked}, 0, time.Minute, reasonAsked, time.Hour},
		{"RetryAfterEnds", []outbound.Attempt{taken, taken, asked}, 0, time.Hour, "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, since := at(4, tt.answers...)
			now := since.Add(tt.after)
			for range tt.begun {
				p.begin(now)
			}
			reason, base := p.judge(now)
			if tt.base == 0 && reason != "" {
				base = base.Add(-tt.after)
			}
			if reason != tt.reason || reason != "" && base.Sub(since) != tt.base {
				t.Errorf("judged %q until %s, want %q until %s", reason, base.Sub(since), tt.reason, tt.base)
			}
		})
	}
}

// TestPlace_RampsUp lets a recovered endpoint have ten attempts a second at first.
func TestPlace_RampsUp(t *testing.T) {
	t.Parallel()
	p, recovered := at(8, silent, silent, taken)
	p.begin(recovered)
	p.end(recovered)
	if reason, base := p.judge(recovered.Add(50 * time.Millisecond)); reason != reasonFull || base.Sub(recovered) != 100*time.Millisecond {
		t.Errorf("judged %q until %s, want the next after 100ms", reason, base.Sub(recovered))
	}
	if reason, _ := p.judge(recovered.Add(100 * time.Millisecond)); reason != "" {
		t.Errorf("judged %q after 100ms, want it let in", reason)
	}
}

// TestPlace_Standing has what somebody wrote about the endpoint.
func TestPlace_Standing(t *testing.T) {
	t.Parallel()
	p, now := at(8, taken, taken, taken, taken)
	p.cap(delivery.Standing{InFlight: 2, Rate: 4}, 8)
	p.begin(now)
	if reason, base := p.judge(now); reason != reasonFull || base.Sub(now) != time.Second/4 {
		t.Errorf("judged %q until %s, want four a second", reason, base.Sub(now))
	}
	p.begin(now)
	if reason, _ := p.judge(now.Add(time.Hour)); reason != reasonFull {
		t.Errorf("a third was let in, want two at a time")
	}
}

// TestPlace_Book refuses ten thousand, at an endpoint in each state of health, and looks at when they come back.
func TestPlace_Book(t *testing.T) {
	t.Parallel()
	const refused = 10_000
	for _, tt := range []struct {
		name     string
		answers  []outbound.Attempt
		begun    time.Duration // ago, of the one attempt in progress
		reason   string
		first    time.Duration
		inSecond int // how many come back within one second, at most
		all      time.Duration
	}{
		// 5 ms for each callback, and eight at a time.
		{"Fast", []outbound.Attempt{taken, taken, taken, taken, taken, taken, taken, taken}, 0, reasonFull, roundTrip, 250, 61 * time.Second},
		{"SilentFor10s", nil, 10 * time.Second, reasonFull, 2500 * time.Millisecond, 700, 61 * time.Second},
		{"Broken", []outbound.Attempt{silent, silent}, 0, reasonBroken, 5 * time.Second, 700, 70 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, now := at(8, tt.answers...)
			if tt.begun > 0 {
				p.begin(now.Add(-tt.begun))
			}
			seconds := map[int]int{}
			for i := range refused {
				base := now
				if tt.reason == reasonBroken {
					base = p.health.ProbeAt()
				}
				wait := p.book(now, base, tt.reason).at.Sub(now)
				if i == 0 && wait != tt.first {
					t.Errorf("the first comes back after %s, want %s", wait, tt.first)
				}
				if wait < min(tt.first, roundTrip) || wait > tt.all {
					t.Fatalf("comes back after %s, want %s to %s", wait, tt.first, tt.all)
				}
				seconds[int(wait/time.Second)]++
			}
			for second, n := range seconds {
				if n > tt.inSecond {
					t.Errorf("%d come back in second %d, want at most %d", n, second, tt.inSecond)
				}
			}
		})
	}
}

// TestPlace_BookSendsSomebodyAhead has a hundred wait for a silent attempt, and wants one of them to look for a place ever
// again, however far away the turns of the others are.
func TestPlace_BookSendsSomebodyAhead(t *testing.T) {
	t.Parallel()
	p, begun := at(8)
	p.begin(begun)
	var due []time.Time // of those that were refused
	for range 100 {
		due = append(due, p.book(begun, begun, reasonFull).at)
	}
	for i := 0; ; i++ {
		slices.SortFunc(due, time.Time.Compare)
		now := due[0]
		if took := now.Sub(begun); took > 20*time.Second {
			return
		}
		due[0] = p.book(now, now, reasonFull).at
		if next := slices.MinFunc(due, time.Time.Compare); next.Sub(now) > max(roundTrip, now.Sub(begun)/4) {
			t.Fatalf("%s after the attempt began nobody looks for %s (%d)", now.Sub(begun), next.Sub(now), i)
		}
	}
}

// TestPlace_ForgetsTurns gives turns anew once the endpoint has recovered.
func TestPlace_ForgetsTurns(t *testing.T) {
	t.Parallel()
	p, now := at(8, silent, silent)
	for range 300 {
		p.book(now, p.health.ProbeAt(), reasonBroken)
	}
	now = now.Add(2 * time.Second)
	p.begin(now)
	p.note(now, now, taken)
	if wait := p.book(now, now, reasonFull).at.Sub(now); wait != roundTrip {
		t.Errorf("comes back after %s, want %s", wait, roundTrip)
	}
}
