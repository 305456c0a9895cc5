package bench_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/ringback/ringback/services/internal/figure"
)

// childRole names what a process that was started by another of this program is to do.
const childRole = "RINGBACK_BENCH_ROLE"

func TestMain(m *testing.M) {
	roles := map[string]func() error{"receiver": receive, "sink": sink, "bare": bare, "broker": broker}
	role := os.Getenv(childRole)
	if role == "" {
		code := m.Run()
		figure.Print(os.Stdout)
		os.Exit(code)
	}
	if err := roles[role](); err != nil {
		fmt.Fprintln(os.Stderr, role+":", err)
		os.Exit(1)
	}
}
