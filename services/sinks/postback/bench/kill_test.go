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
	killEvents    = 50_000
	sinkKills     = 50
	brokerKills   = 5
	killEndpoints = 200
	killRate      = 400 // events a second, so that the kills fall among them
	killEvery     = 2 * time.Second
	// answerDelay is how long the receiver takes, so that there is always something in flight.
	answerDelay = 10 * time.Millisecond

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

// BenchmarkKill kills sinks and the broker while deliveries are under way, and counts what the receiver got.
func BenchmarkKill(b *testing.B) {
	for b.Loop() {
		k := newKillRun(b)
		begun := time.Now()
		done := make(chan int)
		go func() { done <- k.tellAt(killRate, killEvents/killRate*time.Second, span{0, killEndpoints}, nil) }()
		k.run()
		told := <-done
		if told < killEvents {
			k.tell(told, killEvents-told, span{0, killEndpoints})
		}
		took := time.Since(begun)
		r := k.arrived(killEvents, 3*time.Minute)
		repeats := r.Count - r.Unique
		b.Logf("%d events, %d kills of sinks, %d of the broker in %s: %d posts of %d deliveries, %d repeats; %d were in flight at the kills, and %d in the tenth of a second before the broker's",
			killEvents, sinkKills, brokerKills, took.Round(time.Second), r.Count, r.Unique, repeats, k.inFlight, k.lately)
		figure.Add("kill.lost", float64(killEvents-r.Unique), "deliveries")
		figure.Add("kill.repeats", float64(repeats), "posts")
		figure.Add("kill.in_flight", float64(k.inFlight+k.lately), "deliveries")
		figure.Add("kill.repeats_over_inflight", float64(repeats)/float64(max(k.inFlight+k.lately, 1)), "ratio")
		figure.Add("kill.deliveries_per_s", float64(killEvents)/took.Seconds(), "deliveries/s")
	}
}

type killRun struct {
	*house
	dir, addr string
	broker    *child
	sinks     [2]*child
	inFlight  int // at the kills of sinks
	lately    int // what came in the tenth of a second before each kill of the broker
}

func newKillRun(b *testing.B) *killRun {
	b.Helper()
	held, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	k := &killRun{dir: b.TempDir(), addr: held.Addr().String()}
	_ = held.Close() // the broker takes it
	k.startBroker(b)
	logins, err := bus.ReadLogins(k.dir)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := bus.Dial(logins.ServicesURL(), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	k.house = furnish(b, conn, k.dir)
	k.receiver.ask("delay " + answerDelay.String())
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

// run kills a sink every other second, the one or the other, and the broker after every tenth.
func (k *killRun) run() {
	k.tb.Helper()
	ticker := time.NewTicker(killEvery)
	defer ticker.Stop()
	for kill := 1; kill <= sinkKills; kill++ {
		<-ticker.C
		at := kill % len(k.sinks)
		if n, err := strconv.Atoi(k.sinks[at].ask("inflight")); err == nil {
			k.inFlight += n
		}
		k.sinks[at].kill()
		k.sinks[at] = k.sink()
		if kill%(sinkKills/brokerKills) != 0 {
			continue
		}
		<-ticker.C
		before := k.report().Count
		time.Sleep(100 * time.Millisecond)
		k.lately += k.report().Count - before
		for _, s := range k.sinks {
			if n, err := strconv.Atoi(s.ask("inflight")); err == nil {
				k.inFlight += n
			}
		}
		k.broker.kill()
		k.startBroker(k.tb)
	}
}
