package bench_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// child is a process of this program in another role. It reads commands from its input, a line each, and answers each
// with a line.
type child struct {
	tb  testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// start runs a child until the test ends or it is stopped.
func start(tb testing.TB, role string, environ ...string) *child {
	tb.Helper()
	c := &child{tb: tb, cmd: exec.Command(os.Args[0])}
	c.cmd.Env = append(append(os.Environ(), childRole+"="+role), environ...)
	c.cmd.Stderr = tb.Output()
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		tb.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	c.out = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.stop)
	return c
}

// ask sends a command and returns the answer.
func (c *child) ask(command string) string {
	c.tb.Helper()
	if _, err := fmt.Fprintln(c.in, command); err != nil {
		c.tb.Fatalf("ask %q: %v", command, err)
	}
	return c.line()
}

func (c *child) line() string {
	c.tb.Helper()
	line, err := c.out.ReadString('\n')
	if err != nil {
		c.tb.Fatalf("read an answer: %v", err)
	}
	return strings.TrimSpace(line)
}

// askJSON sends a command and reads the answer as JSON.
func (c *child) askJSON(command string, into any) {
	c.tb.Helper()
	if err := json.Unmarshal([]byte(c.ask(command)), into); err != nil {
		c.tb.Fatalf("answer to %q: %v", command, err)
	}
}

// stop ends the child, which ends by itself when its input does.
func (c *child) stop() {
	if c.cmd == nil {
		return
	}
	_ = c.in.Close()
	_ = c.cmd.Wait() // what it measured was asked for before
	c.cmd = nil
}

// kill ends the child as a crash does.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.in.Close()
	_ = c.cmd.Wait()
	c.cmd = nil
}

// rss is the child's resident memory in MiB.
func (c *child) rss() float64 {
	c.tb.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		c.tb.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				c.tb.Fatal(err)
			}
			return float64(kb) / 1024
		}
	}
	c.tb.Fatal("no VmRSS")
	return 0
}

// cpu is how long the child has kept processors busy.
func (c *child) cpu() time.Duration {
	c.tb.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	if err != nil {
		c.tb.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ") // behind the name, which may hold spaces
	fields := strings.Fields(rest)
	var ticks int64 // a hundredth of a second each, for whoever reads them
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			c.tb.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// commands calls handle for every line of the input, and prints what it returns, until the input ends.
func commands(handle func(words []string) string) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(handle(strings.Fields(lines.Text())))
	}
}
