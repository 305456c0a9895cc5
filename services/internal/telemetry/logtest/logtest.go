// Package logtest sends what a service logs to the test that runs it, so that it is shown when that test fails and
// nowhere else.
package logtest

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
)

// New makes a logger that writes every level to t.Log. Lines that come after the end of the test are dropped, because
// package testing panics at them; that a goroutine outlives its test is for a leak check to find.
func New(t testing.TB) *slog.Logger {
	t.Helper()
	w := &writer{log: t.Log}
	t.Cleanup(w.close)
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

type writer struct {
	mu  sync.Mutex
	log func(...any)
}

// Write logs one line; the handler calls it once for each.
func (w *writer) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.log != nil {
		w.log(string(bytes.TrimSuffix(line, []byte("\n"))))
	}
	return len(line), nil
}

func (w *writer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = nil
}
