package blob

import "errors"

var (
	// ErrNotFound is returned when there is nothing under a key.
	ErrNotFound = errors.New("no such blob")
	// ErrContentType is returned when a content type is too long to be one, or missing where it is to be signed.
	ErrContentType = errors.New("content type is missing or too long")
	// ErrNoPresign is returned when there is no address of the store that could be given to others.
	ErrNoPresign = errors.New("the store has no addresses to give away")
	// ErrSize is returned when a blob turns out longer or shorter than was said.
	ErrSize = errors.New("the blob has another size than was said")
	// ErrChanged is returned when a blob was replaced while it was being read from a bucket, and its rest is gone.
	ErrChanged = errors.New("the blob was replaced while it was read")
	// ErrBucket is returned when it is the bucket that is not there, or does not let itself be seen.
	ErrBucket = errors.New("no such bucket, or no leave to list it")

	// errNoFile would mean that the library changed what it gives away.
	errNoFile = errors.New("the store is not made of files")
	// errDamaged is returned when what came of a blob is not what its checksum says.
	errDamaged = errors.New("the blob came damaged")
	// errExhausted is returned for the last try of a request, so that there is no other.
	errExhausted = errors.New("the bucket failed as often as it may")
	// errPatience is the cause of what was given up because the bucket did not get on.
	errPatience = errors.New("the bucket took too long")
)
