package delivery_test

import (
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
)

var (
	ok          = outbound.Attempt{Status: 200, Total: time.Millisecond}
	silent      = outbound.Attempt{Class: outbound.ClassTimeout, Total: 15 * time.Second}
	failing     = outbound.Attempt{Status: 500, Class: outbound.ClassStatus, Total: time.Millisecond}
	refusing    = outbound.Attempt{Status: 400, Class: outbound.ClassStatus, Total: time.Millisecond}
	unreachable = outbound.Attempt{Class: outbound.ClassRefused, Total: time.Millisecond}
	blocked     = outbound.Attempt{Class: outbound.ClassBlocked}
	limited     = outbound.Attempt{Status: 429, Class: outbound.ClassStatus, RetryAfter: time.Minute, Total: time.Millisecond}
)

// patient is an endpoint with a clock of its own.
type patient struct {
	*delivery.Health
	now time.Time
}

func newPatient(most int) *patient {
	return &patient{delivery.NewHealth(most), time.Unix(1_700_000_000, 0)}
}

// notes takes in n attempts of a kind, one after the other, and returns what the last changed.
func (p *patient) notes(n int, a outbound.Attempt) delivery.Turn {
	turn := delivery.Unchanged
	for range n {
		begun := p.now
		p.now = p.now.Add(a.Total + time.Millisecond)
		turn = p.Note(p.now, begun, a)
	}
	return turn
}

func TestHealth_BreaksAndRecovers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		before int // successes before
		kind   outbound.Attempt
		breaks int // at which failure; 0 for never
	}{
		{"Silence", 100, silent, 2},
		{"SilenceOfAStranger", 0, silent, 2},
		{"FailuresOnly", 0, failing, 10},
		{"FailuresAfterSuccess", 100, failing, 16},
		{"NoConnection", 100, unreachable, 16},
		{"TooMany", 100, limited, 16},
		{"RefusedRequestsProveLife", 0, refusing, 0},
		{"BlockedSaysNothing", 0, blocked, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPatient(8)
			p.notes(tt.before, ok)
			broke := 0
			for i := 1; i <= 50 && broke == 0; i++ {
				if p.notes(1, tt.kind) == delivery.Broke {
					broke = i
				}
			}
			if broke != tt.breaks || p.Open() != (tt.breaks > 0) {
				t.Fatalf("broke at %d, open %v, want %d", broke, p.Open(), tt.breaks)
			}
			if broke == 0 {
				return
			}
			if turn := p.notes(1, ok); turn != delivery.Recovered || p.Open() || p.Limit() != 1 {
				t.Errorf("after a success: turn %d, open %v, limit %d, want recovered with a limit of 1", turn, p.Open(), p.Limit())
			}
		})
	}
}

// TestHealth_ProbesEverMoreSeldom doubles the pause up to five minutes, and adds up to a tenth.
func TestHealth_ProbesEverMoreSeldom(t *testing.T) {
	t.Parallel()
	p := newPatient(8)
	p.notes(2, silent)
	if wait := p.ProbeAt().Sub(p.now); wait != 5*time.Second {
		t.Errorf("the first probe after silence is after %s, want 5s", wait)
	}
	p = newPatient(8)
	p.notes(10, failing)
	if wait := p.ProbeAt().Sub(p.now); wait != time.Second {
		t.Errorf("the first probe is after %s, want 1s", wait)
	}
	want := time.Second
	for range 12 {
		p.now = p.ProbeAt()
		p.notes(1, failing)
		want = min(2*want, 5*time.Minute)
		if wait := p.ProbeAt().Sub(p.now); wait < want || wait > want+want/10 {
			t.Errorf("the next probe is after %s, want %s to a tenth more", wait, want)
		}
	}
}

// TestHealth_ADayOfFailures lets an endpoint answer 500 for a day: it costs some three hundred attempts, and the first
// that is taken brings it back.
func TestHealth_ADayOfFailures(t *testing.T) {
	t.Parallel()
	p := newPatient(8)
	p.notes(100, ok)
	begun, asked := p.now, 0
	for ; !p.Open(); asked++ {
		p.notes(1, failing)
	}
	for ; p.now.Sub(begun) < 24*time.Hour; asked++ {
		p.now = p.ProbeAt()
		if turn := p.notes(1, failing); turn != delivery.Unchanged || !p.Open() {
			t.Fatalf("after %s of failures: turn %d, open %v", p.now.Sub(begun), turn, p.Open())
		}
	}
	if asked < 200 || asked > 310 { // one in five minutes is 288, and some are for finding out
		t.Errorf("asked %d times in a day, want about 288", asked)
	}
	p.now = p.ProbeAt()
	if turn := p.notes(1, ok); turn != delivery.Recovered || p.Open() {
		t.Errorf("after a success: turn %d, open %v", turn, p.Open())
	}
}

