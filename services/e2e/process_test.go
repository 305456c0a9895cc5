package e2e_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is one running ringback.
type process struct {
	command *exec.Cmd
	address chan string // of HTTP, once it is served
	ended   chan struct{}
	tb      testing.TB

	mu  sync.Mutex
	log []string
}

// launch starts `ringback run` with the given services and settings. It is ended with the test.
func launch(tb testing.TB, services []string, environ ...string) *process {
	tb.Helper()
	command := exec.Command(filepath.Join(bin, "ringback"), append([]string{"run"}, services...)...)
	return launchCommand(tb, command, environ...)
}

func launchCommand(tb testing.TB, command *exec.Cmd, environ ...string) *process {
	tb.Helper()
	p := &process{address: make(chan string, 1), ended: make(chan struct{}), tb: tb, command: command}
	p.command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "RINGBACK_LOG_FORMAT=json"}, environ...)
	// A group of its own: a kill takes the renderers along, as a power cut would.
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stderr, err := p.command.StderrPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		tb.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(stderr)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			p.note(lines.Text())
		}
	}()
	go func() {
		<-read
		_ = p.command.Wait()
		close(p.ended)
	}()
	tb.Cleanup(func() { p.finish() })
	return p
}

func (p *process) note(line string) {
	var entry struct{ Msg, Address string }
	if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "http is served" {
		p.address <- entry.Address
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log = append(p.log, line)
}

// base waits for the address of HTTP.
func (p *process) base() string {
	p.tb.Helper()
	select {
	case address := <-p.address:
		return "http://" + address
	case <-p.ended:
		p.tb.Fatalf("ringback ended before it served:\n%s", p.logged())
	case <-time.After(time.Minute):
		p.tb.Fatalf("ringback did not serve within a minute:\n%s", p.logged())
	}
	return ""
}

// kill ends the process and its renderers as a power cut would, and waits until they are gone.
func (p *process) kill() {
	_ = syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL)
	<-p.ended
}

// stop asks the process to end, and waits for it.
func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	<-p.ended
}

// finish ends the process with the test, and shows its log when the test failed.
func (p *process) finish() {
	select {
	case <-p.ended:
	default:
		p.stop()
	}
	if p.tb.Failed() {
		p.tb.Logf("log of %v:\n%s", p.command.Args, p.logged())
	}
}

func (p *process) logged() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.log[max(0, len(p.log)-80):], "\n")
}

// launchLimited starts everything with a limit on the size of each file, in KiB.
func launchLimited(tb testing.TB, kib int, environ ...string) *process {
	tb.Helper()
	shell := fmt.Sprintf("ulimit -f %d && exec %s run", kib*2, filepath.Join(bin, "ringback")) // in blocks of 512 bytes
	return launchCommand(tb, exec.Command("sh", "-c", shell), environ...)
}
