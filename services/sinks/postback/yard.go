package postback

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strconv"
	"sync"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
)

// yard keeps the deliveries that cannot go out now: in the stream, behind one timer for each endpoint, so that a hundred
// thousand of them hold nothing but disk. As long as anything is parked for an endpoint that is not paused or disabled,
// its timer is set; when it fires, the owner of the lane looks what can go out, and sets it again if something is left.
// So nothing depends on this process: the next owner gets the timer.
type yard struct {
	bus   *bus.Bus
	store *bus.Committer
	log   *slog.Logger
	quota int
	// noted is told of every delivery that was parked, or was over the quota.
	noted func(it *item, reason string, over bool)
	// empty is told when nothing is parked any more.
	empty func(id string)

	mu    sync.Mutex
	lots  map[string]*lot
	queue []order
	wake  chan struct{}
}

// lot is what is known of the parked deliveries of one endpoint, or of one address that is disabled.
type lot struct {
	id, application string
	// count is how many are parked, as far as this process knows: what a predecessor left is not in it until the broker was
	// asked.
	count   int
	counted bool
	// armed is when the timer is due that was set last.
	armed time.Time
	// releasing tells that some are on their way back, and out how many have not come in yet.
	releasing bool
	out       int
	// since is when the oldest of them was due, as far as known.
	since time.Time
}

// order is a delivery to park.
type order struct {
	it *item
	hold
}

const (
	// watchdog is how long a timer is set for while parked deliveries go out; it fires only when their owner is gone.
	watchdog = 15 * time.Second
	// releaseLeast and releaseMost bound how many go back into the lane at a time.
	releaseLeast, releaseMost = 16, 256
	// releasePerPlace is how many go back for each attempt that the endpoint may have in progress.
	releasePerPlace = 8
	// askFrom is from how many parked deliveries on the broker is asked for what a predecessor left.
	askFrom = 1000
	// overdue is how long after its time a timer is taken for lost.
	overdue = 5 * time.Second
)

var errQuota = errors.New("as many deliveries are held for the endpoint as may be")

func newYard(b *bus.Bus, store *bus.Committer, quota int, log *slog.Logger) *yard {
	return &yard{bus: b, store: store, log: log, quota: quota, lots: map[string]*lot{}, wake: make(chan struct{}, 1)}
}

// park puts a delivery in the queue of what is to be stored. It does not wait.
func (y *yard) park(it *item, h hold) {
	y.mu.Lock()
	y.queue = append(y.queue, order{it, h})
	y.mu.Unlock()
	select {
	case y.wake <- struct{}{}:
	default:
	}
}

// run stores what is parked until ctx ends; what is not stored by then is given back.
func (y *yard) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			for _, o := range y.orders() {
				o.it.giveBack()
			}
			return
		case <-y.wake:
			for _, o := range y.orders() {
				y.put(ctx, o)
			}
		}
	}
}

func (y *yard) orders() []order {
	y.mu.Lock()
	defer y.mu.Unlock()
	orders := y.queue
	y.queue = nil
	return orders
}

// put stores one delivery where it rests, and sees that the timer is set.
func (y *yard) put(ctx context.Context, o order) {
	l := y.lot(o.id, o.it.message.Header.Get(bus.HeaderApplication))
	if y.full(ctx, l) {
		y.noted(o.it, o.reason, true)
		o.it.settle(bus.Reject(errQuota))
		return
	}
	if !o.wake.IsZero() {
		y.arm(ctx, l, o.wake)
	}
	header := maps.Clone(o.it.message.Header)
	delete(header, headerReleased)
	out := bus.Out{
		Subject: bus.HookParked(o.id), Header: kept(header), Data: o.it.message.Data,
		ID: "park-" + strconv.FormatUint(o.it.message.Sequence, 10),
	}
	err := y.store.Submit(ctx, func(_ bus.Ack, err error) {
		if err != nil {
			o.it.settle(bus.Later(fmt.Errorf("park delivery: %w", err), brokerPause))
			return
		}
		y.mu.Lock()
		if l.count++; l.since.IsZero() {
			l.since = due(o.it.message)
		}
		y.mu.Unlock()
		y.noted(o.it, o.reason, false)
		o.it.settle(nil)
	}, out)
	if err != nil {
		o.it.giveBack()
	}
}

// kept are the headers of a delivery, without those that the broker put there.
func kept(header bus.Header) bus.Header {
	for name := range header {
		if name != bus.HeaderApplication && name != headerReplay && name != headerDelivery && name != headerEndpoint &&
			name != headerAddress && name != headerAttempts && name != headerDue && name != headerReleased {
			delete(header, name)
		}
	}
	return header
}

// lot finds what is known of an endpoint's parked deliveries.
func (y *yard) lot(id, application string) *lot {
	y.mu.Lock()
	defer y.mu.Unlock()
	l, ok := y.lots[id]
	if !ok {
		l = &lot{id: id, application: application}
		y.lots[id] = l
	}
	return l
}

