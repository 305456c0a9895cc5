package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/collection"
	"github.com/ringback/ringback/services/internal/figure"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/sinks/callback"
	"github.com/ringback/ringback/services/sinks/postback"
)

const (
	// changes is how often each item changes within its window.
	changes = 5
	// window is short, so that most callbacks go out while others are still gathering.
	window = time.Minute
	// hands is how many change items side by side, and writers how many store results, which come in batches.
	hands, writers = 256, 4
	// patience is how long the last of them may be late.
	patience = 5 * time.Minute
)

// items is how many there are; RINGBACK_BENCH_ITEMS says another number.
func items() int {
	if n, err := strconv.Atoi(os.Getenv("RINGBACK_BENCH_ITEMS")); err == nil {
		return n
	}
	return 100_000
}

// BenchmarkCallbackGathered changes items five times each within a window, which makes one callback of each.
func BenchmarkCallbackGathered(b *testing.B) {
	for b.Loop() {
		gathered(b, items())
	}
}

// BenchmarkCallbackPlain lets as many results as there are changes be told by postbacks, one for each.
func BenchmarkCallbackPlain(b *testing.B) {
	for b.Loop() {
		plain(b, items()*changes)
	}
}

// last are the titles that callbacks told of last, by item.
type last struct {
	mu     sync.Mutex
	titles map[string]string
	posts  int
	first  time.Time
	ended  time.Time
}

func (l *last) serve(w http.ResponseWriter, r *http.Request) {
	body := drain(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.posts++; l.posts == 1 {
		l.first = time.Now()
	}
	l.ended = time.Now()
	l.titles[between(body, "<id>", "</id>")] = between(body, "<title>", "</title>")
	w.WriteHeader(http.StatusNoContent)
}

func between(body []byte, before, after string) string {
	_, rest, _ := bytes.Cut(body, []byte(before))
	text, _, _ := bytes.Cut(rest, []byte(after))
	return string(text)
}

// done counts the items whose last state was told.
func (l *last) done() (told, posts int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, title := range l.titles {
		if title == final {
			told++
		}
	}
	return told, l.posts
}

var final = fmt.Sprint("state ", changes)

func gathered(b *testing.B, items int) {
	b.Helper()
	l := &last{titles: map[string]string{}}
	h := open(b, window, l.serve)
	c, err := collection.Open(b.Context(), h.bus, "/ringback/bench")
	if err != nil {
		b.Fatal(err)
	}
	h.run(c.Run)
	settings := callback.DefaultConfig()
	settings.EndpointInFlight = settings.InFlight // all go to one endpoint, which is what a project has
	service, err := callback.New(settings, callback.Deps{
		Bus: h.bus, Applications: h.directory, Key: h.key, Poster: h.poster, Metrics: metrics(), Log: quiet(),
	})
	if err != nil {
		b.Fatal(err)
	}
	stop := h.run(service.Run)
	spent := begin()
	begun := time.Now()
	inHands(b, hands, items, func(ctx context.Context, i int) error { return change(ctx, c, fmt.Sprint(1_000_000+i)) })
	figure.Add("callback.changes_per_s", float64(items*changes)/time.Since(begun).Seconds(), "changes/s")
	told, posts := 0, 0
	for deadline := time.Now().Add(window + patience); told < items; <-time.After(time.Second) {
		if told, posts = l.done(); time.Now().After(deadline) {
			b.Fatalf("%d of %d items were told of", told, items)
		}
	}
	spent.end("callback.gathered", items*changes)
	stop()
	figure.Add("callback.items", float64(items), "items")
	figure.Add("callback.posts", float64(posts), "callbacks")
	figure.Add("callback.posts_beyond_one", float64(posts-items), "callbacks")
	figure.Add("callback.posts_per_s", float64(posts)/l.ended.Sub(l.first).Seconds(), "callbacks/s")
	if most := items + items/50; posts > most {
		b.Errorf("%d callbacks for %d items, want one of each, but for those few whose changes fell into two windows", posts, items)
	}
}

// change changes an item five times, one right after the other.
func change(ctx context.Context, c *collection.Collection, id string) error {
	item := events.Media{ID: id, Status: events.MediaConverted, Outputs: []events.Output{}, MediaInfo: events.MediaInfo{Title: "state 1"}}
	if _, err := c.Create(ctx, tenant, item); err != nil {
		return err
	}
	for state := 2; state <= changes; state++ {
		_, err := c.Change(ctx, tenant, id, func(item *events.Media) error { item.Title = fmt.Sprint("state ", state); return nil })
		if err != nil {
			return err
		}
	}
	return nil
}

// inHands does something n times, several at a time.
func inHands(b *testing.B, hands, n int, do func(ctx context.Context, i int) error) {
	b.Helper()
	group, ctx := errgroup.WithContext(b.Context())
	var next atomic.Int64
	for range hands {
		group.Go(func() error {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := do(ctx, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
}

// plain lets the results of n jobs be told, each by a postback of its own.
func plain(b *testing.B, n int) {
	b.Helper()
	var came atomic.Int64
	h := open(b, window, func(w http.ResponseWriter, r *http.Request) {
		drain(r)
		came.Add(1)
		w.WriteHeader(http.StatusNoContent)
	})
	service, err := postback.New(postback.DefaultConfig(), postback.Deps{
		Bus: h.bus, Applications: h.directory, Key: h.key, Poster: h.poster, Metrics: metrics(), Log: quiet(),
	})
	if err != nil {
		b.Fatal(err)
	}
	stop := h.run(service.Run)
	spent := begin()
	begun := time.Now()
	const batch = 250
	inHands(b, writers, n/batch, func(ctx context.Context, _ int) error {
		_, err := h.bus.PublishInOrder(ctx, h.results(b, batch))
		return err
	})
	for deadline := time.Now().Add(patience); int(came.Load()) < n/batch*batch; <-time.After(time.Second) {
		if time.Now().After(deadline) {
			b.Fatalf("%d of %d postbacks came", came.Load(), n)
		}
	}
	spent.end("callback.plain", n)
	stop()
	figure.Add("callback.plain_posts", float64(came.Load()), "postbacks")
	figure.Add("callback.plain_posts_per_s", float64(n)/time.Since(begun).Seconds(), "postbacks/s")
}

// results are those of n jobs that want a postback, with their records.
func (h *house) results(b *testing.B, n int) []bus.Out {
	b.Helper()
	outs := make([]bus.Out, 0, 2*n)
	for i := range n {
		record := job.Record{Dialect: native.Dialect, Targets: []job.Target{{Sink: job.SinkPostback, URL: h.address(i)}}}
		id := events.NewID(time.Now(), tenant, h.key.Derive("job ids"))
		sealed, err := record.Seal(h.key, tenant, id)
		if err != nil {
			b.Error(err)
		}
		out, err := bus.Event(events.ResultSubject(tenant, id.String()), events.TypeJobCompleted, "/ringback/processor", id.String(), events.Result{
			ID: id.String(), State: events.StateCompleted, Outputs: []events.Output{{ID: "a", URL: h.url, Width: 1, Height: 1, Format: "jpeg", Bytes: 1}},
		})
		if err != nil {
			b.Error(err)
		}
		outs = append(outs, bus.Out{Subject: bus.RecordSubject(tenant, id.String()), Data: sealed}, out)
	}
	return slices.Clip(outs)
}
