package callback_test

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

	"github.com/ringback/ringback/services/sinks/callback"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// childFolder tells a copy of the test program to be a broker and a sink on a folder, for others to kill.
const childFolder = "RINGBACK_TEST_CALLBACK_CHILD"

// killWindow is long enough for a start, a kill and another start.
const killWindow = 12 * time.Second

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		beChild(dir)
	}
	sinktest.Main(m)
}

// beChild is a broker and a sink on a folder until the parent kills it or is gone.
func beChild(dir string) {
	h := sinktest.OpenIn(process{}, dir)
	h.Adopt()
	h.Start(sink(killWindow))
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// process is what a house asks of a test, for a process that runs none: it ends when something fails and cleans nothing.
type process struct{ testing.TB }

func (process) Helper()                           {}
func (process) Cleanup(func())                    {}
func (process) Context() context.Context          { return context.Background() }
func (process) Output() io.Writer                 { return io.Discard }
func (process) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (process) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// TestKillInsideAWindow changes an item twenty times within a window, kills broker and sink with SIGKILL in the middle,
// and wants one callback with the last state.
func TestKillInsideAWindow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	child := spawn(t, dir)
	h := sinktest.Visit(t, dir)
	item := itemWithTime(killWindow - time.Second)
	receiver := h.Receive(sink(killWindow), sinktest.Accept)
	for i := range 20 {
		if i == 10 {
			child.kill(t)
			child = spawn(t, dir)
			h.Revisit()
		}
		result := h.NewResult()
		result.Media.ID, result.Outputs[0].Width = item, i+1
		if err := h.Publish(result, record(receiver.URL)); err != nil {
			t.Fatal(err)
		}
	}
	end := callback.WindowEnd(time.Now(), killWindow, sinktest.Application, item)
	a := receiver.Next(t)
	if got := fields(a)["width"]; got != "20" {
		t.Errorf("the callback has state %s, want 20", got)
	}
	if want := callback.ID(sinktest.Application, item, end); a.ID != want || a.At.Before(end) {
		t.Errorf("came as %s at %s, want %s and not before %s", a.ID, a.At, want, end)
	}
	h.Await("the callback is on record", func() bool { return len(h.Deliveries()) > 0 })
	for _, a := range receiver.Arrivals() {
		if a.ID != receiver.Arrivals()[0].ID {
			t.Errorf("there is another callback: %s", a.ID)
		}
	}
	child.kill(t)
}

// itemWithTime finds an item whose window has just begun.
func itemWithTime(left time.Duration) string {
	for i := 0; ; i++ {
		item := fmt.Sprint("item", i)
		if time.Until(callback.WindowEnd(time.Now(), killWindow, sinktest.Application, item)) > left {
			return item
		}
	}
}

type child struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
}

func spawn(t *testing.T, dir string) *child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), childFolder+"="+dir), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "ready" {
			return &child{cmd: cmd, stdin: in}
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