// full tells whether as many are parked as may be. To ask the broker is dear, so it is done for lots that matter alone.
func (y *yard) full(ctx context.Context, l *lot) bool {
	y.mu.Lock()
	ask := !l.counted && l.count >= min(askFrom, y.quota-1)
	y.mu.Unlock()
	if ask {
		if counts, err := y.bus.Counts(ctx, bus.Hooks, bus.HookParked(l.id)); err == nil {
			y.mu.Lock()
			l.count, l.counted = int(counts[bus.HookParked(l.id)]), true //nolint:gosec // bounded by the quota
			y.mu.Unlock()
		}
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	return l.count >= y.quota
}

// arm sets the timer of a lot, unless it is set for then or earlier already.
func (y *yard) arm(ctx context.Context, l *lot, at time.Time) {
	y.mu.Lock()
	if now := time.Now(); !l.armed.IsZero() && !l.armed.After(at) && now.Before(l.armed.Add(overdue)) {
		y.mu.Unlock()
		return
	}
	l.armed = at
	y.mu.Unlock()
	y.set(ctx, l, at)
}

// set stores the timer without waiting for it.
func (y *yard) set(ctx context.Context, l *lot, at time.Time) {
	stored := func(_ bus.Ack, err error) {
		if err == nil {
			return
		}
		y.log.Warn("timer of an endpoint not set", "endpoint", l.id, "err", err)
		y.mu.Lock()
		l.armed = time.Time{}
		y.mu.Unlock()
	}
	if err := y.store.Submit(ctx, stored, l.timer(at)); err != nil {
		stored(bus.Ack{}, err)
	}
}

// rearm sets the timer anew after it fired, and returns once it is stored.
func (y *yard) rearm(ctx context.Context, l *lot, at time.Time) error {
	y.mu.Lock()
	l.armed = at
	y.mu.Unlock()
	_, err := y.store.Commit(ctx, l.timer(at))
	return err
}

func (l *lot) timer(at time.Time) bus.Out {
	return bus.Out{
		Subject: bus.HookProbe(l.id), Target: bus.HookWake(l.id), At: at,
		Header: bus.Header{bus.HeaderApplication: {l.application}, headerEndpoint: {l.id}},
	}
}

// reserve makes sure that one at a time moves deliveries of a lot back; false when nothing is parked, as far as known, or
// so many are on their way already that there is no room.
func (y *yard) reserve(id string, room int) (*lot, bool) {
	y.mu.Lock()
	defer y.mu.Unlock()
	l, ok := y.lots[id]
	if !ok || l.count <= 0 {
		return nil, false
	}
	return l, l.take(room)
}

// reserveAll is reserve for a lot whose timer fired, whatever is known of it.
func (y *yard) reserveAll(l *lot) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	return l.take(releaseMost)
}

// free lets others move deliveries of a lot.
func (y *yard) free(l *lot) {
	y.mu.Lock()
	defer y.mu.Unlock()
	l.releasing = false
}

func (l *lot) take(room int) bool {
	if l.releasing || l.out >= room {
		return false
	}
	l.releasing = true
	return true
}

// cameBack notes that a released delivery is in its lane.
func (y *yard) cameBack(id string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if l, ok := y.lots[id]; ok && l.out > 0 {
		l.out--
	}
}

// fired notes that a lot's timer fired: what is still on its way by then will not come any more.
func (y *yard) fired(l *lot) {
	y.mu.Lock()
	defer y.mu.Unlock()
	l.out, l.armed = 0, time.Time{}
}

// release moves up to n of the oldest parked deliveries back into their lanes, and tells whether more may be left. A
// delivery that is moved twice, because the process was killed in between, is dropped by the broker.
func (y *yard) release(ctx context.Context, l *lot, n int) (more bool, err error) {
	defer func() {
		y.mu.Lock()
		l.releasing = false
		y.mu.Unlock()
	}()
	parked, err := y.bus.Oldest(ctx, bus.Hooks, bus.HookParked(l.id), 0, n)
	if err != nil {
		return true, err
	}
	if len(parked) == 0 {
		y.forget(l)
		return false, nil
	}
	outs := make([]bus.Out, len(parked))
	for i, m := range parked {
		header := kept(maps.Clone(m.Header))
		header.Set(headerReleased, l.id)
		outs[i] = bus.Out{
			Subject: bus.HookLate(header.Get(headerEndpoint)), Header: header, Data: m.Data,
			ID: "release-" + strconv.FormatUint(m.Sequence, 10),
		}
	}
	y.mu.Lock()
	l.out += len(parked) // before they are on their way: they may come in before the broker's word does
	y.mu.Unlock()
	if _, err := y.bus.PublishInOrder(ctx, outs); err != nil {
		return true, err // some may have gone; the timer sets the count right
	}
	err = y.bus.Trim(ctx, bus.Hooks, bus.HookParked(l.id), parked[len(parked)-1].Sequence+1)
	y.mu.Lock()
	l.count = max(l.count-len(parked), 0)
	l.since = due(parked[len(parked)-1])
	more = len(parked) == n
	if more {
		l.count = max(l.count, 1) // a predecessor may have left it
	}
	y.mu.Unlock()
	if !more {
		y.empty(l.id)
	}
	return more, err
}

// forget notes that nothing is parked.
func (y *yard) forget(l *lot) {
	y.mu.Lock()
	l.count, l.counted, l.since = 0, false, time.Time{}
	y.mu.Unlock()
	y.empty(l.id)
}

// remove takes one parked delivery out, and those before it.
func (y *yard) remove(ctx context.Context, id string, sequence uint64) error {
	if err := y.bus.Trim(ctx, bus.Hooks, bus.HookParked(id), sequence+1); err != nil {
		return err
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	if l, ok := y.lots[id]; ok && l.count > 0 {
		l.count--
	}
	return nil
}

// overview tells how many deliveries are parked, as far as this process knows, and since when the oldest was due; zero
// when none are. It lets go of lots that have had nothing for long: what is stored for them has its timer.
func (y *yard) overview() (parked int, oldest time.Time) {
	y.mu.Lock()
	defer y.mu.Unlock()
	stale := time.Now().Add(-forgetEvery)
	for id, l := range y.lots {
		if l.count <= 0 {
			if l.out == 0 && !l.releasing && l.armed.Before(stale) {
				delete(y.lots, id)
			}
			continue
		}
		parked += l.count
		if !l.since.IsZero() && (oldest.IsZero() || l.since.Before(oldest)) {
			oldest = l.since
		}
	}
	return parked, oldest
}
