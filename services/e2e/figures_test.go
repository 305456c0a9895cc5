package e2e_test

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"
)

// figures are what the benchmarks measured. They are printed last, one a line: figure <name> <value> <unit>.
var figures struct {
	mu    sync.Mutex
	lines []string
}

func figure(name string, value float64, unit string) {
	figures.mu.Lock()
	defer figures.mu.Unlock()
	figures.lines = append(figures.lines, fmt.Sprintf("figure %s %.4g %s", name, value, unit))
}

func printFigures() {
	figures.mu.Lock()
	defer figures.mu.Unlock()
	if len(figures.lines) == 0 {
		return
	}
	fmt.Fprintf(os.Stdout, "\nmachine %s/%s, %d processors, %s, %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(),
		runtime.Version(), time.Now().UTC().Format(time.DateOnly))
	for _, line := range figures.lines {
		fmt.Fprintln(os.Stdout, line)
	}
}

func median(values []float64) float64 { return quantile(values, 0.5) }

// quantile is the nearest rank.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
