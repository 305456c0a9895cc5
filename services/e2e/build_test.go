package e2e_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ringback/ringback/services/internal/figure"
)

// bin is the folder with the programs under test.
var bin string

func TestMain(m *testing.M) {
	if folder := os.Getenv(serverFolder); folder != "" {
		os.Exit(beServer(folder))
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	folder, err := os.MkdirTemp("", "ringback-e2e")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
	bin = folder
	for program, cgo := range map[string]string{"ringback": "0", "ringback-render": "1"} {

		command := exec.CommandContext(context.Background(), "go", "build", "-o", filepath.Join(bin, program), "../cmd/"+program)
		command.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
		if output, err := command.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build %s: %v\n%s", program, err, output)
			return 1
		}
	}
	code := m.Run()
	figure.Print(os.Stdout)
	return code
}
