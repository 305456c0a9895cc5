// Package collection keeps the media items of all applications on the bus.
package collection

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
)

var (
	// ErrNotFound is returned when there is no item of an id.
	ErrNotFound = errors.New("no such media item")

	// ErrExists is returned when an item is to be made under an id that is taken.
	ErrExists = errors.New("media item exists already")
)

// headerApplied is the sequence of the result that an item's record was last changed by.
const headerApplied = "Ringback-Applied"

// rounds is how often a change is tried that others are faster than; what is waited in between grows with each.
const rounds = 50

// giveWay waits a while that grows, and differs from that of others who wait.
func giveWay(ctx context.Context, round int) {
	select {
	case <-ctx.Done():
	case <-time.After(rand.N(time.Duration(round+1) * time.Millisecond)): //nolint:gosec // nothing is to be kept secret
	}
}

// Collection keeps the media items of all applications. The record of an item is the newest message of its subject in
// [bus.MediaStream], and an event of type [events.TypeMediaChanged]: whoever writes it has told everybody. Each write
// names the record that it replaces, so no change is lost, and each makes the revision grow by one.
type Collection struct {
	bus    *bus.Bus
	voices *bus.Bucket
	source string
	// writes gathers changes that come side by side, while gathering.
	writes    *bus.Committer
	gathering atomic.Bool
}

// Open opens the collection. source is the ce-source of the changes that are made through it.
func Open(ctx context.Context, b *bus.Bus, source string) (*Collection, error) {
	voices, err := b.Bucket(ctx, bus.VoiceBucket)
	if err != nil {
		return nil, err
	}
	return &Collection{bus: b, voices: voices, source: source, writes: b.NewCommitter()}, nil
}

// Run gathers the changes that come side by side into few writes to disk, until ctx ends; without it each is one of its own.
// No change may begin once ctx has ended.
func (c *Collection) Run(ctx context.Context) error {
	c.gathering.Store(true)
	defer c.gathering.Store(false)
	return c.writes.Run(ctx)
}

// publish stores a record.
func (c *Collection) publish(ctx context.Context, out bus.Out) (bus.Ack, error) {
	if c.gathering.Load() {
		return c.writes.Commit(ctx, out)
	}
	return c.bus.Publish(ctx, out)
}

// record is an item with what is kept beside it.
type record struct {
	item events.Media
	// sequence is the place of the record in its stream; 0 when there is none.
	sequence uint64
	// applied is the sequence of the newest result that is in it.
	applied uint64
	// counted is the voice that this record was the first to count, and that may not be written down yet; fresh is one for
	// the next record.
	counted, fresh *voice
}

// Get reads an item from the leader. It fails with [ErrNotFound], or when the broker does not answer.
func (c *Collection) Get(ctx context.Context, application, id string) (events.Media, error) {
	r, err := c.read(ctx, application, id)
	return r.item, err
}

// Create makes an item under a new id. It fails with [ErrExists], or when the broker does not answer.
func (c *Collection) Create(ctx context.Context, application string, item events.Media) (events.Media, error) {
	r := record{item: item}
	err := c.write(ctx, application, &r)
	if errors.Is(err, bus.ErrExists) {
		err = fmt.Errorf("create %s: %w", item.ID, ErrExists)
	}
	return r.item, err
}

// Change lets change an item as it is now, and returns what became of it; change may be called several times. Where it
// changes nothing, nothing is written and nobody is told. It fails with [ErrNotFound], the error of change, or when the
// broker does not answer.
func (c *Collection) Change(ctx context.Context, application, id string, change func(*events.Media) error) (events.Media, error) {
	r, err := c.retry(ctx, application, id, func(r *record) error {
		if r.sequence == 0 {
			return ErrNotFound
		}
		return change(&r.item)
	})
	return r.item, err
}

// Apply is [Collection.Change] for the results of jobs: it makes the item where there is none, and leaves it alone when a
// result of this sequence, or of a later one, is in it already.
func (c *Collection) Apply(ctx context.Context, application, id string, sequence uint64, change func(*events.Media) error) error {
	_, err := c.retry(ctx, application, id, func(r *record) error {
		if r.applied >= sequence {
			return nil
		}
		r.applied = sequence
		return change(&r.item)
	})
	return err
}

