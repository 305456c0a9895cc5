// Command ringback-render turns pictures into others. It is started by ringback, which keeps a few of it warm, and speaks
// with it over two pipes; it has no configuration of its own, and one argument: documents allows PDF, SVG and JPEG XL.
package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/vips"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "ringback-render:", err)
		os.Exit(1)
	}
}

func run() error {
	engine, err := vips.Start(slices.Contains(os.Args[1:], imaging.Documents))
	if err != nil {
		return err
	}
	return imaging.ServeRenderer(engine)
}
