package collection_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
	"github.com/ringback/ringback/services/internal/collection"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, bustest.ServerRemains()) }

const app = "demo"

func open(t *testing.T) (*collection.Collection, *bus.Bus) {
	t.Helper()
	b := bustest.Open(t)
	c, err := collection.Open(t.Context(), b, "/ringback/test")
	if err != nil {
		t.Fatal(err)
	}
	return c, b
}

func create(t *testing.T, c *collection.Collection, id string) {
	t.Helper()
	if _, err := c.Create(t.Context(), app, events.Media{ID: id, Outputs: []events.Output{}}); err != nil {
		t.Fatal(err)
	}
}

func TestCollection_CreateIsForNewItems(t *testing.T) {
	t.Parallel()
	c, _ := open(t)
	create(t, c, "a/b")
	if _, err := c.Create(t.Context(), app, events.Media{ID: "a/b"}); !errors.Is(err, collection.ErrExists) {
		t.Errorf("got %v, want that it exists", err)
	}
	for name, err := range map[string]error{
		"get":    second(c.Get(t.Context(), app, "other")),
		"change": second(c.Change(t.Context(), app, "other", func(*events.Media) error { return nil })),
		"vote":   second(c.Vote(t.Context(), app, "other", "", 1)),
		"touch":  second(c.Touch(t.Context(), app, "other")),
	} {
		if !errors.Is(err, collection.ErrNotFound) {
			t.Errorf("%s: got %v, want that there is none", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestCollection_EveryChangeIsAnEvent reads the feed as a subscriber does.
func TestCollection_EveryChangeIsAnEvent(t *testing.T) {
	t.Parallel()
	c, b := open(t)
	create(t, c, "7")
	rename := func(item *events.Media) error { item.Title = "new"; return nil }
	for range 2 { // the second changes nothing
		if _, err := c.Change(t.Context(), app, "7", rename); err != nil {
			t.Fatal(err)
		}
	}
	newest, err := b.Last(t.Context(), bus.MediaStream, bus.MediaRecord(app, "7"))
	if err != nil {
		t.Fatal(err)
	}
	event, err := newest.Event()
	if err != nil || event.Type() != events.TypeMediaChanged || event.ID() != "7:media.changed:2" {
		t.Errorf("got event %s of type %s, %v", event.ID(), event.Type(), err)
	}
	item, err := c.Touch(t.Context(), app, "7")
	if err != nil || item.Revision != 3 || item.Title != "new" {
		t.Errorf("touched: got %+v, %v", item, err)
	}
}

func TestCollection_AppliesResultsOnceAndInOrder(t *testing.T) {
	t.Parallel()
	c, _ := open(t)
	for _, sequence := range []uint64{5, 5, 3, 9} {
		err := c.Apply(t.Context(), app, "7", sequence, func(item *events.Media) error { item.Hits += int64(sequence); return nil })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Change(t.Context(), app, "7", func(item *events.Media) error { item.Title += "."; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if item, err := c.Get(t.Context(), app, "7"); err != nil || item.Hits != 14 || item.Title != "...." {
		t.Errorf("got %+v, %v", item, err)
	}
}

// TestCollection_NobodyVotesTwice lets voters change their minds side by side, with edits in between.
func TestCollection_NobodyVotesTwice(t *testing.T) {
	t.Parallel()
	c, _ := open(t)
	create(t, c, "7")
	const voters, rounds = 6, 5
	var group sync.WaitGroup
	for voter := range voters {
		group.Go(func() {
			for round := range rounds {
				if _, err := c.Vote(t.Context(), app, "7", fmt.Sprint("u", voter), (voter+round)%11); err != nil {
					t.Error(err)
				}
				if _, err := c.Change(t.Context(), app, "7", func(item *events.Media) error { item.Hits++; return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	want := events.MediaVotes{Count: voters}
	for voter := range voters {
		value, ok, err := c.Voice(t.Context(), app, "7", fmt.Sprint("u", voter))
		if said := (voter + rounds - 1) % 11; err != nil || !ok || value != said {
			t.Errorf("voter %d: got %d, %t, %v, want %d", voter, value, ok, err, said)
		}
		want.Sum += int64(value)
	}
	item, err := c.Get(t.Context(), app, "7")
	if err != nil || item.Votes != want || item.Hits != voters*rounds {
		t.Errorf("got %+v and %d hits, %v, want %+v and %d", item.Votes, item.Hits, err, want, voters*rounds)
	}
	for range 2 {
		if item, err = c.Vote(t.Context(), app, "7", "", 10); err != nil {
			t.Fatal(err)
		}
	}
	if item.Votes.Count != voters+2 {
		t.Errorf("got %d voices, want one more for each without a name", item.Votes.Count)
	}
}

// TestCollection_GathersChanges changes many items and one by many at once while changes are gathered: none is lost, and each
// has its answer.
func TestCollection_GathersChanges(t *testing.T) {
	t.Parallel()
	c, _ := open(t)
	gathering, stop := context.WithCancel(t.Context())
	var running, changing sync.WaitGroup
	running.Go(func() { _ = c.Run(gathering) })
	create(t, c, "shared")
	const many = 60
	for i := range many {
		changing.Go(func() {
			id := fmt.Sprint("item", i)
			create(t, c, id)
			for _, id := range []string{id, id, "shared"} {
				if _, err := c.Change(t.Context(), app, id, func(item *events.Media) error { item.Hits++; return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	changing.Wait()
	stop()
	running.Wait()
	for i := range many {
		if item, err := c.Get(t.Context(), app, fmt.Sprint("item", i)); err != nil || item.Hits != 2 || item.Revision != 3 {
			t.Errorf("got %+v, %v", item, err)
		}
	}
	if item, err := c.Touch(t.Context(), app, "shared"); err != nil || item.Hits != many {
		t.Errorf("got %+v, %v, want %d hits", item, err, many)
	}
}

func TestCollection_WalksOneApplication(t *testing.T) {
	t.Parallel()
	c, _ := open(t)
	for i := range 10 {
		create(t, c, fmt.Sprint(i))
	}
	if _, err := c.Create(t.Context(), "other", events.Media{ID: "x"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Touch(t.Context(), app, "3"); err != nil {
		t.Fatal(err)
	}
	var ids string
	if err := c.Walk(t.Context(), app, func(item events.Media) error { ids += item.ID; return nil }); err != nil || ids != "0124567893" {
		t.Errorf("got %s, %v", ids, err)
	}
}
