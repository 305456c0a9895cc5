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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A write beyond the file size limit must be an error that services can answer for, not the end of the process.
	signal.Ignore(syscall.SIGXFSZ)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
