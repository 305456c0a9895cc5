package delivery

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
)

// ReplayState is how far a replay is.
type ReplayState string

// The states of a replay.
const (
	ReplayRunning   ReplayState = "running"
	ReplayDone      ReplayState = "done"
	ReplayCancelled ReplayState = "cancelled"
)

const (
	// DefaultReplayRate is how many deliveries a second are made again where nobody says else.
	DefaultReplayRate = 50
	// MaxReplayRate is the most that may be asked for.
	MaxReplayRate = 1000
	// MaxReplayIDs bounds how many deliveries a replay may name.
	MaxReplayIDs = 500
	// replayStep is the time between two steps of a replay.
	replayStep = time.Second
)

// Order says which deliveries are to be made again, and how fast. It names them, or it has a filter.
type Order struct {
	// IDs are deliveries, at most 500; whatever became of them, they are made again.
	IDs []string `json:"ids,omitempty"`
	// Filter chooses by endpoint, class of failure and time among the exhausted deliveries, or those of the state it names:
	// "exhausted" or "delivered".
	Filter Filter `json:"filter,omitzero"`
	// Rate is how many a second go out; 0 means [DefaultReplayRate].
	Rate int `json:"rate,omitempty"`
}

// Validate reports every field that cannot be, joined; each is a [FieldError].
func (o Order) Validate() error {
	var errs []error
	fail := func(field, value, want string) {
		errs = append(errs, &FieldError{Field: field, Value: value, Want: want})
	}
	if o.Rate < 0 || o.Rate > MaxReplayRate {
		fail("rate", strconv.Itoa(o.Rate), fmt.Sprintf("1 to %d a second", MaxReplayRate))
	}
	if len(o.IDs) > MaxReplayIDs {
		fail("ids", fmt.Sprintf("%d ids long", len(o.IDs)), fmt.Sprintf("at most %d", MaxReplayIDs))
	}
	if len(o.IDs) > 0 && o.Filter != (Filter{}) {
		fail("ids", "given beside filter", "one of them")
	}
	if len(o.IDs) == 0 && o.Filter == (Filter{}) {
		fail("ids", "missing, and so is filter", "one of them")
	}
	if s := o.Filter.State; s != "" && s != Exhausted && s != Delivered {
		fail("filter.state", strconv.Quote(s), "exhausted or delivered")
		o.Filter.State = ""
	}
	for _, e := range FieldErrors(o.Filter.Validate()) {
		fail("filter."+e.Field, e.Value, e.Want)
	}
	return errors.Join(errs...)
}

// Replay is an order and how far it is.
type Replay struct {
	ID          string      `json:"id"`
	Application string      `json:"application"`
	Order       Order       `json:"order"`
	State       ReplayState `json:"state"`
	CreatedAt   time.Time   `json:"created_at"`
	ChangedAt   time.Time   `json:"changed_at"`
	// Sent are deliveries that were put in their lanes again, and Skipped those that were not: delivered meanwhile, or
	// their event is no longer kept.
	Sent    int `json:"sent"`
	Skipped int `json:"skipped"`
	// Position is where the next step goes on: in the list of ids, or in the log.
	Position uint64 `json:"position"`
	// End is where the log ended when the replay was ordered; what came later is none of its business.
	End uint64 `json:"end,omitempty"`
}

// Replays orders replays and carries them out, a step a second. A step that is due is a message of the broker, so a
// replay goes on whatever process dies.
type Replays struct {
	bus     *bus.Bus
	bucket  *bus.Bucket
	journal *Journal
}

// NewReplays opens the replays.
func NewReplays(ctx context.Context, b *bus.Bus) (*Replays, error) {
	bucket, err := b.Bucket(ctx, bus.ReplayBucket)
	if err != nil {
		return nil, err
	}
	return &Replays{bus: b, bucket: bucket, journal: NewJournal(b)}, nil
}

// Count tells how many deliveries an order would make again, as things are. It stops counting at most.
func (r *Replays) Count(ctx context.Context, application string, o Order, most int) (int, error) {
	if err := o.Validate(); err != nil {
		return 0, err
	}
	n := 0
	if len(o.IDs) > 0 {
		for _, id := range o.IDs {
			if _, err := r.journal.Newest(ctx, application, id); err == nil {
				n++
			} else if !errors.Is(err, bus.ErrNotFound) {
				return 0, err
			}
		}
		return n, nil
	}
	var failed error
	err := r.journal.Read(ctx, application, o.filter(), 0, func(entry Logged) bool {
		newest, err := r.journal.newest(ctx, application, entry)
		if newest {
			n++
		}
		failed = err
		return err == nil && n < most
	})
	return n, errors.Join(err, failed)
}

func (o Order) filter() Filter {
	f := o.Filter
	if f.State == "" {
		f.State = Exhausted
	}
	return f
}

// Start begins a replay. It fails with [ErrInvalidFilter] and when the broker does not answer.
func (r *Replays) Start(ctx context.Context, application string, o Order) (Replay, error) {
	if err := o.Validate(); err != nil {
		return Replay{}, err
	}
	if o.Rate == 0 {
		o.Rate = DefaultReplayRate
	}
	now := time.Now().UTC()
	p := Replay{
		ID: strings.ToLower(rand.Text()[:16]), Application: application, Order: o, State: ReplayRunning, CreatedAt: now, ChangedAt: now,
	}
	if len(o.IDs) == 0 {
		last, err := r.bus.Last(ctx, bus.Deliveries, bus.DeliveryFilter(application, "", "", ""))
		if err != nil && !errors.Is(err, bus.ErrNotFound) {
			return p, err
		}
		if err == nil {
			p.End = last.Sequence
		}
	}
	value, err := json.Marshal(p)
	if err != nil {
		return p, fmt.Errorf("encode replay: %w", err)
	}
	if _, err := r.bucket.Create(ctx, replayKey(application, p.ID), value, 0); err != nil {
		return p, err
	}
	_, err = r.bus.Publish(ctx, bus.Out{Subject: bus.HookReplay(application, p.ID), Header: bus.Header{bus.HeaderApplication: {application}}})
	return p, err
}

