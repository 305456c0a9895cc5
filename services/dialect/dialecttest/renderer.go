package dialecttest

import (
	"log/slog"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging"
)

// Renderer starts a pool of one real renderer, and none of documents, that is closed with the test.
func Renderer(tb testing.TB) *imaging.Pool {
	tb.Helper()
	program := filepath.Join(tb.TempDir(), "ringback-render")
	build := exec.CommandContext(tb.Context(), "go", "build", "-o", program, //nolint:gosec // into a folder of the test's own
		"github.com/ringback/ringback/services/cmd/ringback-render")
	if said, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("build the renderer: %v\n%s", err, said)
	}
	config := imaging.DefaultConfig()
	config.Executable, config.Workers, config.Documents = program, 1, 0
	pool, err := imaging.NewPool(config, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	return pool
}
