package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	// defaultType is the content type of what was put without one.
	defaultType = "application/octet-stream"
	// maxType bounds a content type.
	maxType = 255
)

// Store keeps blobs in a folder or in a bucket. It is safe for concurrent use, by several processes too: of two that put
// the same key one wins, whole.
type Store struct{ place place }

// place is where the blobs of a store are. Keys and content types have been checked.
type place interface {
	put(ctx context.Context, key string, body io.Reader, contentType string) error
	open(ctx context.Context, key string) (*Reader, error)
	stat(ctx context.Context, key string) (Info, error)
	list(ctx context.Context, prefix, after string, n int) (list []Listed, next string, err error)
	remove(ctx context.Context, key string) error
	presign(ctx context.Context, key string, a Announcement) (Presigned, error)
	close() error
}

// Info is what is known of a blob without reading it.
type Info struct {
	ContentType string
	Size        int64
	ModTime     time.Time
	// ETag changes when the blob does. It is quoted, as HTTP wants it.
	ETag string
}

// Reader reads one blob, the one that was there when it was opened. When that one was replaced in a bucket meanwhile, what
// cannot be had any more fails with [ErrChanged]; a folder keeps it. Close it.
type Reader struct {
	io.ReadSeeker
	Info
	close func() error
}

// Close lets go of the blob. It fails with what the disk says.
func (r *Reader) Close() error { return r.close() }

// Open opens the store that config names: a bucket, or the folder at dir, which is made if it is missing. A bucket is
// looked into, so that a wrong name or secret is an error of this moment; the error names the setting. Call Close when done.
func Open(ctx context.Context, config Config, dir string) (*Store, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if config.URL.IsFolder() {
		return OpenFolder(dir)
	}
	bucket, err := openBucket(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("%s: open %s: %w", urlSetting, config.URL, err)
	}
	return &Store{place: bucket}, nil
}

// Close ends the use of the store.
func (s *Store) Close() error { return s.place.close() }

// Put stores data under key, in place of what was there. When it returns nil the blob survives a power cut. It fails with
// a [*KeyError], [ErrContentType], [ErrBucket], the error of ctx, or what the disk or the bucket says; the blob that was
// there before is then there still or, when only the last word was lost, all of the new one is. In a folder the old one
// may have the new content type.
func (s *Store) Put(ctx context.Context, key string, data []byte, contentType string) error {
	return s.put(ctx, key, bytes.NewReader(data), contentType)
}

// PutFrom stores what body holds, size bytes, without ever holding all of it: a few parts of some megabytes each. It fails
// as Put does, with the error of body, or with [ErrSize] when body ends early or goes on; then nothing of it is kept.
func (s *Store) PutFrom(ctx context.Context, key string, body io.Reader, size int64, contentType string) error {
	return s.put(ctx, key, &sized{body: body, left: size}, contentType)
}

func (s *Store) put(ctx context.Context, key string, body io.Reader, contentType string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if len(contentType) > maxType {
		return fmt.Errorf("put blob %s: %w", key, ErrContentType)
	}
	if contentType == "" {
		contentType = defaultType
	}
	if err := s.place.put(ctx, key, body, contentType); err != nil {
		return fmt.Errorf("put blob %s: %w", key, err)
	}
	return nil
}

// sized makes a body of the wrong size an error of reading, so that it stops whatever writes it.
type sized struct {
	body io.Reader
	left int64
}

func (s *sized) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	s.left -= int64(n)
	if s.left < 0 || err == io.EOF && s.left > 0 {
		return 0, ErrSize
	}
	return n, err
}

// Get reads the blob under key whole, with its content type. It fails with [ErrNotFound], a [*KeyError], [ErrBucket], the
// error of ctx, or what the disk or the bucket says.
func (s *Store) Get(ctx context.Context, key string) (data []byte, contentType string, err error) {
	for attempt := range tries {
		var r *Reader
		if r, err = s.NewReader(ctx, key); err != nil {
			return nil, "", err
		}
		data, err = readAll(r)
		_ = r.Close() // read only
		if err == nil {
			return data, r.ContentType, nil
		}
		// Reading anew helps when another blob came in between, or this one's checksum is wrong. Whatever else went wrong has
		// been tried again already.
		anew := errors.Is(err, ErrChanged) || errors.Is(err, errDamaged)
		if !anew || attempt == tries-1 || sleep(ctx, pause(attempt)) != nil {
			break
		}
	}
	return nil, "", fmt.Errorf("get blob %s: %w", key, err)
}

func readAll(r *Reader) ([]byte, error) {
	var buffer bytes.Buffer
	// More than the size, so that the end, where checksums are told, is seen without growing.
	buffer.Grow(int(r.Size) + bytes.MinRead)
	if _, err := buffer.ReadFrom(r); err != nil {
		return nil, err
	}
	if int64(buffer.Len()) != r.Size {
		return nil, io.ErrUnexpectedEOF
	}
	return buffer.Bytes(), nil
}

// NewReader opens the blob under key for reading in parts, until ctx ends. It fails as Get does.
func (s *Store) NewReader(ctx context.Context, key string) (*Reader, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	r, err := s.place.open(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("get blob %s: %w", key, err)
	}
	return r, nil
}

// Stat tells what is known of the blob under key. It fails as Get does.
func (s *Store) Stat(ctx context.Context, key string) (Info, error) {
	if err := CheckKey(key); err != nil {
		return Info{}, err
	}
	info, err := s.place.stat(ctx, key)
	if err != nil {
		return Info{}, fmt.Errorf("stat blob %s: %w", key, err)
	}
	return info, nil
}

// Delete removes the blob under key. It fails as Get does. After a power cut a blob deleted from a folder may be back.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := s.place.remove(ctx, key); err != nil {
		return fmt.Errorf("delete blob %s: %w", key, err)
	}
	return nil
}