// Touch writes an item again as it is, so that everybody is told once more. It fails as [Collection.Change] does.
func (c *Collection) Touch(ctx context.Context, application, id string) (events.Media, error) {
	for round := range rounds {
		r, err := c.read(ctx, application, id)
		if err != nil {
			return r.item, err
		}
		if err := c.write(ctx, application, &r); !errors.Is(err, bus.ErrExists) {
			return r.item, err
		}
		giveWay(ctx, round)
	}
	return events.Media{}, fmt.Errorf("touch media item %s: %w", id, bus.ErrUnavailable)
}

// retry reads, changes and writes until nobody was faster. A record that is missing is changed as an empty one, whose
// sequence is 0.
func (c *Collection) retry(ctx context.Context, application, id string, change func(*record) error) (record, error) {
	for round := range rounds {
		before, err := c.read(ctx, application, id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return before, err
		}
		after := before
		if before.sequence == 0 {
			after.item = events.Media{ID: id, Outputs: []events.Output{}}
		}
		if err := change(&after); err != nil {
			return before, err
		}
		if reflect.DeepEqual(before, after) {
			return before, nil
		}
		err = c.write(ctx, application, &after)
		if !errors.Is(err, bus.ErrExists) {
			return after, err
		}
		giveWay(ctx, round)
	}
	return record{}, fmt.Errorf("change media item %s: %w", id, bus.ErrUnavailable)
}

func (c *Collection) read(ctx context.Context, application, id string) (record, error) {
	message, err := c.bus.Last(ctx, bus.MediaStream, bus.MediaRecord(application, id))
	if errors.Is(err, bus.ErrNotFound) {
		return record{}, ErrNotFound
	}
	if err != nil {
		return record{}, err
	}
	return decode(message)
}

func decode(message *bus.Message) (record, error) {
	r := record{sequence: message.Sequence}
	if err := json.Unmarshal(message.Data, &r.item); err != nil {
		return r, fmt.Errorf("read media item on %s: %w", message.Subject, err)
	}
	if text := message.Header.Get(headerApplied); text != "" {
		applied, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return r, fmt.Errorf("read media item on %s: %w", message.Subject, err)
		}
		r.applied = applied
	}
	r.counted = readVoice(message.Header.Get(headerVoice))
	return r, nil
}

// write stores a record in place of the one it was read as, and tells everybody. A voice that the old one had is written
// down first: the new one knows nothing of it.
func (c *Collection) write(ctx context.Context, application string, r *record) error {
	if err := c.settle(ctx, application, r.item.ID, *r); err != nil {
		return err
	}
	r.item.Revision++
	r.item.ChangedAt = time.Now().UTC()
	out, err := bus.Event(bus.MediaRecord(application, r.item.ID), events.TypeMediaChanged, c.source, r.item.ID, r.item)
	if err != nil {
		return err
	}
	out.Last = &r.sequence
	out.Header.Set(headerApplied, strconv.FormatUint(r.applied, 10))
	if r.fresh != nil {
		out.Header.Set(headerVoice, r.fresh.header())
	}
	ack, err := c.publish(ctx, out)
	if err != nil {
		return fmt.Errorf("write media item %s: %w", r.item.ID, err)
	}
	r.sequence, r.counted, r.fresh = ack.Sequence, r.fresh, nil
	return nil
}

// Walk calls visit for every item of an application that is there now, deleted ones included, in the order of their
// newest changes, and stops at its first error.
func (c *Collection) Walk(ctx context.Context, application string, visit func(events.Media) error) error {
	return c.bus.Scan(ctx, bus.MediaStream, bus.MediaRecords(application), func(m *bus.Message) error {
		if len(m.Data) == 0 {
			return nil // somebody removed it by hand
		}
		r, err := decode(m)
		if err != nil {
			return err
		}
		return visit(r.item)
	})
}
