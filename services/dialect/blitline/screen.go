package blitline

import (
	"fmt"
	"time"

	"github.com/ringback/ringback/services/internal/job"
)

const (
	// usualWidth and usualHeight are of the window, in pixels, when a job does not say.
	usualWidth  = 1024
	usualHeight = 768
	// usualDelay is how long a page is given when a job does not say.
	usualDelay = 5 * time.Second
	// mostSeconds is up to where a delay counts seconds: the format has both, and nobody means a tenth of a second.
	mostSeconds = 100
)

// screen reads a page of the web that is to be the picture.
func (t *translator) screen(doc, data loose) Source {
	page := job.Page{URL: doc.text("src"), Width: int(data.numberOr("width", usualWidth)), Height: usualHeight, Delay: usualDelay}
	if viewport := data.text("viewport"); viewport != "" {
		if n, err := fmt.Sscanf(viewport, "%dx%d", &page.Width, &page.Height); err != nil || n != 2 {
			t.refuse(InvalidParams, "The viewport '%.50s' cannot be read: expected a width and a height such as 1200x800", viewport)
		}
	}
	if delay, given := data.number("delay"); given {
		if delay < mostSeconds {
			delay *= 1000
		}
		page.Delay = min(job.MostDelay, time.Duration(max(0, delay))*time.Millisecond)
	}
	if least, most := min(page.Width, page.Height), max(page.Width, page.Height); least < job.LeastWindow || most > job.MostWindow {
		t.refuse(InvalidParams, "A window of %d by %d is not possible: expected edges of %d to %d pixels", page.Width, page.Height, job.LeastWindow, job.MostWindow)
	}
	if data.set("save_html") {
		t.refuse(UnsupportedOption, "The option 'save_html' of a screenshot is not supported")
	}
	if !validURL(page.URL) {
		t.refuse("source_unreadable", "The src is not an http or https URL")
	}
	return Source{Page: &page}
}
