package imaging_test

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// The programs that the tests start, built once by TestMain: the real renderer, the same with a fault in it, and one that
// misbehaves on demand.
var renderer, crasher, standin string

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	folder, err := os.MkdirTemp("", "ringback-imaging-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	renderer, standin = filepath.Join(folder, "ringback-render"), filepath.Join(folder, "standin")
	crasher = filepath.Join(folder, "crasher")
	for program, source := range map[string]string{
		renderer: "../../cmd/ringback-render", crasher: "./testdata/crasher", standin: "./testdata/standin",
	} {
		if text, err := exec.Command("go", "build", "-o", program, source).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build %s: %v\n%s", source, err, text)
			return 1
		}
	}
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// newPool starts a pool of one renderer, and none of documents, that is closed with the test.
func newPool(t *testing.T, program string, change func(*imaging.Config)) *imaging.Pool {
	t.Helper()
	cfg := imaging.DefaultConfig()
	cfg.Executable, cfg.Workers, cfg.Documents = program, 1, 0
	if change != nil {
		change(&cfg)
	}
	pool, err := imaging.NewPool(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("start pool: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// saves is a recipe that keeps the picture as it is, in so many outputs called a, b, c, ….
func saves(n int) recipe.Recipe {
	var r recipe.Recipe
	for i := range n {
		r.Steps = append(r.Steps, recipe.Step{Save: &recipe.Save{ID: string(rune('a' + i))}})
	}
	return r
}

// acting is a picture that tells the stand-in what to do.
func acting(how string) []byte { return []byte("GIF89a:" + how) }
