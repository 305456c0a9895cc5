package callback

import (
	"time"

	"github.com/ringback/ringback/services/internal/bus"
)

// WindowEnd is when the window of an item ends that a moment falls into.
func WindowEnd(t time.Time, window time.Duration, application, item string) time.Time {
	return windowsOf(window, bus.MediaKey(application, item)).end(t)
}

// ID is the id of the callback of an item's window.
func ID(application, id string, end time.Time) string {
	return callbackID(&item{application: application, id: id}, end.UnixNano())
}
