package telemetry

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// garbageBytes is how much garbage may gather beside what is in use before it is collected.
	garbageBytes = 96 << 20
	// leastPercent and mostPercent bound what that comes to, in percent of what is in use.
	leastPercent = 100
	mostPercent  = 1600
	firstPercent = 400
)

// TuneCollector lets garbage gather by its amount, not in proportion to what is in use, unless the environment says how
// often it is collected (GOGC). It is for processes that hold no pictures: what sinks hold is small and short-lived, and by
// proportion they spend a fifth of their time on collecting it. Beyond 96 MiB in use it is as it always is.
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
	return int(min(max(percent/leastPercent*leastPercent, leastPercent), mostPercent))
}

// inUse is how much the newest collection left on the heap, in bytes.
func inUse() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
