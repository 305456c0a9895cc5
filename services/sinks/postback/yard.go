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

// yard keeps the deliveries that cannot go out now: in a stream of their own, behind one timer for each lane, so that a
// hundred thousand of them hold nothing but disk, and thousands of dead endpoints cost no more timers than one. As long as
// anything is parked for an endpoint that is not paused or disabled, the timer of its lane is set (rounds.go).
type yard struct {
	bus *bus.Bus
	// store writes parked deliveries.
	store *bus.Committer
	log   *slog.Logger
	quota int
	// noted is told of every delivery that was parked, or was over the quota.
	noted func(it *item, reason string, over bool)
	// empty is told when nothing is parked any more.
	empty func(id string)
	// active tells whether what is for an endpoint may go out, as far as people and the endpoint's own word go.
	active func(id string) bool

	mu     sync.Mutex
	lots   map[string]*lot
	rounds map[string]*rounds
	queue  []order
	wake   chan struct{}
}

// lot is what is known of the parked deliveries of one endpoint, or of one address that is disabled.
type lot struct {
	id string
	// count is how many are parked, as far as this process knows: what a predecessor left is not in it until the broker was
	// asked.
	count   int
	counted bool
	// coming are on their way there, and parks were ever stored there: what comes while the lot is emptied must not be
	// forgotten.
	coming, parks int
	// releasing tells that some are on their way back, and out how many have not come in yet.
	releasing bool
	out       int
	// since is when the oldest of them was due, as far as known.
	since time.Time
	// touched is when the lot was used last.
	touched time.Time
}

// order is a delivery to park.
type order struct {
	it *item
	hold
}

const (
	// watchdog is when a lot is looked at again while its deliveries go out, should nothing else come before.
	watchdog = 15 * time.Second
	// releaseLeast and releaseMost bound how many go back into the lane at a time.
	releaseLeast, releaseMost = 16, 256
	// releasePerPlace is how many go back for each attempt that the endpoint may have in progress.
	releasePerPlace = 8
	// gatherFor is how long a delivery that is to be parked waits for others, unless parkMost are waiting: nobody looks out
	// for it, and those that are stored together cost the disk little more than one, which others want to write to.
	gatherFor = 500 * time.Millisecond
	parkMost  = 128
	// askFrom is from how many parked deliveries on the broker is asked for what a predecessor left.
	askFrom = 1000
)

var errQuota = errors.New("as many deliveries are held for the endpoint as may be")

func newYard(b *bus.Bus, quota int, log *slog.Logger) *yard {
	y := &yard{
		bus: b, store: b.NewCommitter(), log: log, quota: quota, lots: map[string]*lot{}, rounds: map[string]*rounds{},
		wake: make(chan struct{}, 1),
	}
	for _, lane := range bus.LaneNames(bus.HookLanes) {
		y.rounds[lane] = &rounds{due: map[*lot]time.Time{}}
	}
	return y
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
			y.gather(ctx)
			for _, o := range y.orders() {
				y.put(ctx, o)
			}
		}
	}
}

