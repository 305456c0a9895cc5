package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"
	"gocloud.dev/gcerrors"
)

const (
	// partSize, the smallest that S3 takes, and partsAtATime bound what an upload holds in memory, to some 40 MB with what
	// the library reads before it knows that there are parts. 10,000 of them may be, so the largest blob has 50 GB.
	partSize     = 5 << 20
	partsAtATime = 2
)

// bucket keeps blobs in a bucket of some provider.
type bucket struct {
	provider

	patience     time.Duration
	cacheControl string
}

// provider is what differs between the services.
type provider struct {
	blobs *blob.Bucket
	// etag takes the ETag out of an answer that holds a blob or its attributes, or is nil where there is none.
	etag func(as func(any) bool) string
	// prepare sets what is particular about a write, if anything is.
	prepare func(as func(any) bool) error
	// stopsAtErrors is whether an upload whose body cannot be read is aborted. Otherwise it would end as if all had come,
	// and so its context has to end before.
	stopsAtErrors bool
	// sign tells how a PUT of somebody else is signed, or is nil where there is none.
	sign func(a Announcement) signing
	// absence tells what an error says of the blob.
	absence func(err error) absence
	// close lets go of the connections.
	close func()
}

// absence is what an error of a provider says about whether there is a blob.
type absence int

const (
	// absentNot is any error that is not about absence, though gocloud.dev may take it for one.
	absentNot absence = iota
	// absentKey is a bucket without the blob.
	absentKey
	// absentSomething is an answer that fits a missing blob and a missing bucket.
	absentSomething
	// absentBucket is no bucket.
	absentBucket
)

// openers make the provider of each scheme.
var openers = map[string]func(ctx context.Context, c Config) (provider, error){
	schemeS3: openS3, schemeGCS: openGCS, schemeAzure: openAzure, schemeMemory: openMemory,
}

func openMemory(context.Context, Config) (provider, error) {
	return provider{blobs: memblob.OpenBucket(nil), absence: func(error) absence { return absentKey }, close: func() {}}, nil
}

func openBucket(ctx context.Context, c Config) (*bucket, error) {
	p, err := openers[c.URL.scheme](ctx, c)
	if err != nil {
		return nil, withoutQuery(err)
	}
	if prefix := c.URL.prefix(); prefix != "" {
		p.blobs = blob.PrefixedBucket(p.blobs, prefix)
	}
	b := &bucket{provider: p, patience: c.patience(), cacheControl: c.URL.options.Get("cache_control")}
	if err := b.look(ctx); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

// look tells whether the bucket is there and lets itself be listed. Without leave to list, S3 answers "forbidden" for a
// blob that is not there, and so nothing could be told from anything.
func (b *bucket) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, b.patience, errPatience)
	defer cancel()
	there, err := b.blobs.IsAccessible(ctx)
	if err == nil && !there {
		return ErrBucket
	}
	return b.failure(ctx, err)
}

func (b *bucket) close() error {
	err := b.blobs.Close()
	b.provider.close()
	return err
}

func (b *bucket) put(ctx context.Context, key string, body io.Reader, contentType string) error {
	ctx, waiting, cancel := newPatience(ctx, b.patience)
	defer cancel()
	source := &watched{body: body, waiting: waiting}
	if !b.stopsAtErrors {
		source.stop = cancel
	}
	err := b.blobs.Upload(ctx, key, source, &blob.WriterOptions{
		ContentType: contentType, CacheControl: b.cacheControl, BufferSize: partSize, MaxConcurrency: partsAtATime,
		BeforeWrite: b.prepare,
	})
	if source.err != nil {
		return source.err
	}
	return b.failure(ctx, err)
}

// watched lets the bucket's patience rest while the body is read, and keeps the body's error.
type watched struct {
	body    io.Reader
	waiting *patience
	stop    context.CancelFunc
	err     error
}

func (w *watched) Read(p []byte) (int, error) {
	w.waiting.rest()
	defer w.waiting.wait()
	n, err := w.body.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
		if w.stop != nil {
			w.stop()
		}
	}
	return n, err
}

func (b *bucket) open(ctx context.Context, key string) (*Reader, error) {
	s := &stream{ctx: ctx, bucket: b, key: key}
	if err := s.connect(); err != nil { //nolint:contextcheck // a stream keeps its context
		return nil, b.absent(ctx, err)
	}
	return &Reader{ReadSeeker: s, Info: s.info, close: s.close}, nil
}

func (b *bucket) stat(ctx context.Context, key string) (Info, error) {
	limited, cancel := context.WithTimeoutCause(ctx, b.patience, errPatience)
	defer cancel()
	attrs, err := b.blobs.Attributes(limited, key)
	if err != nil {
		return Info{}, b.absent(ctx, b.failure(limited, err))
	}
	return b.info(attrs.ContentType, attrs.Size, attrs.ModTime, attrs.As), nil
}

func (b *bucket) remove(ctx context.Context, key string) error {
	limited, cancel := context.WithTimeoutCause(ctx, b.patience, errPatience)
	defer cancel()
	if err := b.blobs.Delete(limited, key); err != nil {
		return b.absent(ctx, b.failure(limited, err))
	}
	return nil
}

func (b *bucket) info(contentType string, size int64, modified time.Time, as func(any) bool) Info {
	info := infoOf(contentType, size, modified)
	if b.etag != nil {
		info.ETag = b.etag(as)
	}
	return info
}

// absent tells a missing blob from a missing bucket and from everything that gocloud.dev takes for either: to it a
// forbidden blob in GCS is not found, and neither is a host without an address.
func (b *bucket) absent(ctx context.Context, err error) error {
	if gcerrors.Code(err) != gcerrors.NotFound {
		return err
	}
	switch b.absence(err) {
	case absentKey:
		return ErrNotFound
	case absentBucket:
		return fmt.Errorf("%w: %w", ErrBucket, err)
	case absentSomething:
		if looked := b.look(ctx); looked != nil {
			return looked
		}
		return ErrNotFound
	default:
		return err
	}
}

// failure is err with the cause of the context's end, if that is what it comes from.
func (b *bucket) failure(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	err = withoutQuery(err)
	if ctx.Err() == nil {
		return err
	}
	return fmt.Errorf("%w: %w", context.Cause(ctx), err)
}

// withoutQuery takes the query off an address in an error: with Azure it may be a signature that opens the container.
func withoutQuery(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		if u, parse := url.Parse(failed.URL); parse == nil {
			u.RawQuery = ""
			failed.URL = u.String()
		}
	}
	return err
}
