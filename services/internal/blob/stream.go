package blob

import (
	"context"
	"errors"
	"fmt"
	"io"

	"gocloud.dev/blob"
)

// stream reads one blob of a bucket from any place on. A connection that is lost in the middle is made again where it
// broke off, and only goes on when the blob is still the same.
type stream struct {
	ctx    context.Context //nolint:containedctx // Read has none, and connects when it must
	bucket *bucket
	key    string
	info   Info
	offset int64

	// body gives what is at at, or is nil.
	body    *blob.Reader
	at      int64
	reading context.Context //nolint:containedctx // that of body alone, which its patience ends
	waiting *patience
	cancel  context.CancelFunc
	lost    int
}

// Read reads on from where the last Read or Seek left off. It fails with [ErrChanged], the error of the context that the
// blob was opened with, or what the bucket says after the last try.
func (s *stream) Read(p []byte) (int, error) {
	for {
		n, err := s.once(p)
		s.offset += int64(n)
		s.at = s.offset
		if err == nil || errors.Is(err, io.EOF) && s.offset >= s.info.Size {
			s.lost = 0
			return n, err
		}
		if s.body == nil {
			return n, err // it could not be connected to, after all the tries there are
		}
		if s.offset >= s.info.Size {
			return n, fmt.Errorf("%w: %w", errDamaged, err) // all of it came, so this is about its checksum
		}
		s.drop()
		if n > 0 {
			s.lost = 0
			return n, nil // what came is good, and the rest is asked for by the next Read
		}
		if err := s.again(err); err != nil {
			return 0, err
		}
	}
}

// again waits until it is time to connect again after err, or returns why there is no use in that.
func (s *stream) again(err error) error {
	if s.lost++; s.lost >= tries || s.ctx.Err() != nil {
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	return sleep(s.ctx, pause(s.lost-1))
}

// once is one try at reading.
func (s *stream) once(p []byte) (int, error) {
	if s.body != nil && s.at != s.offset {
		s.drop()
	}
	if s.body == nil {
		if s.offset >= s.info.Size {
			return 0, io.EOF
		}
		if err := s.connect(); err != nil {
			return 0, s.changed(err)
		}
	}
	s.waiting.wait()
	defer s.waiting.rest()
	n, err := s.body.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = s.bucket.failure(s.reading, err)
	}
	return n, err
}

// connect asks for the blob from the offset on; the first time, it learns what the blob is.
func (s *stream) connect() error {
	reading, waiting, cancel := newPatience(s.ctx, s.bucket.patience)
	body, err := s.bucket.blobs.NewRangeReader(reading, s.key, s.offset, -1, nil)
	if err != nil {
		defer cancel()
		return s.bucket.failure(reading, err)
	}
	waiting.rest()
	info := s.bucket.info(body.ContentType(), body.Size(), body.ModTime(), body.As)
	if s.info.ETag != "" && s.info.ETag != info.ETag {
		_ = body.Close()
		cancel()
		return ErrChanged
	}
	s.body, s.at, s.info = body, s.offset, info
	s.reading, s.waiting, s.cancel = reading, waiting, cancel
	return nil
}

// changed tells whether connecting failed because there is another blob now, which may be too short to begin there.
func (s *stream) changed(err error) error {
	now, unknown := s.bucket.stat(s.ctx, s.key)
	switch {
	case errors.Is(unknown, ErrNotFound):
		return unknown
	case unknown == nil && now.ETag != s.info.ETag:
		return ErrChanged
	default:
		return err
	}
}

// drop lets go of the connection.
func (s *stream) drop() {
	if s.body == nil {
		return
	}
	s.cancel()
	_ = s.body.Close() // read only
	s.body = nil
}

func (s *stream) close() error {
	s.drop()
	return nil
}

// Seek sets where the next Read begins. It asks the bucket for nothing. It fails for a place before the beginning.
func (s *stream) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.offset
	case io.SeekEnd:
		offset += s.info.Size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek in blob %s: before its beginning", s.key)
	}
	s.offset = offset
	return offset, nil
}
