// Command crasher is the renderer, but for one thing: a picture that ends in the word CRASH ends it by a bad pointer, as
// a fault in a decoder would. It is for tests, and never ships.
package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"unsafe"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/vips"
)

func main() {
	engine, err := vips.Start(slices.Contains(os.Args[1:], imaging.Documents))
	if err == nil {
		err = imaging.ServeRenderer(faulty{engine})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "crasher:", err)
		os.Exit(1)
	}
}

type faulty struct{ *vips.Engine }

// Render renders, or ends the process.
func (f faulty) Render(o imaging.Order, sink imaging.Sink) (imaging.Facts, error) {
	if bytes.HasSuffix(o.Source, []byte("CRASH")) {
		*(*int)(unsafe.Pointer(uintptr(len(o.Source) % 1))) = 1
	}
	return f.Engine.Render(o, sink)
}
