package bench_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/internal/figure"
)

// The programs that are measured, and the folder with the pictures.
var renderer, crasher, cloop, folder string

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	var err error
	if folder, err = os.MkdirTemp("", "ringback-bench-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	figure.Print(os.Stdout)
	return code
}

func build() error {
	renderer, crasher = filepath.Join(folder, "ringback-render"), filepath.Join(folder, "crasher")
	cloop = filepath.Join(folder, "cloop")
	for program, source := range map[string]string{renderer: "../../../cmd/ringback-render", crasher: "../testdata/crasher"} {
		if text, err := exec.Command("go", "build", "-o", program, source).CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", source, err, text)
		}
	}
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "vips").Output()
	if err != nil {
		return fmt.Errorf("ask for libvips: %w", err)
	}
	args := append([]string{"-O2", "-o", cloop, "cloop/main.c"}, strings.Fields(string(bytes.TrimSpace(flags)))...)
	if text, err := exec.Command("gcc", append(args, "-lpthread")...).CombinedOutput(); err != nil {
		return fmt.Errorf("build the C loop: %w\n%s", err, text)
	}
	return nil
}
