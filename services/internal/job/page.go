package job

import "time"

// The bounds of a page.
const (
	// LeastWindow and MostWindow bound the edges of the window, in pixels.
	LeastWindow = 16
	MostWindow  = 4096
	// MostDelay is the longest that a page may be given to draw itself.
	MostDelay = 30 * time.Second
)

// Page is a page of the web that is drawn as a picture.
type Page struct {
	// URL is an http or https address.
	URL string `json:"url"`
	// Width and Height are of the window, in pixels, LeastWindow to MostWindow.
	Width  int `json:"width"`
	Height int `json:"height"`
	// Delay is how long the page may go on after it was loaded, in its own time, at most MostDelay.
	Delay time.Duration `json:"delay,omitempty"`
}
