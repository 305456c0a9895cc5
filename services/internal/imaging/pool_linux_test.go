package imaging_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/sample"
)

// children lists the processes of the program that this process has started.
func children(t *testing.T, program string) []int {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, link := range all {
		if path, err := os.Readlink(link); err != nil || path != program {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// ownProgram is a copy of a program under a path of its own, so that a test finds its children and no others.
func ownProgram(t *testing.T, program string) string {
	t.Helper()
	own := filepath.Join(t.TempDir(), "ringback-render")
	if err := os.Link(program, own); err != nil {
		t.Fatal(err)
	}
	return own
}

func TestRenderer_FindsNoSecretInItsEnvironment(t *testing.T) {
	t.Setenv("RINGBACK_SEAL_KEY", "a secret")
	program := ownProgram(t, renderer)
	newPool(t, program, nil)
	found := children(t, program)
	if len(found) == 0 {
		t.Fatal("no renderer was found")
	}
	for _, pid := range found {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for line := range bytes.SplitSeq(bytes.Trim(text, "\x00"), []byte{0}) {
			name, _, _ := bytes.Cut(line, []byte("="))
			if string(name) != "LD_PRELOAD" && string(name) != "VIPSHOME" { // where jemalloc and plug-ins are installed
				names = append(names, string(name))
			}
		}
		slices.Sort(names)
		want := []string{
			"GOMAXPROCS", "GOTRACEBACK", "HOME", "MALLOC_ARENA_MAX", "TMPDIR",
			"VIPS_BLOCK_UNTRUSTED", "VIPS_CONCURRENCY", "VIPS_DISC_THRESHOLD",
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("environment (-want +got):\n%s", diff)
		}
	}
}

func TestRenderer_KilledBetweenPicturesIsReplaced(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSEGV} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			program := ownProgram(t, renderer)
			pool := newPool(t, program, nil)
			for _, pid := range children(t, program) {
				if err := syscall.Kill(pid, signal); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := pool.Render(t.Context(), imaging.Request{Recipe: saves(1), Source: sample.Portrait}); err != nil {
				t.Errorf("got %v after the renderer was killed", err)
			}
		})
	}
}

func TestRenderer_KilledInTheMiddleGetsOneFreshTry(t *testing.T) {
	t.Parallel()
	program := ownProgram(t, standin)
	pool := newPool(t, program, nil)
	kill := func(int, int) {
		for _, pid := range children(t, program) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	req := imaging.Request{Recipe: saves(2), Source: acting("hang-once"), Progress: kill}
	if resp, err := pool.Render(t.Context(), req); err != nil || len(resp.Outputs) != 2 {
		t.Errorf("got %d outputs and %v, want 2", len(resp.Outputs), err)
	}
}

func TestRenderer_MayNot(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("a secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	pool := newPool(t, standin, nil)
	rows := map[string]string{
		"open a socket":     "call=socket",
		"run a program":     "call=exec",
		"signal its parent": "call=kill",
	}
	if slices.Contains(pool.Isolation(), imaging.Measure{Name: imaging.MeasureSecrets, Held: true}) {
		rows["read our files"] = "read=" + secret
		rows["read our environment"] = fmt.Sprintf("read=/proc/%d/environ", os.Getpid())
	}
	for name, how := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pool.Render(t.Context(), imaging.Request{Recipe: saves(1), Source: acting(how)})
			wantCode(t, err, recipe.SourceUnreadable)
			if err == nil || !strings.Contains(err.Error(), "not permitted") && !strings.Contains(err.Error(), "permission denied") {
				t.Errorf("got %v, want it forbidden", err)
			}
		})
	}
}

func TestRenderer_IsRecycledAfterItsJobs(t *testing.T) {
	t.Parallel()
	program := ownProgram(t, standin)
	pool := newPool(t, program, func(c *imaging.Config) { c.MaxJobs = 2 })
	var seen []int
	for range 4 {
		pids := children(t, program)
		_, err := pool.Render(t.Context(), imaging.Request{
			Recipe: saves(1), Source: acting("ok"),
			Progress: func(int, int) { pids = children(t, program) },
		})
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, pids...)
	}
	if got := len(slices.Compact(seen)); got != 2 {
		t.Errorf("4 pictures were made by %d renderers (%v), want 2", got, seen)
	}
}

func TestPool_CloseLeavesNothing(t *testing.T) {
	t.Parallel()
	program := ownProgram(t, renderer)
	pool := newPool(t, program, func(c *imaging.Config) { c.Workers = 3 })
	var folders []string
	found := children(t, program)
	if len(found) == 0 {
		t.Fatal("no renderer was found")
	}
	for _, pid := range found {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err != nil {
			continue // it has not been warmed yet
		}
		_, rest, _ := strings.Cut(string(text), "TMPDIR=")
		folder, _, _ := strings.Cut(rest, "\x00")
		folders = append(folders, folder)
	}
	pool.Close()
	if pids := children(t, program); len(pids) > 0 {
		t.Errorf("processes %v are left", pids)
	}
	for _, folder := range folders {
		if _, err := os.Stat(folder); folder != "" && !os.IsNotExist(err) {
			t.Errorf("folder %s is left", folder)
		}
	}
}

func TestPool_Isolation(t *testing.T) {
	t.Parallel()
	measures := newPool(t, renderer, nil).Isolation()
	// What needs no permission of the kernel's holds everywhere on Linux.
	for _, name := range []string{
		imaging.MeasureProcess, imaging.MeasureEnvironment, imaging.MeasurePrivileges, imaging.MeasureParent,
		imaging.MeasureSystemCalls, imaging.MeasureFiles, imaging.MeasureMemory,
	} {
		if !slices.Contains(measures, imaging.Measure{Name: name, Held: true}) {
			t.Errorf("%q does not hold: %+v", name, measures)
		}
	}
	for _, m := range measures {
		if m.Held == (m.Why != "") {
			t.Errorf("%+v gives a reason only when it does not hold", m)
		}
	}
}

func TestRenderer_OpensNoMoreLibrariesThanItNeeds(t *testing.T) {
	t.Parallel()
	program := ownProgram(t, renderer)
	pool := newPool(t, program, func(c *imaging.Config) { c.Documents = 1 })
	r := saves(2)
	r.Steps[0].Save.Format, r.Steps[1].Save.Format = "avif", "jxl"
	for _, source := range []string{string(sample.Portrait), `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>`} {
		resp, err := pool.Render(t.Context(), imaging.Request{Recipe: r, Source: []byte(source)})
		if err != nil || len(resp.Failures) > 0 {
			t.Fatalf("the plug-ins are missing: %v, %+v", err, resp.Failures)
		}
	}
	poppler := 0
	for _, pid := range children(t, program) {
		environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err != nil {
			t.Fatal(err)
		}
		// What a renderer has open nobody may look at. Started by hand it tells, and ends for want of pipes.
		again := exec.CommandContext(t.Context(), program, "documents")
		again.Env = append(strings.Split(strings.Trim(string(environ), "\x00"), "\x00"), "LD_DEBUG=files")
		opened, _ := again.CombinedOutput()
		if !strings.Contains(string(opened), "libheif") {
			t.Fatalf("the linker tells nothing: %.200s", opened)
		}
		for _, library := range []string{"Magick", "openslide"} {
			if strings.Contains(string(opened), library) {
				t.Errorf("renderer %d opens %s", pid, library)
			}
		}
		if strings.Contains(string(opened), "vips-poppler") {
			poppler++
		}
	}
	if poppler != 1 {
		t.Errorf("%d renderers open the reader of PDF, want 1", poppler)
	}
}
