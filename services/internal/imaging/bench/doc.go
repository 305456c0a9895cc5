// Package bench measures renderers against the C loop in cloop, which is as fast as libvips gets on these pictures, and
// several outputs of one job against several jobs. `go tool task bench:imaging` runs it.
package bench
