package eventbridge_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/sinks/eventbridge/eventbridgetest"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// TestRestart takes the broker away in the middle of the work, twice, and wants nothing lost.
func TestRestart(t *testing.T) {
	t.Parallel()
	h, server := sinktest.Open(t), eventbridgetest.Start(t, nil)
	sink := sinkAt(server.URL)
	h.Start(sink)
	var told []string
	for round := range 3 {
		told = append(told, tell(h, sink, 20)...)
		if round == 1 {
			server.Until("the sink is at work", func() bool { return len(server.Taken()) > 0 })
		}
		h.Rebuild()
		h.Start(sink)
	}
	if times := eachTaken(t, server, told); len(times) != len(told) {
		t.Errorf("%d jobs are on the bus, want %d", len(times), len(told))
	}
}

// TestTwoInstances share the work, and nothing is sent twice.
func TestTwoInstances(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	server := eventbridgetest.Start(t, func(r request) reply {
		codes := map[int]string{}
		for i, e := range r.Entries {
			if e.Try == 1 {
				codes[i] = "InternalFailure"
			}
		}
		return reply{Codes: codes}
	})
	sink := sinkAt(server.URL)
	h.Start(sink, 200*time.Millisecond)
	h.Start(sink, 200*time.Millisecond)
	told := tell(h, sink, 40)
	once(t, eachTaken(t, server, told))
	for _, e := range server.Arrived() {
		if e.Try > 2 {
			t.Errorf("job %s came %d times; no instance was stopped", about(e), e.Try)
		}
	}
}

func TestTakeOver(t *testing.T) {
	t.Parallel()
	h, server := sinktest.Open(t), eventbridgetest.Start(t, nil)
	sink := sinkAt(server.URL)
	first := h.Start(sink)
	told := tell(h, sink, 1)
	eachTaken(t, server, told)
	h.Start(sink)
	first.Stop()
	once(t, eachTaken(t, server, append(told, tell(h, sink, 3)...)))
}

// TestRetryOutlivesTheHouse kills the house while a retry is a timer of the broker.
func TestRetryOutlivesTheHouse(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	server := eventbridgetest.Start(t, func(r request) reply {
		if r.Nth == 1 {
			return reply{Codes: map[int]string{0: "InternalFailure"}}
		}
		return reply{}
	})
	sink := sinkAt(server.URL)
	h.Start(sink, 3*time.Second)
	job := h.Tell(sink)
	entry := h.Logs(events.TypeDeliveryScheduled, job)
	h.Rebuild()
	h.Start(sink, 3*time.Second)
	eachTaken(t, server, []string{job})
	list := server.Arrived()
	last := list[len(list)-1]
	if string(last.Detail) != string(list[0].Detail) || !last.Time.Equal(list[0].Time) {
		t.Errorf("came as %+v and as %+v, want the same", list[0], last)
	}
	if last.At.Before(*entry.NextAt) {
		t.Errorf("came at %s, before the %s of its timer", last.At, entry.NextAt)
	}
	if delivered := h.Logs(events.TypeDeliveryDelivered, job); delivered.ID != entry.ID || delivered.Attempt != 2 {
		t.Errorf("log has %+v, want attempt 2 of %s", delivered, entry.ID)
	}
}

