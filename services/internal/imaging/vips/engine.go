// Package vips renders pictures with libvips. It is the only package with cgo, and only ringback-render links it: no
// image library is ever mapped into a process that holds secrets.
//
// It allows no loader or saver but those of the formats that Ringback names, keeps no cache, and uses one thread for a
// picture: the pool works on several pictures at a time instead.
package vips

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging"
)

// fatPicture is the number of pixels in memory from which it is handed back to the system after the picture. That costs
// the next picture a page fault for every 4 KiB, so small ones go without.
const fatPicture = 8_000_000

// Engine implements [imaging.Engine]. It renders one picture at a time: libvips keeps one error text for the whole
// process.
type Engine struct{}

var _ imaging.Engine = (*Engine)(nil)

// Start brings up libvips, with the loaders of documents where they are wanted. It may be called once in a process, and
// fails when libvips does not start or cannot write its colour profiles.
func Start(documents bool) (*Engine, error) {
	// libvips reads this once, when it starts.
	if err := os.Setenv("VIPS_BLOCK_UNTRUSTED", "1"); err != nil {
		return nil, fmt.Errorf("block untrusted loaders: %w", err)
	}
	vips.LoggingSettings(printError, vips.LogLevelError)
	if err := vips.Startup(&vips.Config{ConcurrencyLevel: 1}); err != nil {
		return nil, fmt.Errorf("start libvips: %w", err)
	}
	allowOnly(loaders, savers)
	if documents {
		allow(documentLoaders)
	}
	if err := loadProfiles(); err != nil {
		return nil, err
	}
	return &Engine{}, nil
}

// printError hands libvips' own words to the pool's debug log, by way of standard error.
func printError(domain string, _ vips.LogLevel, message string) {
	fmt.Fprintln(os.Stderr, domain, message)
}

// Name is libvips and its version.
func (*Engine) Name() string { return "libvips " + vips.Version }

// Render implements [imaging.Engine].
func (*Engine) Render(o imaging.Order, sink imaging.Sink) (imaging.Facts, error) {
	// libvips reads sources through bare pointers for as long as any picture made from them lives.
	defer runtime.KeepAlive(o)
	src, err := open(o.Source, o.Recipe, o.Limits)
	if err != nil {
		return imaging.Facts{}, err
	}
	first, pixels, err := renderPages(o, src, &inTurn{Sink: sink})
	if err != nil {
		return imaging.Facts{}, err
	}
	if pixels >= fatPicture {
		debug.FreeOSMemory()
		trimHeap()
	}
	facts := imaging.Facts{
		Width: first.picture.Size.Width, Height: first.picture.Size.Height, Format: string(src.picture.Format),
		Bytes: int64(len(o.Source)), Pages: src.pages, DPI: src.dpi,
	}
	if len(o.Recipe.Inspect) > 0 {
		facts.Details = inspect(first, o.Recipe.Inspect)
	}
	return facts, nil
}

// renderPages applies the recipe to each of its pages, or once to the picture. It returns the first page and the number
// of pixels that were in memory at a time.
func renderPages(o imaging.Order, src source, sink imaging.Sink) (first source, pixels int64, err error) {
	pages, err := o.Recipe.PageList(src.pages, o.Limits)
	if err != nil {
		return src, 0, err
	}
	if pages == nil {
		j := newJob(o, src, sink)
		err := j.render()
		return src, j.pixels, err
	}
	if err := sink.Pages(pages); err != nil {
		return src, 0, err
	}
	for i, page := range pages {
		one, err := src.page(page)
		if err != nil {
			return src, 0, err
		}
		if i == 0 {
			first = one
		}
		j := newJob(o, one, sink)
		if err := j.render(); err != nil {
			return src, 0, err
		}
		pixels = max(pixels, j.pixels)
	}
	return first, pixels, nil
}

// inTurn is a sink that several encoders share.
type inTurn struct {
	imaging.Sink
	turn sync.Mutex
}

// Output hands on one output after the other.
func (s *inTurn) Output(r imaging.Rendered) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.Sink.Output(r)
}

// Failure hands on one failure after the other.
func (s *inTurn) Failure(f imaging.Failure) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.Sink.Failure(f)
}