func TestHealth_LimitFollowsAnswers(t *testing.T) {
	t.Parallel()
	p := newPatient(64)
	if p.Limit() != 1 {
		t.Errorf("a stranger gets %d attempts at a time, want 1", p.Limit())
	}
	p.notes(10, ok)
	if p.Limit() != 11 {
		t.Errorf("limit %d after ten successes, want 11: it doubles with each round", p.Limit())
	}
	p.notes(100, ok)
	if p.Limit() != 64 {
		t.Errorf("limit %d, want the cap of 64", p.Limit())
	}
	for _, kind := range []outbound.Attempt{limited, silent, {Status: 503, Class: outbound.ClassStatus, Total: time.Millisecond}} {
		before := p.Limit()
		p.notes(1, kind)
		if p.Limit() != before/2 {
			t.Errorf("status %d %s: limit %d after %d, want half", kind.Status, kind.Class, p.Limit(), before)
		}
	}
	before := p.Limit()
	p.notes(before, ok)
	if p.Limit() < before || p.Limit() > before+1 {
		t.Errorf("limit %d after %d successes, want one more than %d: it grows slowly now", p.Limit(), before, before)
	}
	p.Cap(3)
	if p.Limit() != 3 {
		t.Errorf("limit %d above the new cap of 3", p.Limit())
	}
}

// TestHealth_ShrinksOnceForAttemptsThatWentTogether halves once, though eight attempts failed that were under way together.
func TestHealth_ShrinksOnceForAttemptsThatWentTogether(t *testing.T) {
	t.Parallel()
	p := newPatient(64)
	p.notes(100, ok)
	begun := p.now
	p.now = p.now.Add(time.Second)
	for range 8 {
		p.Note(p.now, begun, limited)
	}
	if p.Limit() != 32 {
		t.Errorf("limit %d, want 32", p.Limit())
	}
}

func TestHealth_RetryAfterIsForTheWholeEndpoint(t *testing.T) {
	t.Parallel()
	p := newPatient(8)
	p.notes(5, ok)
	p.notes(1, limited)
	if wait := p.AskedUntil().Sub(p.now); wait != time.Minute {
		t.Errorf("left alone for %s, want the minute that it asked for", wait)
	}
	p.notes(20, limited)
	if p.ProbeAt().Before(p.AskedUntil()) {
		t.Error("probed before the time that it asked for")
	}
}

func TestHealth_RampsUpAfterRecovery(t *testing.T) {
	t.Parallel()
	p := newPatient(8)
	if rate := p.Rate(p.now); rate != 0 {
		t.Errorf("rate %g without a recovery, want none", rate)
	}
	p.notes(2, silent)
	p.notes(1, ok)
	for second, want := range []float64{10, 20, 40, 80, 160, 320, 640, 1280, 0} {
		if rate := p.Rate(p.now.Add(time.Duration(second) * time.Second)); rate != want {
			t.Errorf("rate %g after %d s, want %g", rate, second, want)
		}
	}
}

func TestHealth_Quick(t *testing.T) {
	t.Parallel()
	p := newPatient(8)
	if p.Quick() {
		t.Error("a stranger counts as quick")
	}
	p.notes(1, ok)
	if !p.Quick() {
		t.Error("an endpoint that answered in a millisecond does not count as quick")
	}
	p.Slowed()
	if p.Quick() {
		t.Error("still quick after an attempt that lingers")
	}
	p.notes(3, ok)
	if !p.Quick() {
		t.Error("not quick again after three fast answers")
	}
	slow := ok
	slow.Total = time.Second
	p.notes(4, slow)
	if p.Quick() || p.Took() < 500*time.Millisecond {
		t.Errorf("quick %v with a usual time of %s", p.Quick(), p.Took())
	}
	p.notes(20, ok)
	p.notes(1, silent)
	if p.Quick() {
		t.Error("quick although it fell silent")
	}
}
