package app

import (
	"os"
	"runtime/debug"
	"slices"
)

// CollectorPercent is how much garbage there may be beside what is in use, in percent, before it is collected, in processes
// that hold no pictures. What they hold is small and short-lived: with the usual hundred they spend a fifth of their time on
// collecting it.
const CollectorPercent = 200

// tuneCollector sets the percentage unless the environment does, or the process is one that holds pictures.
func tuneCollector(rows []Row) {
	holdsPictures := slices.ContainsFunc(rows, func(row Row) bool { return row.stage != sinkStage })
	if os.Getenv("GOGC") == "" && !holdsPictures {
		debug.SetGCPercent(CollectorPercent)
	}
}
