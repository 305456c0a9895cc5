// Command ringback is the whole of Ringback but for the renderer: every service, and the command line to use and to
// look after them. `ringback --help` is its manual.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(untilStopped())
}

// untilStopped executes the command line of the process, which a signal ends in good order.
func untilStopped() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A write beyond the file size limit must be an error that services can answer for, not the end of the process.
	signal.Ignore(syscall.SIGXFSZ)
	return run(ctx, os.Args[1:], os.Stdout, os.Stderr)
}