// gather waits until enough deliveries are to be parked, or the first has waited long enough.
func (y *yard) gather(ctx context.Context) {
	timer := time.NewTimer(gatherFor)
	defer timer.Stop()
	for {
		y.mu.Lock()
		many := len(y.queue) >= parkMost
		y.mu.Unlock()
		if many {
			return
		}
		select {
		case <-y.wake:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
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

// put stores one delivery where it rests, once the timer is set: it must not rest where nobody looks.
func (y *yard) put(ctx context.Context, o order) {
	l := y.lot(o.id)
	if y.full(ctx, l) {
		y.noted(o.it, o.reason, true)
		o.it.settle(bus.Reject(errQuota))
		return
	}
	y.mu.Lock()
	l.coming++
	y.mu.Unlock()
	if !o.wake.IsZero() {
		if err := y.plan(ctx, l, o.wake); err != nil {
			y.came(l, o.it, err)
			o.it.settle(bus.Later(err, brokerPause))
			return
		}
	}
	header := maps.Clone(o.it.message.Header)
	delete(header, headerReleased)
	out := bus.Out{
		Subject: bus.HookParked(o.id), Header: kept(header), Data: o.it.message.Data,
		ID: "park-" + strconv.FormatUint(o.it.message.Sequence, 10),
	}
	err := y.store.Submit(ctx, func(_ bus.Ack, err error) {
		y.came(l, o.it, err)
		if err != nil {
			o.it.settle(bus.Later(fmt.Errorf("park delivery: %w", err), brokerPause))
			return
		}
		y.noted(o.it, o.reason, false)
		o.it.settle(nil)
	}, out)
	if err != nil {
		y.came(l, o.it, err)
		o.it.giveBack()
	}
}

// came notes that a delivery rests in a lot, or why not.
func (y *yard) came(l *lot, it *item, err error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	l.coming--
	if err != nil {
		return
	}
	l.parks++
	if l.count++; l.since.IsZero() {
		l.since = due(it.message)
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
func (y *yard) lot(id string) *lot {
	y.mu.Lock()
	defer y.mu.Unlock()
	l, ok := y.lots[id]
	if !ok {
		l = &lot{id: id}
		y.lots[id] = l
	}
	l.touched = time.Now()
	return l
}

// full tells whether as many are parked as may be. To ask the broker is dear, so it is done for lots that matter alone.
func (y *yard) full(ctx context.Context, l *lot) bool {
	y.mu.Lock()
	ask := !l.counted && l.count >= min(askFrom, y.quota-1)
	y.mu.Unlock()
	if ask {
		if counts, err := y.bus.Counts(ctx, bus.Parked, bus.HookParked(l.id)); err == nil {
			y.mu.Lock()
			l.count, l.counted = int(counts[bus.HookParked(l.id)]), true //nolint:gosec // bounded by the quota
			y.mu.Unlock()
		}
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	return l.count >= y.quota
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
	if l.releasing || l.out >= room {
		return nil, false
	}
	l.releasing = true
	return l, true
}

// reserveAll is reserve for a lot whose time has come, whatever is known of it. What is on its way since the last time will
// not come any more.
func (y *yard) reserveAll(l *lot) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	if l.releasing {
		return false
	}
	l.releasing, l.out = true, 0
	return true
}

// free lets others move deliveries of a lot.
func (y *yard) free(l *lot) {
	y.mu.Lock()
	defer y.mu.Unlock()
	l.releasing = false
}

// cameBack notes that a released delivery is in its lane.
func (y *yard) cameBack(id string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if l, ok := y.lots[id]; ok && l.out > 0 {
		l.out--
	}
}

// release moves up to n of the oldest parked deliveries back into their lanes, and tells whether more may be left. A
// delivery that is moved twice, because the process was killed in between, is dropped by the broker.
func (y *yard) release(ctx context.Context, l *lot, n int) (more bool, err error) {
	defer func() {
		y.mu.Lock()
		l.releasing = false
		y.mu.Unlock()
	}()
	parks := y.parks(l)
	parked, err := y.bus.Oldest(ctx, bus.Parked, bus.HookParked(l.id), 0, n)
	if err != nil {
		return true, err
	}
	if len(parked) == 0 {
		y.forget(l, parks)
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
	err = y.bus.Trim(ctx, bus.Parked, bus.HookParked(l.id), parked[len(parked)-1].Sequence+1)
	y.mu.Lock()
	l.count = max(l.count-len(parked), 0)
	l.since = due(parked[len(parked)-1])
	more = len(parked) == n
	if more {
		l.count = max(l.count, 1) // a predecessor may have left it
	} else if l.parks == parks && l.coming == 0 {
		y.rest(l)
	}
	y.mu.Unlock()
	if !more {
		y.empty(l.id)
	}
	return more, err
}

// parks is how many were ever stored in a lot.
func (y *yard) parks(l *lot) int {
	y.mu.Lock()
	defer y.mu.Unlock()
	return l.parks
}

// forget notes that nothing was parked when so many had been stored there.
func (y *yard) forget(l *lot, parks int) {
	y.mu.Lock()
	if l.parks == parks && l.coming == 0 {
		l.count, l.counted, l.since = 0, false, time.Time{}
		y.rest(l)
	}
	y.mu.Unlock()
	y.empty(l.id)
}

// remove takes one parked delivery out, and those before it.
func (y *yard) remove(ctx context.Context, id string, sequence uint64) error {
	if err := y.bus.Trim(ctx, bus.Parked, bus.HookParked(id), sequence+1); err != nil {
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
// when none are. It lets go of lots that have had nothing for long.
func (y *yard) overview() (parked int, oldest time.Time) {
	y.mu.Lock()
	defer y.mu.Unlock()
	stale := time.Now().Add(-forgetEvery)
	for id, l := range y.lots {
		if l.count <= 0 {
			_, due := y.rounds[bus.HookLane(id)].due[l]
			if l.out == 0 && l.coming == 0 && !l.releasing && !due && l.touched.Before(stale) {
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
