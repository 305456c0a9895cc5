package delivery

import (
	"context"
	"errors"
	"fmt"

	"github.com/ringback/ringback/services/internal/bus"
)

const (
	// examineMost bounds how many entries of the log one page may cost. A page that hits it is short, and says where to go
	// on.
	examineMost = 5000
	// attemptsMost bounds what is listed of one delivery: a schedule has at most a hundred attempts, but while a delivery is
	// held, each probe of its endpoint is an entry.
	attemptsMost = 1000
	// targetsMost is how many targets of one job are looked for.
	targetsMost = 16
)

// Page lists deliveries by their newest entry, those that changed last first. It begins before a place in the log, 0 for
// its end, and returns the place where the next page begins; 0 when there is none. A page may be short, or even empty,
// although there is a next one: no more than 5,000 entries are looked at for it, whatever the filter leaves out.
//
// An entry is shown when no newer one of its delivery exists, which costs a question to the broker for each entry but on
// the first page without a state. It fails with [ErrInvalidFilter] or when the broker does not answer.
func (j *Journal) Page(ctx context.Context, application string, f Filter, before uint64, limit int) (list []Logged, next uint64, err error) {
	if err := f.Validate(); err != nil {
		return nil, 0, err
	}
	if f.Job != "" {
		list, err := j.ofJob(ctx, application, f)
		return list[:min(limit, len(list))], 0, err
	}
	p := page{f: f, limit: limit, seen: map[string]bool{}, whole: before == 0 && f.State == "" && f.To.IsZero()}
	if before == 0 && !f.To.IsZero() {
		if before, err = j.bus.SequenceAt(ctx, bus.Deliveries, f.To.Add(1)); err != nil {
			return nil, 0, err
		}
	}
	for read := 0; read < examineMost; {
		messages, err := j.bus.Newest(ctx, bus.Deliveries, f.subject(application), before, min(max(2*limit, 50), journalPage))
		if err != nil {
			return nil, 0, err
		}
		if len(messages) == 0 {
			return p.list, 0, nil
		}
		for _, m := range messages {
			read, before = read+1, m.Sequence
			more, err := p.take(m, func(entry Logged) (bool, error) { return j.newest(ctx, application, entry) })
			if err != nil || !more {
				return p.list, 0, err
			}
			if len(p.list) == limit {
				return p.list, before, nil
			}
		}
	}
	return p.list, before, nil
}

// page is what was gathered of one page.
type page struct {
	f     Filter
	limit int
	list  []Logged
	seen  map[string]bool
	// whole tells that every newer entry of the deliveries was seen: then none needs to be asked for.
	whole bool
}

// take looks at the next older entry, and reports false when nothing that is older can match.
func (p *page) take(m *bus.Message, newest func(Logged) (bool, error)) (more bool, err error) {
	entry, err := readLogged(m)
	if err != nil {
		return true, nil // not written by us; it says nothing
	}
	if entry.At.Before(p.f.From) {
		return false, nil
	}
	if p.seen[entry.ID] {
		return true, nil
	}
	p.seen[entry.ID] = true
	if !p.f.matches(entry) {
		return true, nil
	}
	if !p.whole {
		if is, err := newest(entry); err != nil || !is {
			return true, err
		}
	}
	p.list = append(p.list, entry)
	return true, nil
}

// ofJob asks for the deliveries of one job by their ids, because the log has no order by jobs. An XML callback gathers the
// changes of several jobs and is none of theirs.
func (j *Journal) ofJob(ctx context.Context, application string, f Filter) ([]Logged, error) {
	ids := []string{"dlv_" + f.Job + "_eventbridge"}
	for target := range targetsMost {
		ids = append(ids, fmt.Sprintf("dlv_%s_%d", f.Job, target))
	}
	var list []Logged
	for _, id := range ids {
		entry, err := j.Newest(ctx, application, id)
		if errors.Is(err, bus.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if f.matches(entry) && (f.State == "" || f.State == entry.State) && (f.Endpoint == "" || f.Endpoint == entry.place) {
			list = append(list, entry)
		}
	}
	return list, nil
}

// Attempts lists every entry of one delivery, the oldest first, and no more than the newest thousand. It fails with
// [bus.ErrNotFound].
func (j *Journal) Attempts(ctx context.Context, application, id string) ([]Logged, error) {
	newest, err := j.Newest(ctx, application, id)
	if err != nil {
		return nil, err
	}
	var list []Logged
	err = j.Read(ctx, application, Filter{Endpoint: newest.place, Delivery: id}, 0, func(entry Logged) bool {
		if list = append(list, entry); len(list) > attemptsMost {
			list = list[1:]
		}
		return true
	})
	return list, err
}
