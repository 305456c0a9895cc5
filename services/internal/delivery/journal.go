package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
)

// Entries of the log are read in pages of this many.
const journalPage = 500

// Filter says which deliveries of an application are meant; what is empty does not matter.
type Filter struct {
	// State is the state of the newest entry: [Delivered], [Scheduled], [Held] or [Exhausted].
	State string `json:"state,omitempty"`
	// Endpoint is an endpoint's id.
	Endpoint string `json:"endpoint,omitempty"`
	// Delivery is a delivery's id.
	Delivery string `json:"delivery,omitempty"`
	// Job is a job's id.
	Job string `json:"job,omitempty"`
	// Class is the class of the newest attempt's failure.
	Class string `json:"class,omitempty"`
	// From and To bound when the entry was written.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// Validate reports every field that cannot be, joined; each is a [FieldError].
func (f Filter) Validate() error {
	states := []string{"", Delivered, Scheduled, Held, Exhausted}
	var errs []error
	fail := func(field, value, want string) {
		errs = append(errs, &FieldError{Field: field, Value: value, Want: want})
	}
	if !slices.Contains(states, f.State) {
		fail("state", strconv.Quote(f.State), "delivered, scheduled, held or exhausted")
	}
	if !f.To.IsZero() && f.To.Before(f.From) {
		fail("to", f.To.Format(time.RFC3339), "a time after from")
	}
	for _, id := range []struct{ field, value string }{{"endpoint", f.Endpoint}, {"delivery", f.Delivery}, {"job", f.Job}} {
		if strings.ContainsAny(id.value, " .*>\t\r\n") || len(id.value) > maxID {
			fail(id.field, strconv.Quote(id.value[:min(len(id.value), maxID)]), "an id")
		}
	}
	return errors.Join(errs...)
}

// maxID bounds the ids that are asked for.
const maxID = 200

// Logged is an entry of the log.
type Logged struct {
	events.Delivery
	State string    `json:"state"`
	At    time.Time `json:"at"`
	// Sequence is the entry's place in the log, to go on from.
	Sequence uint64 `json:"-"`

	place string // the endpoint in the subject
}

// Journal reads the log of attempts of an application.
type Journal struct {
	bus *bus.Bus
}

// NewJournal makes a reader.
func NewJournal(b *bus.Bus) *Journal { return &Journal{bus: b} }

// Read visits the entries that match from a place in the log on, the oldest first, until visit returns false. It fails
// with [ErrInvalidFilter] or when the broker does not answer.
func (j *Journal) Read(ctx context.Context, application string, f Filter, from uint64, visit func(Logged) bool) error {
	if err := f.Validate(); err != nil {
		return err
	}
	if !f.From.IsZero() && from <= 1 {
		var err error
		if from, err = j.bus.SequenceAt(ctx, bus.Deliveries, f.From); err != nil {
			return err
		}
	}
	subject := f.subject(application)
	for {
		page, err := j.bus.Oldest(ctx, bus.Deliveries, subject, from, journalPage)
		if err != nil {
			return err
		}
		for _, m := range page {
			entry, err := readLogged(m)
			if err != nil {
				continue // not written by us; it says nothing
			}
			if !f.To.IsZero() && entry.At.After(f.To) {
				return nil
			}
			if f.matches(entry) && !visit(entry) {
				return nil
			}
		}
		if len(page) < journalPage {
			return nil
		}
		from = page[len(page)-1].Sequence + 1
	}
}

func (f Filter) subject(application string) string {
	return bus.DeliveryFilter(application, f.State, f.Endpoint, f.Delivery)
}

// matches looks at what the subject does not say.
func (f Filter) matches(entry Logged) bool {
	return (f.Class == "" || entry.Error == f.Class) && (f.Job == "" || entry.Job == f.Job) &&
		!entry.At.Before(f.From) && (f.To.IsZero() || !entry.At.After(f.To))
}

// Newest is the newest entry of one delivery; it fails with [bus.ErrNotFound].
func (j *Journal) Newest(ctx context.Context, application, delivery string) (Logged, error) {
	m, err := j.bus.Last(ctx, bus.Deliveries, bus.DeliveryFilter(application, "", "", delivery))
	if err != nil {
		return Logged{}, err
	}
	return readLogged(m)
}

// newest tells whether an entry is the newest of its delivery. A delivery stays at one endpoint, and to name it spares the
// broker a walk over all of them.
func (j *Journal) newest(ctx context.Context, application string, entry Logged) (bool, error) {
	m, err := j.bus.Last(ctx, bus.Deliveries, bus.DeliveryFilter(application, "", entry.place, entry.ID))
	if errors.Is(err, bus.ErrNotFound) {
		return false, nil // it grew too old a moment ago
	}
	return err == nil && m.Sequence == entry.Sequence, err
}

func readLogged(m *bus.Message) (Logged, error) {
	entry := Logged{At: m.Stored.UTC(), Sequence: m.Sequence}
	parts := strings.Split(m.Subject, ".")
	if len(parts) != 6 {
		return entry, fmt.Errorf("%s is no entry of the log", m.Subject)
	}
	entry.State, entry.place = parts[3], parts[4]
	if err := json.Unmarshal(m.Data, &entry.Delivery); err != nil {
		return entry, fmt.Errorf("read entry of the log: %w", err)
	}
	return entry, nil
}
