package callback

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
)

// putOff sets the timer of a callback that its endpoint cannot take now: it holds no place meanwhile, and no attempt is
// counted. A reason that lasts is logged once, and only where the law wants something sent at all.
func (s *Service) putOff(ctx context.Context, it *item, r refusal) error {
	if !r.lasting() || it.timer.held == r.reason {
		return s.rest(ctx, it, r)
	}
	step, err := s.step(ctx, it)
	if err != nil {
		return err
	}
	if step.send == nil {
		return s.follow(ctx, it, step)
	}
	if err := s.rest(ctx, it, r); err != nil {
		return err
	}
	step.send.Attempts-- // this one was not made
	entry := s.about(it, *step.send)
	entry.Reason = r.reason
	s.note(it, delivery.Held, entry)
	return nil
}

// rest stores the timer of a callback that is put off.
func (s *Service) rest(ctx context.Context, it *item, r refusal) error {
	if err := s.commit(ctx, s.restArm(it, r, it.timer.window)); err != nil {
		return err
	}
	s.waiting.note(bus.MediaKey(it.application, it.id), it.timer.due, r.at)
	if r.standing() && s.gate.held(it.spot(), time.Now()).reason == "" {
		// It was resumed meanwhile, and whoever looked for what waits may have missed it.
		return s.commit(ctx, arm(it.application, it.id, time.Now(), it.timer.window))
	}
	return nil
}

func (s *Service) restArm(it *item, r refusal, window int64) bus.Out {
	out := arm(it.application, it.id, r.at, window)
	out.Header.Set(headerDue, strconv.FormatInt(it.timer.due.UnixNano(), 10))
	if r.lasting() {
		out.Header.Set(headerHeld, r.reason)
	}
	if r.standing() {
		to := it.spot()
		out.Header[headerWaits] = []string{to.address, to.endpoint}
	}
	return out
}

// hold keeps a callback that was tried, and whose attempt says that its endpoint or address is to be left alone.
func (s *Service) hold(ctx context.Context, it *item, try sent, r refusal, result outbound.Attempt) error {
	if err := s.mark(ctx, it, try, s.restArm(it, r, try.Window)); err != nil {
		return err
	}
	s.waiting.note(bus.MediaKey(it.application, it.id), it.timer.due, r.at)
	entry := s.entry(it, try, result)
	entry.Reason = r.reason
	s.note(it, delivery.Held, entry)
	return nil
}

// changed takes in standings, and calls wake with those that were paused or disabled before and are active now.
func (s *Service) changed(wake func(delivery.Standing)) func(delivery.Standing) {
	var mu sync.Mutex
	off := map[string]bool{}
	return func(now delivery.Standing) {
		s.gate.changed(now)
		mu.Lock()
		was := off[now.Endpoint]
		if now.Mode == delivery.Active {
			delete(off, now.Endpoint)
		} else {
			off[now.Endpoint] = true
		}
		mu.Unlock()
		if was && now.Mode == delivery.Active {
			wake(now)
		}
	}
}

// resumePace is how close together callbacks come back whose endpoint or address was resumed.
const resumePace = 5 * time.Millisecond

// resume lets go of what waits for an endpoint or an address. Their timers would fire anyway, but later; a timer that is
// set once too often does no harm.
func (s *Service) resume(ctx context.Context, resumed delivery.Standing) {
	at := time.Now()
	var outs []bus.Out
	err := s.deps.Bus.Scan(ctx, bus.Media, bus.MediaArms(resumed.Application), func(m *bus.Message) error {
		if !slices.Contains(m.Header[headerWaits], resumed.Endpoint) {
			return nil
		}
		application, item, err := bus.ParseMediaKey(m.Subject)
		if err != nil {
			return err
		}
		t, err := readTimer(m)
		if err != nil {
			return err
		}
		out := arm(application, item, at, t.window)
		out.Header.Set(headerDue, strconv.FormatInt(t.due.UnixNano(), 10))
		outs, at = append(outs, out), at.Add(resumePace)
		return nil
	})
	for _, out := range outs {
		if err == nil {
			err = s.commit(ctx, out)
		}
	}
	if err != nil && ctx.Err() == nil {
		s.deps.Log.Warn("held callbacks wait for their timers", "endpoint", resumed.Endpoint, "err", err)
	}
}

// waiting is what was put off by this process and is not back, for the metrics. Its zero value is empty.
type waiting struct {
	mu    sync.Mutex
	items map[string]rested
}

type rested struct {
	due, until time.Time
}

// waitingMost bounds how many items are kept; beyond it the metrics say less than there is.
const waitingMost = 100_000

func (w *waiting) note(item string, due, until time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.items == nil {
		w.items = map[string]rested{}
	}
	if len(w.items) < waitingMost {
		w.items[item] = rested{due, until}
	}
}

// back notes that an item's timer fired.
func (w *waiting) back(item string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.items, item)
}

// overview tells how many items wait, and how long the oldest is overdue. What should have been back for long is with
// another process.
func (w *waiting) overview(now time.Time) (n int, overdue time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for item, r := range w.items {
		if now.Sub(r.until) > time.Minute {
			delete(w.items, item)
			continue
		}
		overdue = max(overdue, now.Sub(r.due))
	}
	return len(w.items), overdue
}
