package postback

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
)

// rounds is what the owner of a lane keeps of its rounds through the lane's parked deliveries. Each begins when the lane's
// timer fires, which the broker keeps, so nothing depends on this process: the next owner gets the timer, and asks the
// broker what rests there.
type rounds struct {
	// due is when to look what can go out of a lot. Lots are missing of which nothing is parked, or for which somebody has
	// to say so, because their endpoint is paused or disabled.
	due map[*lot]time.Time
	// armed is when the timer fires that is stored.
	armed time.Time
	// surveyed is when the broker was asked last what rests in the lane.
	surveyed time.Time
	// arming is held while the timer is stored.
	arming sync.Mutex
}

const (
	// roundEvery is the least time between two rounds of a lane, and roundMost how many lots are looked at in each, those
	// that wait longest first: the work for dead endpoints is bounded, however many there are.
	roundEvery = time.Second
	roundMost  = 8
	// surveyEvery is how often the broker is asked what rests in a lane: a predecessor may have left it, or somebody else
	// may have had the lane for a while.
	surveyEvery = time.Minute
	// overdue is how long after its time a timer is taken for lost.
	overdue = 5 * time.Second
)

// plan says when to look what can go out of a lot, if not before. It returns once the broker has a timer for that.
func (y *yard) plan(ctx context.Context, l *lot, at time.Time) error {
	lane := bus.HookLane(l.id)
	y.mu.Lock()
	if due, planned := y.rounds[lane].due[l]; planned && due.Before(at) {
		at = due
	}
	y.rounds[lane].due[l] = at
	y.mu.Unlock()
	return y.arm(ctx, lane, at)
}

// replan is plan for a lot that was just looked at: it need not be looked at before.
func (y *yard) replan(ctx context.Context, l *lot, at time.Time) error {
	y.mu.Lock()
	y.rest(l)
	y.mu.Unlock()
	return y.plan(ctx, l, at)
}

// rest notes that a lot need not be looked at until somebody says so. The caller holds the lock.
func (y *yard) rest(l *lot) { delete(y.rounds[bus.HookLane(l.id)].due, l) }

// arm stores the timer of a lane, unless it is set for then or earlier already. One at a time: whoever finds it set may rely
// on it.
func (y *yard) arm(ctx context.Context, lane string, at time.Time) error {
	r := y.rounds[lane]
	r.arming.Lock()
	defer r.arming.Unlock()
	now := time.Now()
	if soonest := now.Add(roundEvery); at.Before(soonest) {
		at = soonest
	}
	if latest := now.Add(watchdog); at.After(latest) { // what another owner left is found then, whatever is known here
		at = latest
	}
	y.mu.Lock()
	armed := r.armed
	y.mu.Unlock()
	if !armed.IsZero() && !armed.After(at) && now.Before(armed.Add(overdue)) {
		return nil
	}
	if _, err := y.bus.Publish(ctx, bus.Out{Subject: bus.HookProbe(lane), Target: bus.HookRound(lane), At: at}); err != nil {
		return fmt.Errorf("set the timer of lane %s: %w", lane, err)
	}
	y.mu.Lock()
	r.armed = at
	y.mu.Unlock()
	return nil
}

// rearm sets the timer of a lane for its first lot that is due, if any is.
func (y *yard) rearm(ctx context.Context, lane string) error {
	y.mu.Lock()
	first := time.Time{}
	for _, due := range y.rounds[lane].due {
		if first.IsZero() || due.Before(first) {
			first = due
		}
	}
	y.mu.Unlock()
	if first.IsZero() {
		return nil
	}
	return y.arm(ctx, lane, first)
}

// tend sets the timers that could not be set, or did not fire.
func (y *yard) tend(ctx context.Context) {
	for lane, r := range y.rounds {
		y.mu.Lock()
		lost := !r.armed.IsZero() && time.Now().After(r.armed.Add(overdue))
		y.mu.Unlock()
		err := y.rearm(ctx, lane)
		if err != nil && ctx.Err() == nil {
			y.log.Warn("parked deliveries wait", "lane", lane, "err", err)
		}
		if err == nil && lost {
			y.abandon(lane)
		}
	}
}

// abandon forgets what is parked in a lane whose timer fired for somebody else, as it seems. If it was lost instead, there is
// a new one now, and the broker is asked again. A lot stays while something is on its way there.
func (y *yard) abandon(lane string) {
	r := y.rounds[lane]
	y.mu.Lock()
	defer y.mu.Unlock()
	for l := range r.due {
		if l.coming == 0 {
			l.count, l.counted, l.since = 0, false, time.Time{}
			y.rest(l)
		}
	}
	r.surveyed = time.Time{}
}

// begin begins a round when the timer of a lane fired: it returns the lots to look at, and notes that they are to be looked
// at again at some time should nothing come of it.
func (y *yard) begin(ctx context.Context, lane string, again time.Duration) ([]*lot, error) {
	r := y.rounds[lane]
	now := time.Now()
	y.mu.Lock()
	r.armed = time.Time{}
	known := now.Before(r.surveyed.Add(surveyEvery))
	y.mu.Unlock()
	if !known {
		if err := y.survey(ctx, lane, now); err != nil {
			return nil, err
		}
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	var lots []*lot
	for l, due := range r.due {
		switch {
		case !y.active(l.id):
			y.rest(l)
		case !due.After(now):
			lots = append(lots, l)
		}
	}
	slices.SortFunc(lots, func(a, b *lot) int { return r.due[a].Compare(r.due[b]) })
	lots = lots[:min(len(lots), roundMost)]
	for _, l := range lots {
		r.due[l] = now.Add(again)
	}
	return lots, nil
}

// survey asks the broker what rests in a lane.
func (y *yard) survey(ctx context.Context, lane string, now time.Time) error {
	counts, err := y.bus.Counts(ctx, bus.Parked, bus.HookParkedLane(lane))
	if err != nil {
		return err
	}
	r := y.rounds[lane]
	for subject, count := range counts {
		id, ok := bus.ParsePark(subject)
		if !ok || !y.active(id) {
			continue
		}
		l := y.lot(id)
		y.mu.Lock()
		l.count, l.counted = max(l.count, int(count)), true //nolint:gosec // bounded by the quota
		if _, planned := r.due[l]; !planned {
			r.due[l] = now
		}
		y.mu.Unlock()
	}
	y.mu.Lock()
	r.surveyed = now
	y.mu.Unlock()
	return nil
}
