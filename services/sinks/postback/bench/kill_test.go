package bench_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/figure"
)

const (
	brokerDir  = "RINGBACK_BENCH_DIR"
	brokerAddr = "RINGBACK_BENCH_ADDR"
)

// broker is the broker's process, which can be killed and started again on its folder.
func broker() error {
	config := bus.DefaultConfig()
	config.Addr = os.Getenv(brokerAddr)
	b, err := bus.Open(context.Background(), config, os.Getenv(brokerDir), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	fmt.Println("ready")
	commands(func([]string) string { return "ok" })
	return b.Close()
}

// ordeal is how many deliveries are made, and what is killed meanwhile.
type ordeal struct {
	events, endpoints int
	rate              int // events a second, so that the kills fall among them
	sinkKills         int
	brokerAfter       int // kills of sinks before each of the broker
	every             time.Duration
	steady            bool          // the broker is killed once nothing is left of the kill before, which would go out at full speed
	patience          time.Duration // for the last to come after all were made
	answer            time.Duration // how long the receiver takes, so that there is always something in flight
}

// slack is how many deliveries of one process may be between the answer and its acknowledgement when it is killed: those
// are not in flight any more, but will be repeated.
const slack = 4

// TestKill kills sinks and the broker while deliveries are under way. All must come, each under one id, and no more than
// what was under way may come again.
func TestKill(t *testing.T) { //nolint:paralleltest // its processes have the machine to themselves
	o := ordeal{
		events: 1500, endpoints: 50, rate: 75, sinkKills: 6, brokerAfter: 4, every: 2 * time.Second, steady: true, patience: 40 * time.Second, answer: 20 * time.Millisecond,
	}
	k := newKillRun(t, o)
	k.run()
	k.settled()
	r := k.report()
	// What the broker handed out and heard nothing of is in flight to it: on a machine that is busy, much of that was
	// answered already. The benchmark prints the ratio to what was at the endpoints alone.
	repeats, most := r.Count-r.Unique, max(k.inFlight, k.unsettled)+k.lately+slack*k.kills
	t.Logf("%d posts of %d deliveries for %d jobs, %d repeats; %d were in flight at %d kills, and %d came in the tenth of a second before the broker's",
		r.Count, r.Unique, r.Jobs, repeats, k.inFlight, k.kills, k.lately)
	if r.Unique != o.events || r.Jobs != o.events {
		t.Errorf("%d deliveries came for %d jobs, want one id for each of %d", r.Unique, r.Jobs, o.events)
	}
	if repeats > most {
		t.Errorf("%d posts came again, want %d at most", repeats, most)
	}
}

// BenchmarkKill kills sinks and the broker while deliveries are under way, and counts what the receiver got.
func BenchmarkKill(b *testing.B) {
	o := ordeal{
		events: 50_000, endpoints: 200, rate: 400, sinkKills: 50, brokerAfter: 10, every: 2 * time.Second, patience: 3 * time.Minute, answer: 10 * time.Millisecond,
	}
	for b.Loop() {
		k := newKillRun(b, o)
		begun := time.Now()
		r := k.run()
		took := time.Since(begun)
		repeats := r.Count - r.Unique
		b.Logf("%d events, %d kills in %s: %d posts of %d deliveries, %d repeats; %d were in flight at the kills, and %d in the tenth of a second before the broker's",
			o.events, k.kills, took.Round(time.Second), r.Count, r.Unique, repeats, k.inFlight, k.lately)
		figure.Add("kill.lost", float64(o.events-r.Unique), "deliveries")
		figure.Add("kill.repeats", float64(repeats), "posts")
		figure.Add("kill.in_flight", float64(k.inFlight+k.lately), "deliveries")
		figure.Add("kill.repeats_over_inflight", float64(repeats)/float64(max(k.inFlight+k.lately, 1)), "ratio")
		figure.Add("kill.deliveries_per_s", float64(o.events)/took.Seconds(), "deliveries/s")
	}
}

type killRun struct {
	*house
	ordeal
	dir, addr string
	broker    *child
	sinks     [2]*child
	kills     int // of processes
	inFlight  int // at the kills
	unsettled int // handed out by the broker at the kills, and not acknowledged
	lately    int // what came in the tenth of a second before each kill of the broker
}

func newKillRun(tb testing.TB, o ordeal) *killRun {
	tb.Helper()
	held, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	k := &killRun{ordeal: o, dir: tb.TempDir(), addr: held.Addr().String()}
	_ = held.Close() // the broker takes it
	k.startBroker(tb)
	logins, err := bus.ReadLogins(k.dir)
	if err != nil {
		tb.Fatal(err)
	}
	conn, err := bus.Dial(logins.ServicesURL(), slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	k.house = furnish(tb, conn, k.dir)
	k.receiver.ask("delay " + o.answer.String())
	k.receiver.ask("jobs")
	for i := range k.sinks {
		k.sinks[i] = k.sink()
	}
	return k
}

func (k *killRun) startBroker(tb testing.TB) {
	tb.Helper()
	k.broker = start(tb, "broker", brokerDir+"="+k.dir, brokerAddr+"="+k.addr)
	k.broker.line()
}

// run makes the events while it kills, and returns what the receiver has to say once all came.
func (k *killRun) run() report {
	k.tb.Helper()
	told := make(chan int, 1)
	endpoints := span{0, k.endpoints}
	go func() {
		defer close(told)
		told <- k.tellAt(k.rate, time.Duration(k.events/k.rate)*time.Second, endpoints, nil)
	}()
	k.killThem()
	if n := <-told; n < k.events {
		k.tell(n, k.events-n, endpoints)
	}
	return k.arrived(k.events, k.patience)
}

// killThem kills the busier sink on each tick, as soon as one has something in flight, and now and then the broker.
func (k *killRun) killThem() {
	k.tb.Helper()
	ticker := time.NewTicker(k.every)
	defer ticker.Stop()
	for kill := 1; kill <= k.sinkKills; kill++ {
		<-ticker.C
		k.unsettled += k.pending() // before what is in flight is counted: that changes within a millisecond
		at, n := k.busier()
		k.sinks[at].kill()
		k.inFlight += n
		k.kills++
		k.sinks[at] = k.sink()
		if kill%k.brokerAfter != 0 {
			continue
		}
		<-ticker.C
		if k.steady {
			k.settled()
		}
		k.unsettled += k.pending()
		before := k.report().Count
		<-time.After(100 * time.Millisecond)
		k.lately += k.report().Count - before
		n = k.at(0) + k.at(1)
		k.broker.kill()
		k.inFlight += n
		k.kills++
		k.startBroker(k.tb)
	}
}

// busier waits until a sink has deliveries in flight, but not for long, and returns which has the most, and how many.
func (k *killRun) busier() (sink, inFlight int) {
	k.tb.Helper()
	for deadline := time.Now().Add(5 * time.Second); inFlight == 0 && time.Now().Before(deadline); {
		for i := range k.sinks {
			if n := k.at(i); n > inFlight {
				sink, inFlight = i, n
			}
		}
	}
	return sink, inFlight
}

// at is how many deliveries are in flight at a sink.
func (k *killRun) at(sink int) int {
	k.tb.Helper()
	n, err := strconv.Atoi(k.sinks[sink].ask("inflight"))
	if err != nil {
		k.tb.Fatal(err)
	}
	return n
}

// pending is how many deliveries the broker handed out and has not heard of.
func (k *killRun) pending() int {
	k.tb.Helper()
	total := 0
	for _, lane := range bus.LaneNames(bus.HookLanes) {
		if n, err := k.bus.Pending(k.tb.Context(), bus.Hooks, bus.HookConsumer(lane)); err == nil {
			total += n
		}
	}
	return total
}

// settled waits until no delivery is in anybody's hands, so that whatever comes again has come.
func (k *killRun) settled() {
	k.tb.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.Now().Add(30 * time.Second)
	for _, lane := range bus.LaneNames(bus.HookLanes) {
		for {
			pending, err := k.bus.Pending(k.tb.Context(), bus.Hooks, bus.HookConsumer(lane))
			if err == nil && pending == 0 {
				break
			}
			if time.Now().After(deadline) {
				k.tb.Fatalf("lane %s has %d deliveries in hand, %v", lane, pending, err)
			}
			<-ticker.C
		}
	}
}
