package bus

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

const (
	// trimEvery is how often what is done is removed. The broker stores nothing meanwhile, the longer the more it removes.
	trimEvery = 400 * time.Millisecond
	// trimRounds is how often a stream is trimmed after work was done in it: once more than needed, because the last
	// acknowledgement may still be on its way the first time.
	trimRounds = 2
	// trimAtOnce is how many messages are removed at a time, and trimPause the time between, in which others are stored: one
	// attempt that hangs can keep a hundred thousand others from being removed until it ends, and they would take the
	// broker a tenth of a second.
	trimAtOnce = 2500
	trimPause  = 10 * time.Millisecond
)

// Trimmer removes what is done from a stream of lanes that keeps its messages, because to remove each on its
// acknowledgement would cost a write to disk for each. What every lane is done with goes at once: the broker walks over
// all that rests in the stream, whichever lane it is asked for, and writes nothing for what fills a file of its own.
type Trimmer struct {
	bus     *Bus
	stream  string
	filters []string // what the lanes see
	lanes   []string // their consumers
	rounds  atomic.Int32
	trimmed uint64
}

// NewTrimmer makes a trimmer of [Hooks] or [Bridge]; of another stream it removes nothing.
func (b *Bus) NewTrimmer(stream string) *Trimmer {
	t := &Trimmer{bus: b, stream: stream}
	switch stream {
	case Hooks:
		t.filters = []string{prefix + "hook.lane.>"}
		for _, lane := range LaneNames(HookLanes) {
			t.lanes = append(t.lanes, HookConsumer(lane))
		}
	case Bridge:
		t.filters = []string{prefix + "bridge.first.>", prefix + "bridge.late.>"}
		for _, lane := range LaneNames(BridgeLanes) {
			t.lanes = append(t.lanes, BridgeConsumer(lane))
		}
	}
	t.Worked() // a predecessor may have left something
	return t
}

// Worked tells that messages were settled.
func (t *Trimmer) Worked() { t.rounds.Store(trimRounds) }

// Run trims while there is work, until ctx ends.
func (t *Trimmer) Run(ctx context.Context) {
	ticker := time.NewTicker(trimEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if t.rounds.Load() <= 0 {
			continue
		}
		t.rounds.Add(-1)
		if err := t.Trim(ctx); err != nil && ctx.Err() == nil {
			t.bus.log.Warn("lanes not trimmed", "stream", t.stream, "err", err)
			t.Worked()
		}
	}
}

// Trim removes all messages before the first that a lane is not done with. It fails when the broker does not answer.
func (t *Trimmer) Trim(ctx context.Context) error {
	done, err := t.done(ctx)
	if err != nil || done <= t.trimmed {
		return err
	}
	for t.trimmed < done && ctx.Err() == nil {
		if err := t.some(ctx, done); err != nil {
			return err
		}
		sleep(ctx, trimPause)
	}
	return nil
}

// some removes the oldest of the messages that are done, up to a sequence.
func (t *Trimmer) some(ctx context.Context, done uint64) error {
	first := done + 1
	for _, filter := range t.filters {
		oldest, err := t.bus.Next(ctx, t.stream, filter, t.trimmed)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		first = min(first, oldest.Sequence)
	}
	upTo := min(first+trimAtOnce-1, done)
	for _, filter := range t.filters {
		if err := t.bus.Trim(ctx, t.stream, filter, upTo+1); err != nil {
			return err
		}
	}
	t.trimmed = upTo
	return nil
}

// done is the last sequence up to which every lane is done.
func (t *Trimmer) done(ctx context.Context) (uint64, error) {
	end, err := t.bus.End(ctx, t.stream)
	if err != nil {
		return 0, err
	}
	for _, lane := range t.lanes {
		// The stream itself is asked what comes after the last that the lane is done with: a consumer may not know yet.
		floor, filters, err := t.floor(ctx, lane)
		if err != nil {
			return 0, err
		}
		if floor >= end {
			continue
		}
		for _, filter := range filters {
			next, err := t.bus.Next(ctx, t.stream, filter, floor)
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return 0, err
			}
			end = min(end, next.Sequence-1)
		}
	}
	return end, nil
}

// floor is the last sequence up to which a lane is done for sure, and what the lane sees.
func (t *Trimmer) floor(ctx context.Context, lane string) (uint64, []string, error) {
	consumer, err := t.bus.consumer(ctx, t.stream, lane)
	if err != nil {
		return 0, nil, err
	}
	info := consumer.CachedInfo()
	return info.AckFloor.Stream, info.Config.FilterSubjects, nil
}
