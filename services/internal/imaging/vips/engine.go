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

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// fatPicture is the number of pixels in memory from which it is handed back to the system after the picture. That costs
// the next picture a page fault for every 4 KiB, so small ones go without.
const fatPicture = 8_000_000

// Engine implements [imaging.Engine]. It is not safe for use by several goroutines: libvips keeps one error text for the
// whole process.
type Engine struct{}

var _ imaging.Engine = (*Engine)(nil)

// Start brings up libvips. It may be called once in a process, and fails when libvips does not start or lacks a loader
// or saver that is needed.
func Start() (*Engine, error) {
	// libvips reads this once, when it starts.
	if err := os.Setenv("VIPS_BLOCK_UNTRUSTED", "1"); err != nil {
		return nil, fmt.Errorf("block untrusted loaders: %w", err)
	}
	vips.LoggingSettings(printError, vips.LogLevelError)
	if err := vips.Startup(&vips.Config{ConcurrencyLevel: 1}); err != nil {
		return nil, fmt.Errorf("start libvips: %w", err)
	}
	allowOnly(loaders, savers)
	// Colour profiles are written to files on first use, which is before files are forbidden.
	for _, profile := range []func() (string, error){
		vips.GetSRGBV2MicroICCProfilePath, vips.GetSGrayV2MicroICCProfilePath, vips.GetSRGBIEC6196621ICCProfilePath,
	} {
		if _, err := profile(); err != nil {
			return nil, fmt.Errorf("write colour profile: %w", err)
		}
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
func (*Engine) Render(r recipe.Recipe, source []byte, sink imaging.Sink) (imaging.Facts, error) {
	// libvips reads the source through a bare pointer for as long as any picture made from it lives.
	defer runtime.KeepAlive(source)
	src, err := open(source)
	if err != nil {
		return imaging.Facts{}, err
	}
	job := job{source: src, saves: r.Outputs(), sink: sink, reported: map[int]bool{}}
	if err := job.render(r); err != nil {
		return imaging.Facts{}, err
	}
	if job.pixels >= fatPicture {
		debug.FreeOSMemory()
		trimHeap()
	}
	return imaging.Facts{
		Width: src.picture.Size.Width, Height: src.picture.Size.Height,
		Format: string(src.picture.Format), Bytes: int64(len(source)),
	}, nil
}
