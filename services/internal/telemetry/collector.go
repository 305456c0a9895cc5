package telemetry

import (
	"os"
	"runtime/debug"
)

// collectorPercent is how much garbage there may be beside what is in use, in percent, before it is collected. What sinks
// hold is small and short-lived: with the usual hundred they spend a fifth of their time on collecting it.
const collectorPercent = 200

// TuneCollector lets garbage be collected less often, unless the environment says how often (GOGC). It is for processes that
// hold no pictures.
func TuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectorPercent)
	}
}