func replayKey(application, id string) string {
	return events.Token(application) + "." + events.Token(id)
}

// Get reads a replay; it fails with [bus.ErrNotFound].
func (r *Replays) Get(ctx context.Context, application, id string) (Replay, error) {
	p, _, err := r.get(ctx, application, id)
	return p, err
}

func (r *Replays) get(ctx context.Context, application, id string) (Replay, uint64, error) {
	var p Replay
	entry, err := r.bucket.Get(ctx, replayKey(application, id))
	if err != nil {
		return p, 0, err
	}
	if err := json.Unmarshal(entry.Value, &p); err != nil {
		return p, 0, fmt.Errorf("read replay %s: %w", id, err)
	}
	return p, entry.Revision, nil
}

// Cancel ends a replay before its next step; one that has ended stays as it is. What was sent by then goes on.
func (r *Replays) Cancel(ctx context.Context, application, id string) (Replay, error) {
	for {
		p, revision, err := r.get(ctx, application, id)
		if err != nil || p.State != ReplayRunning {
			return p, err
		}
		p.State = ReplayCancelled
		if err = r.put(ctx, p, revision); !errors.Is(err, bus.ErrExists) {
			return p, err
		}
	}
}

func (r *Replays) put(ctx context.Context, p Replay, revision uint64) error {
	p.ChangedAt = time.Now().UTC()
	value, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode replay: %w", err)
	}
	_, err = r.bucket.Update(ctx, replayKey(p.Application, p.ID), value, revision)
	return err
}

// Resend puts one delivery in its lane once more, as part of a replay. It fails with [ErrNotReplayable].
type Resend func(ctx context.Context, application, delivery, replay string) error

// Step makes the step of a replay that a message says is due, and sets the timer of the next. Made again, because the
// process was killed in between, it sends a second's worth of deliveries once more; the broker drops those it has.
func (r *Replays) Step(ctx context.Context, m *bus.Message, resend Resend) error {
	parts := strings.Split(m.Subject, ".")
	application, err := events.ParseToken(parts[len(parts)-2])
	if err != nil {
		return bus.Reject(err)
	}
	p, revision, err := r.get(ctx, application, parts[len(parts)-1])
	if errors.Is(err, bus.ErrNotFound) {
		return bus.Reject(err)
	}
	if err != nil {
		return bus.Later(err, brokerPause)
	}
	if p.State == ReplayRunning {
		if err := r.step(ctx, &p, resend); err != nil {
			return bus.Later(err, brokerPause)
		}
		if err := r.put(ctx, p, revision); err != nil && !errors.Is(err, bus.ErrExists) {
			return bus.Later(err, brokerPause)
		}
	}
	if p.State == ReplayRunning {
		_, err := r.bus.Publish(ctx, bus.Out{
			Subject: bus.HookReplayTimer(application, p.ID), Target: bus.HookReplay(application, p.ID), At: time.Now().Add(replayStep),
			Header: bus.Header{bus.HeaderApplication: {application}},
		})
		if err != nil {
			return bus.Later(err, brokerPause)
		}
	}
	return r.bus.Trim(ctx, bus.Hooks, m.Subject, m.Sequence) // earlier steps; this one goes with the next
}

func (r *Replays) step(ctx context.Context, p *Replay, resend Resend) error {
	if len(p.Order.IDs) > 0 {
		return r.stepByID(ctx, p, resend)
	}
	sent, last := 0, p.Position
	var failed error
	err := r.journal.Read(ctx, p.Application, p.Order.filter(), p.Position+1, func(entry Logged) bool {
		if entry.Sequence > p.End {
			return false
		}
		newest, err := r.journal.newest(ctx, p.Application, entry)
		if err != nil {
			failed = err
			return false
		}
		if !newest {
			p.Skipped++ // it went on since, or was replayed
		} else if failed = r.send(ctx, p, entry.ID, resend); failed != nil {
			return false
		} else {
			sent++
		}
		last = entry.Sequence
		return sent < p.Order.Rate
	})
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	p.Position = last
	if sent < p.Order.Rate {
		p.State = ReplayDone
	}
	return nil
}

func (r *Replays) stepByID(ctx context.Context, p *Replay, resend Resend) error {
	for range p.Order.Rate {
		if p.Position >= uint64(len(p.Order.IDs)) {
			break
		}
		if err := r.send(ctx, p, p.Order.IDs[p.Position], resend); err != nil {
			return err
		}
		p.Position++
	}
	if p.Position >= uint64(len(p.Order.IDs)) {
		p.State = ReplayDone
	}
	return nil
}

func (r *Replays) send(ctx context.Context, p *Replay, delivery string, resend Resend) error {
	err := resend(ctx, p.Application, delivery, p.ID)
	switch {
	case err == nil:
		p.Sent++
	case errors.Is(err, ErrNotReplayable):
		p.Skipped++
		err = nil
	}
	return err
}
