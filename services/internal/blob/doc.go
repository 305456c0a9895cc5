// Package blob keeps pictures at rest: sources that came with a request, outputs, results too large for a message. They
// lie in a folder of this machine, or for several machines in a bucket of S3, Google Cloud Storage or Azure, through
// gocloud.dev/blob.
//
// A message on the bus names what was stored, and must never name what a power cut took away. The library renames a
// finished file into place and leaves the rest to the operating system, so in a folder this package syncs, in this order:
// the file before it gets its name, and the folder that holds the name, and any new folder above it, before Put returns.
// The content type is a file of its own beside the picture, written the same way before it: the library's own is written
// in place, where a reader or a power cut can catch it half done. A bucket answers when it has the blob for good.
//
// All requests to a bucket are repeated by one law, which retry.go has, and every operation ends: one that stands still
// is given up after a time, however large the blob is.
package blob
