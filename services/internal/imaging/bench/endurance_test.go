package bench_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/services/internal/figure"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

const (
	smallJobs = 100_000
	largeJobs = 500
)

// BenchmarkSoak renders a hundred thousand small pictures and five hundred large ones, and looks what is left of them:
// memory, files and processes.
func BenchmarkSoak(b *testing.B) {
	small := thumbnail(b)
	_, large := corpus(b, 6000, 4000)
	for b.Loop() {
		temp := b.TempDir()
		b.Setenv("TMPDIR", temp)
		before := openFiles(b)
		p := pool(b, renderer, nil)
		soak(b, p, one("fit", `{"width":32}`, "webp"), small)
		begun := time.Now()
		renderAll(b, p, one("fit", `{"width":1600}`, "jpeg"), large, largeJobs)
		figure.Add("soak.large_per_s", largeJobs/time.Since(begun).Seconds(), "pictures/s")
		p.Close()
		figure.Add("soak.leaked_processes", float64(len(family())), "processes")
		figure.Add("soak.leaked_files", float64(len(leftovers(b, temp))), "files")
		figure.Add("soak.leaked_descriptors", float64(openFiles(b)-before), "descriptors")
	}
}

// soak renders the small pictures, and compares the memory of all processes in the last tenth with the second.
func soak(b *testing.B, p *imaging.Pool, r recipe.Recipe, picture []byte) {
	b.Helper()
	var tenths [10][]float64
	begun := time.Now()
	for i := range 100 {
		renderAll(b, p, r, [][]byte{picture}, smallJobs/100)
		tenths[i/10] = append(tenths[i/10], resident())
	}
	early, late := figure.Median(tenths[1]), figure.Median(tenths[9])
	figure.Add("soak.small_per_s", smallJobs/time.Since(begun).Seconds(), "pictures/s")
	figure.Add("soak.rss_mb", late, "MB")
	figure.Add("soak.rss_growth_pct", 100*(late/early-1), "%")
}

// BenchmarkCrashes renders large pictures, first all good and then with one in ten that ends its renderer, and compares
// how many good ones are made in a second.
func BenchmarkCrashes(b *testing.B) {
	_, good := corpus(b, 6000, 4000)
	mixed := make([][]byte, 10)
	for i := range mixed {
		mixed[i] = good[i%len(good)]
	}
	mixed[9] = append(bytes.Clone(good[0]), "CRASH"...)
	r := one("fit", `{"width":1600}`, "jpeg")
	const count = 60
	p := pool(b, crasher, nil)
	for b.Loop() {
		with, without, ratio := pairs(
			func() float64 { return goodPerSecond(b, p, r, mixed, count) },
			func() float64 { return goodPerSecond(b, p, r, good, count) },
		)
		figure.Add("imaging.crash_per_s", with, "pictures/s")
		figure.Add("imaging.crash_free_per_s", without, "pictures/s")
		figure.Add("imaging.crash_ratio", ratio, "ratio")
	}
}

// goodPerSecond renders count good pictures, with the bad ones among them, and returns how many were made in a second.
func goodPerSecond(b *testing.B, p *imaging.Pool, r recipe.Recipe, files [][]byte, count int) float64 {
	b.Helper()
	var made atomic.Int64
	begun := time.Now()
	group, ctx := errgroup.WithContext(b.Context())
	group.SetLimit(p.Slots())
	for i := range count {
		group.Go(func() error {
			_, err := p.Render(ctx, imaging.Request{Recipe: r, Source: files[i%len(files)]})
			if fault, ok := errors.AsType[*recipe.Error](err); ok && fault.Code == recipe.RendererCrashed {
				return nil
			}
			made.Add(1)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
	return float64(made.Load()) / time.Since(begun).Seconds()
}

// thumbnail is a JPEG of 64 × 64 pixels.
func thumbnail(tb testing.TB) []byte {
	tb.Helper()
	var file bytes.Buffer
	if err := jpeg.Encode(&file, image.NewRGBA(image.Rect(0, 0, 64, 64)), nil); err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}

// family are the processes of the renderer that run now.
func family() []int {
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	var pids []int
	for _, link := range links {
		if program, err := os.Readlink(link); err == nil && program == renderer {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link))); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// resident is the memory of the renderers and of this process in megabytes.
func resident() float64 {
	total := 0.0
	for _, pid := range append(family(), os.Getpid()) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
		if err != nil {
			continue // it was replaced meanwhile
		}
		pages, err := strconv.ParseFloat(strings.Fields(string(text))[1], 64)
		if err == nil {
			total += pages * float64(os.Getpagesize()) / (1 << 20)
		}
	}
	return total
}

func openFiles(tb testing.TB) int {
	tb.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		tb.Fatal(err)
	}
	return len(list)
}

// leftovers are the files below a folder.
func leftovers(tb testing.TB, root string) []string {
	tb.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if path != root {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return found
}
