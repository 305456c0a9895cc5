package guard_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the top of the repository, seen from this package.
const root = "../../.."

// command runs a program in a folder of the repository and returns what it printed.
func command(tb testing.TB, folder string, env []string, name string, args ...string) (string, error) {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), name, args...)
	cmd.Dir = filepath.Join(root, folder)
	cmd.Env = append(os.Environ(), env...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	return out.String() + problems.String(), err
}

func mustCommand(tb testing.TB, folder, name string, args ...string) string {
	tb.Helper()
	out, err := command(tb, folder, nil, name, args...)
	if err != nil {
		tb.Fatalf("%s %s in %q: %v\n%s", name, strings.Join(args, " "), folder, err, out)
	}
	return out
}

// tracked lists the files that git has and that are still there, with slashes, from the top.
func tracked(tb testing.TB) []string {
	tb.Helper()
	var files []string
	for name := range strings.SplitSeq(mustCommand(tb, "", "git", "ls-files", "-z"), "\x00") {
		if name == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join(root, name)); err == nil {
			files = append(files, name)
		}
	}
	if len(files) == 0 {
		tb.Fatal("git tracks no files: the guards would guard nothing")
	}
	return files
}

func read(tb testing.TB, name string) string {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}

// used lists the modules of the workspace by folder.
func used(tb testing.TB) []string {
	tb.Helper()
	var work struct{ Use []struct{ DiskPath string } }
	decode(tb, mustCommand(tb, "", "go", "work", "edit", "-json"), &work)
	var folders []string
	for _, use := range work.Use {
		folders = append(folders, filepath.ToSlash(filepath.Clean(use.DiskPath)))
	}
	slices.Sort(folders)
	return folders
}

// modFile is what `go mod edit -json` tells.
type modFile struct {
	Go        string
	Toolchain string
	Require   []struct {
		Path     string
		Indirect bool
	}
	Replace []struct{ Old struct{ Path string } }
}

func readMod(tb testing.TB, folder string) modFile {
	tb.Helper()
	var mod modFile
	decode(tb, mustCommand(tb, folder, "go", "mod", "edit", "-json"), &mod)
	return mod
}

func decode(tb testing.TB, text string, into any) {
	tb.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		tb.Fatal(err)
	}
}
