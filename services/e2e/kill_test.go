package e2e_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/sample"
)

const (
	killJobs  = 200 // at least
	killTimes = 10
	killPause = 900 * time.Millisecond // the longest life between two kills
)

// TestKillLosesNothing kills the whole tree at random moments while jobs are handed over, and counts: every accepted job
// has one result, and every postback arrived under one delivery id of its own.
func TestKillLosesNothing(t *testing.T) {
	t.Parallel()
	in := oneProcess(t)
	client := receive(t, nil)
	token := in.secrets().Token
	ledger := &ledger{ids: map[string]string{}}
	enough, handed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(handed)
		for i := 0; !closed(enough) || len(ledger.accepted()) < killJobs; i++ {
			ledger.handOver(t, in, token, client.url, i)
		}
	}()
	for range killTimes {
		<-time.After(time.Duration(rand.Int64N(int64(killPause))))
		in.processes[0].kill()
		in.start()
	}
	close(enough)
	<-handed
	ids := ledger.accepted()
	states := map[events.State]int{}
	for _, id := range ids {
		states[in.await(token, id).State]++
	}
	attempts, deliveries := 0, map[string]bool{}
	for key, id := range ids {
		got := client.wait(t, key, 1)
		attempts += len(got)
		deliveries[got[0].id()] = true
		for _, again := range got {
			if again.id() != got[0].id() || again.body != got[0].body {
				t.Errorf("job %s was announced under %s and %s", id, got[0].id(), again.id())
			}
		}
	}
	results := countResults(t, in, len(ids))
	t.Logf("kills %d, jobs accepted %d, results %d, states %v, deliveries %d, attempts %d, refused while dead %d",
		killTimes, len(ids), results, states, len(deliveries), attempts, ledger.refused)
	if results != len(ids) || len(deliveries) != len(ids) || states[events.StateCompleted] != len(ids) {
		t.Errorf("of %d accepted jobs %d have a result, %d completed, %d were announced", len(ids), results,
			states[events.StateCompleted], len(deliveries))
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// ledger remembers what the installation promised.
type ledger struct {
	mu      sync.Mutex
	ids     map[string]string // by key
	refused int
}

// handOver submits one job until it is accepted: with one key, so that an answer lost in a kill gives no second job.
func (l *ledger) handOver(tb testing.TB, in *installation, token, receiver string, i int) {
	job := map[string]any{"recipe": twoPictures, "metadata": map[string]any{"n": i}}
	key := key(i)
	for tb.Context().Err() == nil {
		id, err := in.submitOnce(token, key, receiver, job)
		if err == nil {
			l.mu.Lock()
			l.ids[key] = id
			l.mu.Unlock()
			return
		}
		l.mu.Lock()
		l.refused++
		l.mu.Unlock()
		select {
		case <-time.After(50 * time.Millisecond):
		case <-tb.Context().Done():
		}
	}
}

func key(i int) string { return fmt.Sprint("key-", i) }

func (l *ledger) accepted() map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.ids)
}

// countResults counts the stored results, as a subscriber sees them from the start.
func countResults(tb testing.TB, in *installation, want int) int {
	tb.Helper()
	seen := map[string]int{}
	results := subscribe(tb, in)
	for range want {
		select {
		case result := <-results:
			seen[result.ID]++
		case <-time.After(10 * time.Second):
			return len(seen)
		}
	}
	select {
	case extra := <-results:
		tb.Errorf("there is a result too many: %s", extra.ID)
	case <-time.After(300 * time.Millisecond):
	}
	for id, n := range seen {
		if n != 1 {
			tb.Errorf("job %s has %d results", id, n)
		}
	}
	return len(seen)
}

// TestChangesInAWindowAreOneCallbackAcrossAKill changes one item twenty times within a window, with a kill in the
// middle: one callback id, with the last state.
func TestChangesInAWindowAreOneCallbackAcrossAKill(t *testing.T) {
	t.Parallel()
	in := oneProcess(t, "RINGBACK_CALLBACK_WINDOW=20s")
	client := receive(t, nil)
	token := in.secrets().Token
	// The item's windows are fixed; the first change tells when the current one ends, and the rest wait for the next.
	change := func(i int) events.Result {
		job := in.submit(token, map[string]any{
			"recipe": map[string]any{"steps": []any{map[string]any{
				"op": "resize", "params": map[string]any{"width": 100 + i, "height": 50},
				"save": map[string]any{"id": "picture", "format": "jpeg"},
			}}},
			"media": map[string]any{"id": "item"}, "notify": []any{callbackTo(client.url + "/xml")},
		}, sample.Portrait)
		return in.await(token, job.ID)
	}
	change(0)
	first := client.wait(t, "xml", 1)[0] // now a window begins
	for i := 1; i <= 20; i++ {
		change(i)
		if i == 10 {
			in.processes[0].kill()
			in.start()
		}
	}
	if got := client.got("xml"); len(got) > 1 {
		t.Fatalf("a callback came within the window: %s", got[1].body)
	}
	client.wait(t, "xml", 2)
	client.quiet(t, "xml", 5*time.Second)
	got := client.got("xml")
	ids := map[string]bool{}
	for _, a := range got[1:] {
		ids[a.id()] = true
	}
	var item struct {
		Width int `xml:"width"`
	}
	if err := xml.Unmarshal([]byte(got[len(got)-1].body), &item); err != nil {
		t.Fatal(err)
	}
	if len(ids) != 1 || ids[first.id()] || item.Width != 120 {
		t.Errorf("20 changes gave %d callback ids, the last with width %d; want one id and width 120", len(ids), item.Width)
	}
}

// quiet waits until nothing arrived on a path for a while.
func (r *receiver) quiet(tb testing.TB, path string, pause time.Duration) {
	tb.Helper()
	for {
		before := len(r.got(path))
		select {
		case <-time.After(pause):
		case <-tb.Context().Done():
			return
		}
		if len(r.got(path)) == before {
			return
		}
	}
}

// submitOnce hands over a job under an idempotency key, to be announced on a path that is the job's own.
func (in *installation) submitOnce(token, key, receiver string, job map[string]any) (string, error) {
	job["notify"] = []any{postbackTo(receiver + "/" + key)}
	raw, err := json.Marshal(job)
	if err != nil {
		return "", err
	}
	contentType, body := form(in.tb, raw, sample.Portrait)
	request, err := http.NewRequestWithContext(in.tb.Context(), http.MethodPost, in.base+"/v1/jobs", nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Idempotency-Key", key)
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Authorization", "Bearer "+token)
	return send(request, body)
}
