package e2e_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/job"
)

const (
	leaderJobs   = 150 // at least
	leaderBefore = 50  // announced before the kill
	// leaderPause bounds how long after the servers have elected all leaders that deliveries need these may still take, on
	// a machine that does much else. On a quiet one it is at most three seconds; the figure is in the log of the test. The
	// election is the servers' own: four to nine seconds of silence before somebody stands for it, and it can fail.
	leaderPause = time.Minute
	demo        = "demo" // the application that is there from the start
)

// TestLeaderOfDeliveriesIsKilled kills the server that leads the stream of deliveries while postbacks go out: once others
// lead what it led, new ones go out within seconds, and every accepted job is announced, each under one id.
func TestLeaderOfDeliveriesIsKilled(t *testing.T) {
	t.Parallel()
	in := processPerService(t)
	client := receive(t, nil)
	token := in.secrets().Token
	ledger := &ledger{ids: map[string]string{}}
	enough, handed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(handed)
		for i := 0; !closed(enough) || len(ledger.accepted()) < leaderJobs; i++ {
			ledger.handOver(t, in, token, client.url, i)
		}
	}()
	for i := range leaderBefore {
		client.wait(t, key(i), 1)
	}
	elections := in.watchElections(
		bus.Jobs, bus.Events, bus.Hooks, "KV_"+bus.IdempotencyBucket, bus.JobConsumer(job.Standard, bus.JobLane(demo)),
		bus.HookConsumer(bus.HookLane(delivery.Endpoint(demo, client.url))),
	)
	name := in.killLeader(bus.Hooks)
	killed, before := time.Now(), ledger.accepted()
	client.wait(t, key(len(before)), 1) // the first that was accepted after the kill
	close(enough)
	<-handed
	ids := ledger.accepted()
	resumed, last := time.Now(), killed // when the first that is new came, and the last
	attempts, announced := 0, map[string]bool{}
	for key, id := range ids {
		got := client.wait(t, key, 1)
		attempts += len(got)
		announced[got[0].id()] = true
		if _, earlier := before[key]; !earlier && got[0].at.Before(resumed) {
			resumed = got[0].at
		}
		if got[0].at.After(last) {
			last = got[0].at
		}
		for _, again := range got {
			if again.id() != got[0].id() || again.body != got[0].body {
				t.Errorf("job %s was announced under %s and %s", id, got[0].id(), again.id())
			}
		}
	}
	pause, elected := resumed.Sub(killed), elections.last(resumed).Sub(killed)
	t.Logf("%s was killed with %d of %d jobs accepted; the last election on the way was over after %s, the first new delivery came after %s, the last after %s; %d attempts of %d deliveries, refused meanwhile %d",
		name, len(before), len(ids), elected.Round(time.Millisecond), pause.Round(time.Millisecond), last.Sub(killed).Round(time.Millisecond), attempts, len(announced), ledger.refused)
	if len(announced) != len(ids) {
		t.Errorf("of %d accepted jobs %d were announced", len(ids), len(announced))
	}
	if ours := pause - elected; ours > leaderPause {
		t.Errorf("nothing new was delivered for %s, %s of them after the last election", pause, ours)
	}
}

// elections are the leaders that were elected since some were lost.
type elections struct {
	path []string

	mu   sync.Mutex
	over []time.Time
}

// watchElections notes when streams and consumers of these names get a leader, until the test ends.
func (in *installation) watchElections(path ...string) *elections {
	in.tb.Helper()
	e := &elections{path: path}
	nc := in.connect()
	in.tb.Cleanup(nc.Close)
	if _, err := nc.Subscribe("$JS.EVENT.ADVISORY.*.LEADER_ELECTED.>", e.note); err != nil {
		in.tb.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		in.tb.Fatal(err)
	}
	return e
}

func (e *elections) note(msg *nats.Msg) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if parts := strings.Split(msg.Subject, "."); slices.Contains(e.path, parts[len(parts)-1]) {
		e.over = append(e.over, time.Now())
	}
}

// last is when the last election before a time was over.
func (e *elections) last(before time.Time) (over time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, at := range e.over {
		if at.Before(before) {
			over = at // they are in order
		}
	}
	return over
}

// killLeader kills the server that leads a stream, and returns its name.
func (in *installation) killLeader(stream string) string {
	in.tb.Helper()
	nc := in.connect()
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		in.tb.Fatal(err)
	}
	s, err := js.Stream(in.tb.Context(), stream)
	if err != nil {
		in.tb.Fatal(err)
	}
	leader := s.CachedInfo().Cluster.Leader
	for _, server := range in.servers {
		if server.name == leader {
			server.kill()
			return leader
		}
	}
	in.tb.Fatalf("%s is led by %q, which is none of ours", stream, leader)
	return ""
}
