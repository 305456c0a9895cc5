package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
)

// Entries of the log are read in pages of this many.
const journalPage = 500

// ErrInvalidFilter is returned for a question about deliveries that cannot be answered.
var ErrInvalidFilter = errors.New("invalid filter")

// Filter says which deliveries of an application are meant; what is empty does not matter.
type Filter struct {
	// State is the state of the newest entry: [Delivered], [Scheduled], [Held] or [Exhausted].
	State string `json:"state,omitempty"`
	// Endpoint is an endpoint's id.
	Endpoint string `json:"endpoint,omitempty"`
	// Delivery is a delivery's id.
	Delivery string `json:"delivery,omitempty"`
	// Class is the class of the newest attempt's failure.
	Class string `json:"class,omitempty"`
	// From and To bound when the entry was written.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// Validate names the field that cannot be; the error is an [ErrInvalidFilter].
func (f Filter) Validate() error {
	states := []string{"", Delivered, Scheduled, Held, Exhausted}
	token := func(field, value string) error {
		if strings.ContainsAny(value, " .*>\t\r\n") {
			return fmt.Errorf("%w: %s is %q, want an id", ErrInvalidFilter, field, value)
		}
		return nil
	}
	var errs []error
	if !slices.Contains(states, f.State) {
		errs = append(errs, fmt.Errorf("%w: state is %q, want delivered, scheduled, held or exhausted", ErrInvalidFilter, f.State))
	}
	if !f.To.IsZero() && f.To.Before(f.From) {
		errs = append(errs, fmt.Errorf("%w: to is %s, want a time after from", ErrInvalidFilter, f.To.Format(time.RFC3339)))
	}
	return errors.Join(append(errs, token("endpoint", f.Endpoint), token("delivery", f.Delivery))...)
}

// Logged is an entry of the log.
type Logged struct {
	events.Delivery
	State string    `json:"state"`
	At    time.Time `json:"at"`
	// Sequence is the entry's place in the log, to go on from.
	Sequence uint64 `json:"-"`
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
	subject := bus.DeliveryFilter(application, f.State, f.Endpoint, f.Delivery)
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

func (f Filter) matches(entry Logged) bool {
	return (f.Class == "" || entry.Error == f.Class) && !entry.At.Before(f.From)
}

// Newest is the newest entry of one delivery; it fails with [bus.ErrNotFound].
func (j *Journal) Newest(ctx context.Context, application, delivery string) (Logged, error) {
	m, err := j.bus.Last(ctx, bus.Deliveries, bus.DeliveryFilter(application, "", "", delivery))
	if err != nil {
		return Logged{}, err
	}
	return readLogged(m)
}

func readLogged(m *bus.Message) (Logged, error) {
	entry := Logged{At: m.Stored.UTC(), Sequence: m.Sequence}
	parts := strings.Split(m.Subject, ".")
	if len(parts) != 6 {
		return entry, fmt.Errorf("%s is no entry of the log", m.Subject)
	}
	entry.State = parts[3]
	if err := json.Unmarshal(m.Data, &entry.Delivery); err != nil {
		return entry, fmt.Errorf("read entry of the log: %w", err)
	}
	return entry, nil
}
