package logtest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/internal/telemetry/logtest"
)

// recorder is a test that keeps what is logged and is over when end is called.
type recorder struct {
	testing.TB
	lines   []string
	cleanup []func()
}

func (r *recorder) Helper()           {}
func (r *recorder) Log(args ...any)   { r.lines = append(r.lines, fmt.Sprint(args...)) }
func (r *recorder) Cleanup(f func())  { r.cleanup = append(r.cleanup, f) }
func (r *recorder) end()              { r.cleanup[0]() }
func (r *recorder) has(s string) bool { return strings.Contains(strings.Join(r.lines, "\n"), s) }

func TestNew(t *testing.T) {
	t.Parallel()
	r := &recorder{TB: t}
	logger := logtest.New(r)
	logger.Debug("job taken", "job", "j1")
	if len(r.lines) != 1 || !r.has(`msg="job taken" job=j1`) || strings.HasSuffix(r.lines[0], "\n") {
		t.Errorf("logged %q", r.lines)
	}
	r.end()
	logger.Info("too late")
	if r.has("too late") {
		t.Error("logged after the end of the test")
	}
}
