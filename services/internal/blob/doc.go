// Package blob keeps pictures at rest: sources that came with a request, outputs, results too large for a message. They
// lie in a folder of this machine through gocloud.dev/blob, whose other stores are for several machines.
//
// A message on the bus names what was stored, and must never name what a power cut took away. The library renames a
// finished file into place and leaves the rest to the operating system, so this package syncs, in this order: the file
// before it gets its name, and the folder that holds the name, and any new folder above it, before Put returns. The
// content type is a file of its own beside the picture, written the same way before it: the library's own is written in
// place, where a reader or a power cut can catch it half done.
package blob
