// Command ringback-render turns pictures into others. It is started by ringback, which keeps a few of it warm, and speaks
// with it over two pipes; it has no flags and no configuration of its own.
package main

import (
	"fmt"
	"os"

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
	engine, err := vips.Start()
	if err != nil {
		return err
	}
	return imaging.ServeRenderer(engine)
}