// TestStop lets a request in progress end within the grace, and cuts one that takes longer; that one is sent again.
func TestStop(t *testing.T) {
	t.Parallel()

	t.Run("EndsWell", func(t *testing.T) {
		t.Parallel()
		h := sinktest.Open(t)
		come, release := make(chan struct{}), make(chan struct{})
		server := eventbridgetest.Start(t, func(r request) reply {
			if r.Nth == 1 {
				close(come)
				<-release
			}
			return reply{}
		})
		sink := sinkAt(server.URL)
		instance := h.Start(sink)
		told := tell(h, sink, 1)
		<-come
		stopped := make(chan struct{})
		go func() { instance.Stop(); close(stopped) }()
		close(release)
		<-stopped
		h.Logs(events.TypeDeliveryDelivered, told[0])
		h.Start(sink)
		once(t, eachTaken(t, server, append(told, tell(h, sink, 1)...)))
	})

	t.Run("IsCutAndSentAgain", func(t *testing.T) {
		t.Parallel()
		h := sinktest.Open(t)
		server := eventbridgetest.Start(t, func(r request) reply {
			if r.Nth == 1 {
				return reply{Codes: map[int]string{0: "InternalFailure"}}
			}
			return reply{Hang: r.Nth == 2}
		})
		sink := sinkAt(server.URL)
		instance := h.Start(sink, 50*time.Millisecond) // the second attempt is the last, if it counts
		job := h.Tell(sink)
		server.Until("it came twice", func() bool { return len(server.Arrived()) == 2 })
		instance.Stop()
		h.Start(sink, 50*time.Millisecond)
		eachTaken(t, server, []string{job})
		if entry := h.Logs(events.TypeDeliveryDelivered, job); entry.Attempt != 2 {
			t.Errorf("log has %+v, want attempt 2: the one that was cut does not count", entry)
		}
		for _, entry := range h.Deliveries() {
			if entry.Type == events.TypeDeliveryExhausted {
				t.Errorf("the attempt that was cut counted as the last: %+v", entry)
			}
		}
	})
}

func TestLifecycle(t *testing.T) {
	t.Parallel()
	h, server := sinktest.Open(t), eventbridgetest.Start(t, nil)
	sink := sinkAt(server.URL)
	var told []string
	for i := range 20 {
		told = append(told, h.Tell(sink))
		instance := h.Start(sink)
		if i%3 == 0 {
			eachTaken(t, server, told)
		}
		instance.Stop()
	}
	h.Start(sink)
	eachTaken(t, server, told)
}

// TestRun_StopBeforeTheSettingsAreKnown ends at once, although nothing may be sent yet.
func TestRun_StopBeforeTheSettingsAreKnown(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sinktest.Open(t).Unfed(sinkAt("http://127.0.0.1:1")).Run(ctx); err != nil {
		t.Errorf("run: %v", err)
	}
}

// childFolder and childBus tell a copy of the test program to be a broker and a sink, for others to kill.
const (
	childFolder = "RINGBACK_TEST_EVENTBRIDGE_CHILD"
	childBus    = "RINGBACK_TEST_EVENTBRIDGE_BUS"
)

// TestMain fails the package when anything that a test started still runs.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		h := sinktest.OpenIn(process{}, dir)
		h.Adopt()
		h.Start(sinkAt(os.Getenv(childBus)), 100*time.Millisecond)
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, os.Stdin) // until the parent kills it or is gone
		os.Exit(0)
	}
	sinktest.Main(m)
}

// process is what a house asks of a test, for a process that runs none: it ends when something fails and cleans nothing.
type process struct{ testing.TB }

func (process) Helper()                           {}
func (process) Cleanup(func())                    {}
func (process) Context() context.Context          { return context.Background() }
func (process) Output() io.Writer                 { return io.Discard }
func (process) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (process) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// TestKill kills broker and sink with SIGKILL while requests are under way, and wants every job on the bus all the same.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hanging := make(chan struct{}, 1)
	server := eventbridgetest.Start(t, func(r request) reply {
		if r.Nth == 1 {
			hanging <- struct{}{}
			return reply{Hang: true}
		}
		return reply{}
	})
	child := spawn(t, dir, server.URL)
	h := sinktest.Visit(t, dir)
	sink := sinkAt(server.URL)
	told := tell(h, sink, 30)
	<-hanging
	child.kill(t)
	child = spawn(t, dir, server.URL)
	h.Revisit()
	told = append(told, tell(h, sink, 10)...)
	if times := eachTaken(t, server, told); len(times) != len(told) {
		t.Errorf("%d jobs are on the bus, want %d", len(times), len(told))
	}
	child.kill(t)
}

type child struct{ cmd *exec.Cmd }

func spawn(t *testing.T, dir, url string) *child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), childFolder+"="+dir, childBus+"="+url), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "ready" {
			return &child{cmd: cmd}
		}
	}
	t.Fatalf("the child is not ready: %v", lines.Err())
	return nil
}

func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait() // says that it was killed
}
