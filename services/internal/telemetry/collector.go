package telemetry

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// garbageBytes is how much garbage may gather beside what is in use before it is collected.
	garbageBytes = 64 << 20
	// leastPercent and mostPercent bound what that comes to, in percent of what is in use.
	leastPercent = 50
	mostPercent  = 1600
	firstPercent = 400
	percentStep  = 25
)

// TuneCollector lets garbage gather by its amount, not in proportion to what is in use, unless the environment says how
// often it is collected (GOGC). It is for processes that hold no pictures: what sinks hold is small and short-lived, and by
// proportion they spend a fifth of their time on collecting it. Beyond 128 MiB in use garbage is half of that.
func TuneCollector() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(firstPercent)
	afterCollection(firstPercent)
}

// afterCollection looks after every collection what is in use: garbage that is collected together with whatever else there
// is tells of it.
func afterCollection(percent int) {
	runtime.AddCleanup(new([64]byte), func(percent int) {
		if next := percentFor(inUse()); next != percent {
			debug.SetGCPercent(next)
			percent = next
		}
		afterCollection(percent)
	}, percent)
}

// percentFor is the proportion that garbageBytes is of what is in use, in steps, because to change it stops the process for
// a moment.
func percentFor(inUse uint64) int {
	percent := garbageBytes * 100 / max(inUse, 1)
	return int(min(max(percent/percentStep*percentStep, leastPercent), mostPercent))
}

// inUse is what the proportion is of, in bytes: what the newest collection left on the heap, and the stacks and globals
// that it looked through. Ten thousand connections have twenty thousand stacks.
func inUse() uint64 {
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"},
	}
	metrics.Read(samples)
	total := uint64(0)
	for _, sample := range samples {
		total += sample.Value.Uint64()
	}
	return total
}
