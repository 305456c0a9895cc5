package e2e_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/ringback/ringback/services/internal/bus"
)

const (
	leaderJobs   = 150 // at least
	leaderBefore = 50  // announced before the kill
)

// TestLeaderOfDeliveriesIsKilled kills the server that leads the stream of deliveries while postbacks go out: another
// leads it within seconds, and every accepted job is announced, each under one id.
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
	pause := resumed.Sub(killed)
	t.Logf("%s was killed with %d of %d jobs accepted; the first new delivery came after %s, the last after %s; %d attempts of %d deliveries, refused meanwhile %d",
		name, len(before), len(ids), pause.Round(time.Millisecond), last.Sub(killed).Round(time.Millisecond), attempts, len(announced), ledger.refused)
	if len(announced) != len(ids) {
		t.Errorf("of %d accepted jobs %d were announced", len(ids), len(announced))
	}
	if pause > time.Minute { // ten to thirty-four seconds were seen
		t.Errorf("nothing new was delivered for %s", pause)
	}
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
