package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/app"
	"github.com/ringback/ringback/services/internal/figure"
)

const (
	vastEdge = 6000 // 36 megapixels
	vastJobs = 40
)

// BenchmarkRenderMemory watches the memory of the processor and its renderers while four of them make small pictures of
// vast ones. Pages that they share count once (PSS).
func BenchmarkRenderMemory(b *testing.B) {
	picture := photograph(b, vastEdge)
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(picture) }))
	defer source.Close()
	for b.Loop() {
		in := processPerService(b, "RINGBACK_RENDER_WORKERS=4")
		token := in.secrets().Token
		processor := in.processes[slices.Index(app.Names(), "processor")].command.Process.Pid
		watching, stop := context.WithCancel(b.Context())
		var peak float64
		var watch sync.WaitGroup
		watch.Go(func() {
			for watching.Err() == nil {
				peak = max(peak, household(b, processor))
				time.Sleep(20 * time.Millisecond)
			}
		})
		arrived := timedReceiver(b)
		for i := range vastJobs {
			in.submit(token, map[string]any{
				"source": map[string]any{"url": source.URL},
				"recipe": map[string]any{"steps": []any{map[string]any{
					"op": "fit", "params": map[string]any{"width": 500}, "save": map[string]any{"id": "small", "format": "jpeg"},
				}}},
				"notify": []any{postbackTo(fmt.Sprintf("%s/%d", arrived.url, i))},
			}, nil)
		}
		arrived.wait(b, vastJobs)
		stop()
		watch.Wait()
		figure.Add("imaging.pss_peak_mb", peak, "MB")
	}
}

// household is the memory of a process and its children in megabytes.
func household(b *testing.B, pid int) float64 {
	b.Helper()
	total := pss(pid)
	tasks, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	for _, task := range tasks {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, task.Name()))
		for field := range strings.FieldsSeq(string(text)) {
			child, err := strconv.Atoi(field)
			if err != nil {
				b.Fatal(err)
			}
			total += pss(child)
		}
	}
	return total
}

// pss is the memory of a process in megabytes, 0 when it has ended.
func pss(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "Pss:"); found {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err == nil {
				return kib / 1024
			}
		}
	}
	return 0
}
