package bus

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// manyWaiting is from how many waiting units on one atomic batch is faster than a publish for each: a batch costs
// about as much as sixteen synced publishes, whatever its size.
const manyWaiting = 16

// Committer stores units of messages and gathers those that wait while the disk is busy into one write. A unit is
// stored whole or not at all; units do not affect each other. All messages must belong to one stream.
type Committer struct {
	bus   *Bus
	queue chan *unit
}

type unit struct {
	outs []Out
	done func(Ack, error)
}

// NewCommitter makes a committer; [Committer.Run] must run for it to store anything.
func (b *Bus) NewCommitter() *Committer {
	return &Committer{bus: b, queue: make(chan *unit, MaxBatch)}
}

// Commit returns once the unit is on disk, with the place of its last message. It fails as [Bus.PublishAtomic] does.
// When ctx ends first the unit may still be stored.
func (c *Committer) Commit(ctx context.Context, outs ...Out) (Ack, error) {
	type answer struct {
		ack Ack
		err error
	}
	stored := make(chan answer, 1)
	if err := c.Submit(ctx, func(ack Ack, err error) { stored <- answer{ack, err} }, outs...); err != nil {
		return Ack{}, err
	}
	select {
	case a := <-stored:
		return a.ack, a.err
	case <-ctx.Done():
		return Ack{}, publishError(outs[0].Subject, errors.Join(ErrUnavailable, ctx.Err()))
	}
}

// Submit returns once the unit is in the queue, and calls done once it is on disk or refused, as [Committer.Commit]
// would return. done must not wait. It fails when ctx ends first, and then done is not called.
func (c *Committer) Submit(ctx context.Context, done func(Ack, error), outs ...Out) error {
	select {
	case c.queue <- &unit{outs: outs, done: done}:
		return nil
	case <-ctx.Done():
		return publishError(outs[0].Subject, ctx.Err())
	}
}

// Run stores what is committed until ctx ends, and then what is still waiting.
func (c *Committer) Run(ctx context.Context) error {
	before := 0
	for {
		select {
		case u := <-c.queue:
			units := c.gather(u, before)
			c.store(ctx, units)
			before = len(units) + len(c.queue) // those that were just answered, and those that waited meanwhile
		case <-ctx.Done():
			return c.finish(context.WithoutCancel(ctx))
		}
	}
}

func (c *Committer) finish(ctx context.Context) error {
	for {
		select {
		case u := <-c.queue:
			c.store(ctx, c.gather(u, 0))
		default:
			return nil
		}
	}
}

// gatherWait is how long a write waits for those that were busy around the one before. Whoever just got its answer is
// about to ask again; without the wait the first few would go alone, and all others wait for those.
const gatherWait = 2 * time.Millisecond

// gather takes the units that are waiting already. Only where many came before it waits for as many to come again.
func (c *Committer) gather(first *unit, before int) []*unit {
	units, messages := []*unit{first}, len(first.outs)
	var late <-chan time.Time
	if before >= manyWaiting {
		timer := time.NewTimer(gatherWait)
		defer timer.Stop()
		late = timer.C
	}
	for messages < MaxBatch-maxUnit {
		if late != nil && len(units) < before {
			select {
			case u := <-c.queue:
				units, messages = append(units, u), messages+len(u.outs)
			case <-late:
				late = nil
			}
			continue
		}
		select {
		case u := <-c.queue:
			units, messages = append(units, u), messages+len(u.outs)
		default:
			return units
		}
	}
	return units
}

// maxUnit is the most messages that a unit may have.
const maxUnit = 8

func (c *Committer) store(ctx context.Context, units []*unit) {
	ctx = context.WithoutCancel(ctx) // a stop must not cut a write whose senders wait for the answer
	if len(units) >= manyWaiting && c.together(ctx, units) {
		return
	}
	var storing sync.WaitGroup
	for _, u := range units {
		storing.Go(func() {
			u.done(c.alone(ctx, u))
		})
	}
	storing.Wait()
}

// together reports whether all units were stored by one batch. One refused unit refuses the batch; then nothing was
// stored and each must be tried alone to learn its own answer.
func (c *Committer) together(ctx context.Context, units []*unit) bool {
	replaced := superseded(units)
	var outs []Out
	for _, u := range units {
		if !replaced[u] {
			outs = append(outs, u.outs...)
		}
	}
	last, err := c.bus.PublishAtomic(ctx, outs)
	if err != nil {
		return false
	}
	sequence := last - uint64(len(outs))
	for _, u := range units {
		if !replaced[u] {
			sequence += uint64(len(u.outs))
		}
		u.done(Ack{Sequence: sequence}, nil)
	}
	return true
}

// superseded finds the units that set a timer which a later one sets again. The broker takes no two of one subject in a
// batch, and the later one would replace the earlier anyway.
func superseded(units []*unit) map[*unit]bool {
	replaced, timers := map[*unit]bool{}, map[string]bool{}
	for _, u := range slices.Backward(units) {
		if len(u.outs) != 1 || u.outs[0].At.IsZero() {
			continue
		}
		replaced[u] = timers[u.outs[0].Subject]
		timers[u.outs[0].Subject] = true
	}
	return replaced
}

func (c *Committer) alone(ctx context.Context, u *unit) (Ack, error) {
	if len(u.outs) == 1 {
		return c.bus.Publish(ctx, u.outs[0])
	}
	sequence, err := c.bus.PublishAtomic(ctx, u.outs)
	return Ack{Sequence: sequence}, err
}
