// Package figure gathers what benchmarks measure and prints it last, one figure a line:
//
//	figure <name> <value> <unit>
//
// It is for benchmarks alone; no program links it.
package figure

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"
)

var (
	mu    sync.Mutex
	lines []string
)

// Add notes a figure. It may be called by several goroutines.
func Add(name string, value float64, unit string) {
	mu.Lock()
	defer mu.Unlock()
	lines = append(lines, fmt.Sprintf("figure %s %.4g %s", name, value, unit))
}

// Print writes the machine and then every figure; nothing when there is none.
func Print(w io.Writer) {
	mu.Lock()
	defer mu.Unlock()
	if len(lines) == 0 {
		return
	}
	_, _ = fmt.Fprintf(w, "\nmachine %s/%s, %d processors, %s, %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(),
		runtime.Version(), time.Now().UTC().Format(time.DateOnly))
	for _, line := range lines {
		_, _ = fmt.Fprintln(w, line)
	}
}

// Median is the middle value, the upper one of two. values is not empty.
func Median(values []float64) float64 { return Quantile(values, 0.5) }

// Quantile is the nearest rank of q, 0 to 1. values is not empty.
func Quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
