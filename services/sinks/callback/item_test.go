package callback_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/filemobile"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/collection"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/media"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// items opens the media items of a house.
func items(t *testing.T, h *sinktest.House) *collection.Collection {
	t.Helper()
	c, err := collection.Open(t.Context(), h.Bus, "/ringback/test")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// settle lets the callbacks of all items go to one address, once in a window of the application's own.
func settle(h *sinktest.House, url string, window time.Duration) {
	h.Set(func(s *application.Settings) {
		length := config.Duration(window)
		s.Media = &application.Media{CallbackURL: url, Window: &length}
	})
}

func create(t *testing.T, c *collection.Collection, id string, status int) {
	t.Helper()
	item := events.Media{ID: id, Status: status, Outputs: []events.Output{}, UploadedAt: time.Now().UTC()}
	if _, err := c.Create(t.Context(), sinktest.Application, item); err != nil {
		t.Fatal(err)
	}
}

// TestEveryChangeIsTold changes an item in each way that there is, and wants a callback with the newest state for each:
// at the application's address, and in windows of its own and not of the installation's.
func TestEveryChangeIsTold(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	s := sink(time.Hour)
	s.Check = checkForm
	receiver := h.Receive(s, sinktest.Accept)
	settle(h, receiver.URL, time.Second)
	h.Start(s)
	c := items(t, h)
	const id = "891940208648191"
	edit := func(change func(*events.Media)) func() error {
		return func() error {
			_, err := c.Change(t.Context(), sinktest.Application, id, func(item *events.Media) error { change(item); return nil })
			return err
		}
	}
	for _, step := range []struct {
		name, field, want string
		change            func() error
	}{
		{"Uploaded", "status", "0", func() error { create(t, c, id, events.MediaUploading); return nil }},
		{"Converting", "status", "2", edit(func(item *events.Media) { item.Status = events.MediaConverting })},
		{"Converted", "status", "3", func() error {
			result := h.NewResult()
			result.Media.ID = id
			return h.Publish(result, job.Record{Dialect: filemobile.Dialect})
		}},
		{"Voted", "votecount", "1", func() error { _, err := c.Vote(t.Context(), sinktest.Application, id, "1543", 7); return err }},
		{"VotedAgain", "rating", "3", func() error { _, err := c.Vote(t.Context(), sinktest.Application, id, "1543", 3); return err }},
		{"Denied", "moderationstatus", "2", edit(func(item *events.Media) { item.Moderation.Status = events.MediaDenied })},
		{"Edited", "title", `<b> & ]]>`, edit(func(item *events.Media) { item.Title = `<b> & ]]>` })},
		{"Incomplete", "status", "5", edit(func(item *events.Media) { item.Status = events.MediaIncomplete })},
		{"Trashed", "status", "105", edit(func(item *events.Media) { item.Status = media.Trash(item.Status) })},
		{"Deleted", "status", "205", edit(func(item *events.Media) { item.Status = media.Delete(item.Status) })},
		{"AskedFor", "status", "205", func() error { _, err := c.Touch(t.Context(), sinktest.Application, id); return err }},
	} {
		before := len(receiver.Arrivals())
		if err := step.change(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		receiver.Until(t, step.name, func(list []sinktest.Arrival) bool {
			return len(list) > before && fields(list[len(list)-1])[step.field] == step.want
		})
	}
	newest, err := c.Get(t.Context(), sinktest.Application, id)
	if err != nil {
		t.Fatal(err)
	}
	list := receiver.Arrivals()
	if want := document(newest); !bytes.Equal(want, list[len(list)-1].Body) {
		t.Errorf("the last callback is\n%s\nwant\n%s", list[len(list)-1].Body, want)
	}
	for _, a := range list {
		if !inItsWindow(id, time.Second, a) {
			t.Errorf("%s came at %s, outside of a window of the application's", a.ID, a.At)
		}
	}
}

// document is what a callback says of an item.
func document(item events.Media) []byte {
	d := filemobile.FromMedia(item)
	d.Vhost = sinktest.Application
	return filemobile.MarshalResult(d)
}

// TestOwnPlaceComesFirst sends an item's callbacks to where its job wants them, and only those of others to where the
// application has all.
func TestOwnPlaceComesFirst(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	s := sink(time.Second)
	s.Check = checkForm
	usual, own := h.Receive(s, sinktest.Accept), h.Receive(s, sinktest.Accept)
	settle(h, usual.URL, time.Second)
	h.Start(s)
	change(t, h, "mine", 5, own.URL)
	create(t, items(t, h), "other", events.MediaConverted)
	if a := own.Next(t); fields(a)["id"] != "mine" {
		t.Errorf("got %s", a.Body)
	}
	if a := usual.Next(t); fields(a)["id"] != "other" {
		t.Errorf("got %s", a.Body)
	}
}

// TestAnyChanges draws changes of every kind, of several items, with kills in between, at an endpoint that now and then
// refuses. The last callback of each item has its last state to the byte, and nothing breaks the law of the window.
func TestAnyChanges(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	h := sinktest.Open(t)
	s := sink(time.Second)
	s.Check = checkForm
	receiver := h.Receive(s, sinktest.FailFirst(1, http.StatusServiceUnavailable))
	settle(h, receiver.URL, time.Second)
	pauses := []time.Duration{200 * time.Millisecond, 200 * time.Millisecond, 200 * time.Millisecond, 200 * time.Millisecond}
	h.Start(s, pauses...)
	const count, steps = 4, 120
	c := items(t, h)
	for i := range count {
		create(t, c, fmt.Sprint("item", i), events.MediaQueued)
	}
	for step := range steps {
		id := fmt.Sprint("item", random.IntN(count))
		if err := draw(t, h, c, random, id, step); err != nil && !errors.Is(err, bus.ErrUnavailable) {
			t.Fatal(err)
		}
		if random.IntN(25) == 0 {
			h.Rebuild()
			h.Start(s, pauses...)
			c = items(t, h)
		}
		if step%5 == 0 {
			<-time.After(time.Duration(random.IntN(500)) * time.Millisecond)
		}
	}
	for i := range count {
		id := fmt.Sprint("item", i)
		mine := func(list []sinktest.Arrival) (mine []sinktest.Arrival) {
			for _, a := range list {
				if fields(a)["id"] == id {
					mine = append(mine, a)
				}
			}
			return mine
		}
		list := receiver.Until(t, "the last state of "+id, func(list []sinktest.Arrival) bool {
			newest, err := c.Get(t.Context(), sinktest.Application, id)
			list = mine(list)
			return err == nil && len(list) > 0 && bytes.Equal(document(newest), list[len(list)-1].Body)
		})
		bodies := map[string]string{}
		for _, a := range mine(list) {
			if body, known := bodies[a.ID]; known && body != string(a.Body) {
				t.Errorf("%s: %s had two bodies", id, a.ID)
			}
			bodies[a.ID] = string(a.Body)
			if !inItsWindow(id, time.Second, a) {
				t.Errorf("%s: %s came at %s, before its window ended", id, a.ID, a.At)
			}
		}
	}
}

// draw does one of the things that happen to items.
func draw(t *testing.T, h *sinktest.House, c *collection.Collection, random *rand.Rand, id string, step int) error {
	t.Helper()
	edit := func(change func(*events.Media)) error {
		_, err := c.Change(t.Context(), sinktest.Application, id, func(item *events.Media) error { change(item); return nil })
		return err
	}
	switch random.IntN(5) {
	case 0:
		result := h.NewResult()
		result.Media.ID, result.Outputs[0].Width = id, step
		return h.Publish(result, job.Record{Dialect: filemobile.Dialect})
	case 1:
		_, err := c.Vote(t.Context(), sinktest.Application, id, fmt.Sprint("u", random.IntN(3)), random.IntN(11))
		return err
	case 2:
		return edit(func(item *events.Media) { item.Moderation.Status = random.IntN(3) })
	case 3:
		return edit(func(item *events.Media) { item.Title = fmt.Sprint("title ", step) })
	default:
		return edit(func(item *events.Media) { item.Status = media.Trash(item.Status) })
	}
}
